import MeshCore
import MeshCrypto

/// Why bytes are not a private key of ours; no case carries key material.
public enum IdentityKeyError: Error, Hashable, Sendable {
    /// The protobuf itself is broken.
    case badProtobuf(ProtobufError)
    /// A private key of another type than Ed25519.
    case unsupportedType(UInt64)
    /// Neither 64 bytes nor the 96 of old files.
    case wrongDataLength(byteCount: Int)
    /// The public key that is stored beside the seed belongs to another one.
    case publicKeyMismatch
}

extension IdentityKeyError: CustomStringConvertible {
    /// What is wrong with the key.
    public var description: String {
        switch self {
        case .badProtobuf(let error): "the private key is no protobuf (\(error)); restore it from a backup"
        case .unsupportedType(let type):
            "private keys of type \(type) are not supported; use an Ed25519 key (1)"
        case .wrongDataLength(let byteCount):
            "an Ed25519 private key has 64 bytes, not \(byteCount); restore it from a backup"
        case .publicKeyMismatch:
            "the private key does not belong to the public key stored with it; restore it from a backup"
        }
    }
}

/// The Ed25519 key of a node, with its peer id.
public final class IdentityKey: Sendable {
    /// The public half.
    public let publicKey: PublicKey
    /// The peer id that is derived from it.
    public let peerID: PeerID
    private let privateKey: Ed25519PrivateKey

    /// Takes a private key.
    public init(_ privateKey: Ed25519PrivateKey) {
        self.privateKey = privateKey
        publicKey = PublicKey(ed25519: privateKey.publicKey)
        peerID = publicKey.peerID
    }

    /// Creates a key from the next 32 bytes of `rng`.
    public convenience init(using rng: inout some RandomNumberGenerator) {
        self.init(Ed25519PrivateKey(using: &rng))
    }

    /// Decodes the form that libp2p stores: seed and public key, the public key once more in old files.
    ///
    /// Source: libp2p/specs peer-ids/peer-ids.md, "Ed25519".
    public convenience init(privateKeyProtobuf protobuf: RawSpan) throws(IdentityKeyError) {
        var type: UInt64?
        var data: [UInt8]?
        do throws(ProtobufError) {
            var reader = ProtobufReader()
            while let field = try reader.next(in: protobuf) {
                switch field.number {
                case 1: type = try field.varint()
                case 2: data = try field.bytes(of: protobuf)
                default: continue
                }
            }
        } catch {
            throw .badProtobuf(error)
        }
        guard let type else { throw .badProtobuf(.missingField(1)) }
        guard let data else { throw .badProtobuf(.missingField(2)) }
        guard type == PublicKey.KeyType.ed25519.rawValue else { throw .unsupportedType(type) }
        guard data.count == 64 || data.count == 96, let seed = Bytes32(Array(data[..<32])) else {
            throw .wrongDataLength(byteCount: data.count)
        }
        let key = Ed25519PrivateKey(seed: seed)
        let stored = key.publicKey.bytes
        guard data[32..<64].elementsEqual(stored), data.count == 64 || data[64...].elementsEqual(stored)
        else {
            throw .publicKeyMismatch
        }
        self.init(key)
    }

    /// The key, which is secret, in the form that libp2p stores.
    public var privateKeyProtobuf: [UInt8] {
        var writer = ProtobufWriter()
        writer.varint(1, PublicKey.KeyType.ed25519.rawValue)
        writer.bytes(2, privateKey.seed.bytes + privateKey.publicKey.bytes)
        return writer.bytes
    }

    /// The `did:key` of the public half.
    public var did: String { DIDKey.string(ed25519: privateKey.publicKey) }

    /// The 64-byte signature of `message`.
    public func sign(_ message: RawSpan) -> [UInt8] {
        privateKey.sign(message)
    }

    /// The 64-byte signature of `message`.
    public func sign(_ message: [UInt8]) -> [UInt8] {
        privateKey.sign(message)
    }
}
