import CSodium
import MeshCore

/// An X25519 private key (RFC 7748): the Diffie-Hellman of Noise.
public final class X25519PrivateKey: Sendable {
    /// The public key that belongs to it.
    public let publicKey: Bytes32
    private let scalar: SecretBytes

    /// Creates the key of a 32-byte scalar, which the curve function clamps.
    public init(_ scalar: Bytes32) {
        Sodium.prepare()
        let secret = SecretBytes(scalar)
        publicKey = Bytes32(filledBy: { result in
            _ = crypto_scalarmult_curve25519_base(result, secret.pointer)
        })
        self.scalar = secret
    }

    /// Creates a key from the next 32 bytes of `rng`.
    public convenience init(using rng: inout some RandomNumberGenerator) {
        self.init(.random(using: &rng))
    }

    /// The secret shared with the owner of `peer`; throws ``CryptoError/lowOrderPublicKey`` when it is all zero.
    public func sharedSecret(with peer: Bytes32) throws(CryptoError) -> Bytes32 {
        var status: Int32 = -1
        let secret = Bytes32(filledBy: { result in
            peer.withPointer { point in
                status = crypto_scalarmult_curve25519(result, scalar.pointer, point)
            }
        })
        guard status == 0 else { throw .lowOrderPublicKey }
        return secret
    }
}
