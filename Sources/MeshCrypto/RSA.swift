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
