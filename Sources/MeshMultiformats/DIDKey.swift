import MeshCore
import MeshCrypto

/// Why text is not a `did:key` of a signing key.
public enum DIDKeyError: Error, Hashable, Sendable {
    /// The text does not start with `did:key:z`.
    case notDIDKey
    /// What follows is no base58.
    case badText(MultibaseError)
    /// The multicodec code is no minimal varint.
    case badVarint(VarintError)
    /// The code names no key that can sign here.
    case unsupportedCodec(UInt64)
    /// The bytes are no public key of the code's kind.
    case badKey(codec: UInt64, byteCount: Int)
}

extension DIDKeyError: CustomStringConvertible {
    /// What is wrong with the DID.
    public var description: String {
        switch self {
        case .notDIDKey: "not a did:key; it starts with did:key:z"
        case .badText(let error): "not a did:key: \(error)"
        case .badVarint(let error): "not a did:key: bad multicodec varint (\(error))"
        case .unsupportedCodec(let codec):
            "the did:key has keys of multicodec 0x\(String(codec, radix: 16)); "
                + "use Ed25519 (0xed), secp256k1 (0xe7) or P-256 (0x1200)"
        case .badKey(let codec, let byteCount):
            "the \(byteCount) bytes in the did:key are no public key of multicodec 0x\(String(codec, radix: 16))"
        }
    }
}

/// Public keys as decentralised identifiers: `did:key:z` and the base58 of multicodec code and key.
///
/// Source: w3c-ccg/did-method-key. Elliptic-curve points are compressed.
public enum DIDKey {
    /// The longest DID that is parsed; those of P-256 have 57 bytes.
    public static let maximumTextByteCount = 128

    private static let prefix = "did:key:"
    /// Codes of the multicodec table.
    private static let ed25519Codec: UInt64 = 0xed
    private static let secp256k1Codec: UInt64 = 0xe7
    private static let p256Codec: UInt64 = 0x1200

    /// The DID of `key`; nil for RSA keys and the curves P-384 and P-521.
    public static func string(for key: PublicKey) -> String? {
        switch key.type {
        case .ed25519: text(codec: ed25519Codec, key: key.data)
        case .secp256k1: text(codec: secp256k1Codec, key: key.data)
        case .ecdsa:
            ECDSA.compressedP256Point(of: key.data.span.bytes).map { text(codec: p256Codec, key: $0) }
        case .rsa: nil
        }
    }

    /// The DID of an Ed25519 key.
    public static func string(ed25519 key: Bytes32) -> String {
        text(codec: ed25519Codec, key: key.bytes)
    }

    /// The key of `did`, without a fragment.
    public static func parse(_ did: String) throws(DIDKeyError) -> PublicKey {
        guard did.utf8.starts(with: prefix.utf8) else { throw .notDIDKey }
        let bytes: [UInt8]
        do throws(MultibaseError) {
            let text = String(decoding: did.utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
            let decoded = try Multibase.decode(text, limit: maximumTextByteCount)
            guard decoded.base == .base58btc else { throw .unknownBase(decoded.base.rawValue) }
            bytes = decoded.bytes
        } catch {
            throw .badText(error)
        }
        var offset = 0
        let codec: UInt64
        do throws(VarintError) {
            codec = try Varint.read(bytes.span.bytes, at: &offset)
        } catch {
            throw .badVarint(error)
        }
        return try key(codec: codec, Array(bytes[offset...]))
    }

    private static func key(codec: UInt64, _ data: [UInt8]) throws(DIDKeyError) -> PublicKey {
        let key: PublicKey? =
            switch codec {
            case ed25519Codec: try? PublicKey(type: .ed25519, data: data)
            case secp256k1Codec:
                Secp256k1.isValid(publicKey: data.span.bytes)
                    ? try? PublicKey(type: .secp256k1, data: data) : nil
            case p256Codec:
                ECDSA.publicKey(compressedP256Point: data.span.bytes).flatMap { der in
                    try? PublicKey(type: .ecdsa, data: der)
                }
            default: throw .unsupportedCodec(codec)
            }
        guard let key else { throw .badKey(codec: codec, byteCount: data.count) }
        return key
    }

    private static func text(codec: UInt64, key: [UInt8]) -> String {
        var bytes: [UInt8] = []
        Varint.append(codec, to: &bytes)
        bytes += key
        return prefix + Multibase.base58btc.encode(bytes)
    }
}

extension PublicKey {
    /// The key's `did:key`, nil for the kinds that have none here (RSA, P-384, P-521).
    public var did: String? { DIDKey.string(for: self) }
}
