import MeshCore

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

    /// The same for a compressed point of P-256.
    private static let compressedP256Header: [UInt8] = [
        0x30, 0x39, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
        0x48,
        0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x22, 0x00,
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

    /// The 33-byte compressed point of a P-256 key, nil for keys of other curves.
    public static func compressedP256Point(of publicKey: RawSpan) -> [UInt8]? {
        let header = forms[0].header
        guard publicKey.byteCount == header.count + 64, isValid(publicKey: publicKey) else { return nil }
        let sign = publicKey.byte(at: publicKey.byteCount - 1) & 1
        return [2 + sign] + publicKey.array(header.count..<header.count + 32)
    }

    /// The SubjectPublicKeyInfo of a 33-byte compressed point of P-256, nil when it is none.
    public static func publicKey(compressedP256Point point: RawSpan) -> [UInt8]? {
        guard point.byteCount == 33, point.byte(at: 0) == 2 || point.byte(at: 0) == 3 else { return nil }
        var der = compressedP256Header
        der.append(point)
        guard let coordinates = SubjectPublicKey(der: der.span.bytes)?.coordinates(byteCount: 32) else {
            return nil
        }
        return forms[0].header + coordinates
    }

    private static func hasNamedCurve(_ der: RawSpan) -> Bool {
        forms.contains { form in
            der.byteCount == form.header.count + form.coordinateByteCount
                && der.extracting(0..<form.header.count).equals(form.header)
        }
    }
}
