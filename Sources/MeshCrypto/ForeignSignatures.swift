import MeshCore

/// RSA signatures of foreign peers: PKCS #1 v1.5 over SHA-256, public keys as DER SubjectPublicKeyInfo.
public enum RSA {
    /// The key sizes that are verified.
    ///
    /// Source: go-libp2p core/crypto/rsa_common.go, MinRsaKeyBits and maxRsaKeyBits; the upper limit bounds the
    /// time that a stranger's key can cost.
    public static let bitCounts = 2048...8192

    /// Whether `signature` is that of `message` by the owner of `publicKey`.
    public static func verify(signature: RawSpan, of message: RawSpan, publicKey: RawSpan) -> Bool {
        guard let key = SubjectPublicKey(der: publicKey), key.isRSA, bitCounts.contains(key.bitCount) else {
            return false
        }
        return key.verifySHA256(signature: signature, of: message)
    }

    /// Whether `publicKey` is a key that ``verify(signature:of:publicKey:)`` accepts.
    public static func isValid(publicKey: RawSpan) -> Bool {
        guard let key = SubjectPublicKey(der: publicKey) else { return false }
        return key.isRSA && bitCounts.contains(key.bitCount)
    }
}

/// ECDSA signatures of foreign peers: DER over SHA-256, public keys as DER SubjectPublicKeyInfo.
///
/// Only the named curves P-256, P-384 and P-521 with uncompressed points, which is what crypto/x509 of Go and
/// the others write. Explicit curve parameters never reach the library.
public enum ECDSA {
    /// Everything before the point's coordinates, by curve (RFC 5480), and the coordinates' byte count.
    private static let forms: [(header: [UInt8], coordinateByteCount: Int)] = [
        (
            [
                0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08,
                0x2a,
                0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04,
            ], 64
        ),
        (
            [
                0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05,
                0x2b,
                0x81, 0x04, 0x00, 0x22, 0x03, 0x62, 0x00, 0x04,
            ], 96
        ),
        (
            [
                0x30, 0x81, 0x9b, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06,
                0x05,
                0x2b, 0x81, 0x04, 0x00, 0x23, 0x03, 0x81, 0x86, 0x00, 0x04,
            ], 132
        ),
    ]

    /// Whether `signature` is that of `message` by the owner of `publicKey`.
    public static func verify(signature: RawSpan, of message: RawSpan, publicKey: RawSpan) -> Bool {
        guard hasNamedCurve(publicKey), let key = SubjectPublicKey(der: publicKey) else { return false }
        return key.verifySHA256(signature: signature, of: message)
    }

    /// Whether `publicKey` is a point of one of the curves in the accepted form.
    public static func isValid(publicKey: RawSpan) -> Bool {
        hasNamedCurve(publicKey) && SubjectPublicKey(der: publicKey) != nil
    }

    private static func hasNamedCurve(_ der: RawSpan) -> Bool {
        forms.contains { form in
            der.byteCount == form.header.count + form.coordinateByteCount
                && der.extracting(0..<form.header.count).equals(form.header)
        }
    }
}

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
