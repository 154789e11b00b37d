import CSodium
import MeshCore

/// An Ed25519 private key (RFC 8032).
public final class Ed25519PrivateKey: Sendable {
    /// The public key that belongs to it.
    public let publicKey: Bytes32
    /// libsodium's form: the seed and behind it the public key.
    private let secret: SecretBytes

    /// Creates the key of a 32-byte seed.
    public init(seed: Bytes32) {
        Sodium.prepare()
        var publicKey = Bytes32.zero
        secret = SecretBytes(byteCount: 64) { secret in
            publicKey = Bytes32(filledBy: { result in
                seed.withPointer { seed in _ = crypto_sign_seed_keypair(result, secret, seed)
                }
            })
        }
        self.publicKey = publicKey
    }

    /// Creates a key from the next 32 bytes of `rng`.
    public convenience init(using rng: inout some RandomNumberGenerator) {
        self.init(seed: .random(using: &rng))
    }

    /// The seed, for storing the key.
    public var seed: Bytes32 {
        Bytes32(filledBy: { result in result.update(from: secret.pointer, count: 32) })
    }

    /// The 64-byte signature of `message`; the same message gives the same signature.
    public func sign(_ message: RawSpan) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 64) { signature, count in
            message.withUnsafeBytes { bytes in
                guard let target = signature.baseAddress else { return }
                _ = crypto_sign_detached(target, nil, bytes.bytePointer, UInt64(bytes.count), secret.pointer)
            }
            count = 64
        }
    }

    /// The 64-byte signature of `message`.
    public func sign(_ message: [UInt8]) -> [UInt8] {
        sign(message.span.bytes)
    }
}

/// Ed25519 verification (RFC 8032); refuses non-canonical encodings and keys of small order.
public enum Ed25519 {
    /// Whether `signature` is that of `message` by the owner of `publicKey`.
    public static func verify(signature: RawSpan, of message: RawSpan, by publicKey: Bytes32) -> Bool {
        guard signature.byteCount == 64 else { return false }
        Sodium.prepare()
        return signature.withUnsafeBytes { signature in
            message.withUnsafeBytes { message in
                publicKey.withPointer { key in
                    guard let signature = signature.bytePointer else { return false }
                    return crypto_sign_verify_detached(
                        signature, message.bytePointer, UInt64(message.count), key) == 0
                }
            }
        }
    }
}
