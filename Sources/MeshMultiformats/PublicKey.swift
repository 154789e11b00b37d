import MeshCore
import MeshCrypto

/// Why bytes are not a libp2p public key.
public enum PublicKeyError: Error, Hashable, Sendable {
    /// The protobuf itself is broken.
    case badProtobuf(ProtobufError)
    /// The key type is none of the four.
    case unknownType(UInt64)
    /// The data cannot be a key of its type.
    case wrongDataLength(PublicKey.KeyType, byteCount: Int)
    /// Another encoding of the same key exists, and it would have another peer id.
    case notCanonical
}

extension PublicKeyError: CustomStringConvertible {
    /// What is wrong with the key.
    public var description: String {
        switch self {
        case .badProtobuf(let error): "the public key is no protobuf (\(error))"
        case .unknownType(let type): "public keys of type \(type) are not known; use Ed25519 (1)"
        case .wrongDataLength(let type, let byteCount): "\(byteCount) bytes are no \(type) public key"
        case .notCanonical: "the public key's protobuf is not in its canonical form"
        }
    }
}

/// The public key of a peer: a type and data whose form the type decides.
///
/// Source: libp2p/specs peer-ids/peer-ids.md, "Keys".
public struct PublicKey: Hashable, Sendable {
    /// The kinds of keys, with their numbers on the wire.
    public enum KeyType: UInt64, Hashable, Sendable {
        /// DER SubjectPublicKeyInfo; PKCS #1 v1.5 signatures over SHA-256.
        case rsa = 0
        /// 32 bytes.
        case ed25519 = 1
        /// 33 bytes, compressed; DER signatures over SHA-256.
        case secp256k1 = 2
        /// DER SubjectPublicKeyInfo of a NIST curve; DER signatures over SHA-256.
        case ecdsa = 3

        /// The byte counts that the data may have; an RSA key of 8,192 bits has 1,062.
        var dataByteCounts: ClosedRange<Int> {
            switch self {
            case .rsa: 128...1100
            case .ed25519: 32...32
            case .secp256k1: 33...33
            case .ecdsa: 59...158
            }
        }
    }

    /// The kind of key.
    public let type: KeyType
    /// The key in the form of its type.
    public let data: [UInt8]

    /// Creates a key; throws ``PublicKeyError/wrongDataLength(_:byteCount:)``.
    ///
    /// Whether the data is a point or a modulus shows when a signature is verified.
    public init(type: KeyType, data: [UInt8]) throws(PublicKeyError) {
        guard type.dataByteCounts.contains(data.count) else {
            throw .wrongDataLength(type, byteCount: data.count)
        }
        self.type = type
        self.data = data
    }

    /// Creates an Ed25519 key.
    public init(ed25519: Bytes32) {
        type = .ed25519
        data = ed25519.bytes
    }

    /// Decodes the protobuf form; only the one encoding that a peer id can be derived from is accepted.
    public init(protobuf: RawSpan) throws(PublicKeyError) {
        var type: UInt64?
        var data: [UInt8]?
        do throws(ProtobufError) {
            var reader = ProtobufReader()
            while let field = try reader.next(in: protobuf) {
                switch field.number {
                case 1: type = try field.varint()
                case 2: data = try field.bytes(of: protobuf, limit: KeyType.rsa.dataByteCounts.upperBound)
                default: continue
                }
            }
        } catch {
            throw .badProtobuf(error)
        }
        guard let type else { throw .badProtobuf(.missingField(1)) }
        guard let data else { throw .badProtobuf(.missingField(2)) }
        guard let keyType = KeyType(rawValue: type) else { throw .unknownType(type) }
        try self.init(type: keyType, data: data)
        guard protobuf.equals(self.protobuf) else { throw .notCanonical }
    }

    /// The canonical protobuf, which always names the type, RSA's zero too.
    public var protobuf: [UInt8] {
        var writer = ProtobufWriter()
        writer.varint(1, type.rawValue)
        writer.bytes(2, data)
        return writer.bytes
    }

    /// The 32 bytes of an Ed25519 key, nil for the other kinds.
    public var ed25519: Bytes32? {
        type == .ed25519 ? Bytes32(data) : nil
    }

    /// The peer id that is derived from the key; costs one or two hashes.
    public var peerID: PeerID { PeerID(self) }

    /// Whether `signature` is that of `message` by this key.
    public func verify(signature: RawSpan, of message: RawSpan) -> Bool {
        switch type {
        case .rsa: RSA.verify(signature: signature, of: message, publicKey: data.span.bytes)
        case .ecdsa: ECDSA.verify(signature: signature, of: message, publicKey: data.span.bytes)
        case .secp256k1: Secp256k1.verify(signature: signature, of: message, publicKey: data.span.bytes)
        case .ed25519:
            if let key = Bytes32(data) {
                Ed25519.verify(signature: signature, of: message, by: key)
            } else {
                false
            }
        }
    }
}
