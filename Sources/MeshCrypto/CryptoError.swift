/// Why a cryptographic operation gives no result; no case carries key material.
public enum CryptoError: Error, Hashable, Sendable {
    /// The ciphertext, its nonce, its additional data or its key is not the one that was sealed.
    case authenticationFailed(byteCount: Int)
    /// The ciphertext cannot even hold its tag.
    case ciphertextTooShort(byteCount: Int, minimum: Int)
    /// The peer's X25519 key gives an all-zero shared secret, which anyone could know.
    case lowOrderPublicKey
}

extension CryptoError: CustomStringConvertible {
    /// What happened and what to do.
    public var description: String {
        switch self {
        case .authenticationFailed(let byteCount):
            "a sealed message of \(byteCount) bytes does not authenticate; close the connection"
        case .ciphertextTooShort(let byteCount, let minimum):
            "a sealed message of \(byteCount) bytes is shorter than its \(minimum)-byte tag; close the connection"
        case .lowOrderPublicKey:
            "the peer's X25519 key is a point of low order; close the connection"
        }
    }
}
