import MeshCore

/// secp256k1 signatures of foreign peers: DER over SHA-256, public keys as 33-byte compressed points.
public enum Secp256k1 {
    /// The number of bytes of a public key.
    public static let publicKeyByteCount = 33
    /// The SubjectPublicKeyInfo of a compressed point up to the point (RFC 5480 with the curve OID of SEC 2).
    private static let header: [UInt8] = [
        0x30, 0x36, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b, 0x81,
        0x04, 0x00, 0x0a, 0x03, 0x22, 0x00,
    ]

    /// Whether `signature` is that of `message` by the owner of `publicKey`.
    public static func verify(signature: RawSpan, of message: RawSpan, publicKey: RawSpan) -> Bool {
        guard let der = subjectPublicKeyInfo(publicKey), let key = SubjectPublicKey(der: der.span.bytes)
        else {
            return false
        }
        return key.verifySHA256(signature: signature, of: message)
    }

    /// Whether `publicKey` is a compressed point of the curve.
    public static func isValid(publicKey: RawSpan) -> Bool {
        guard let der = subjectPublicKeyInfo(publicKey) else { return false }
        return SubjectPublicKey(der: der.span.bytes) != nil
    }

    private static func subjectPublicKeyInfo(_ point: RawSpan) -> [UInt8]? {
        guard point.byteCount == publicKeyByteCount, point.byte(at: 0) == 2 || point.byte(at: 0) == 3 else {
            return nil
        }
        var der = header
        der.append(point)
        return der
    }
}
