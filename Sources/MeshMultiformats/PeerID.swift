import MeshCore
import MeshCrypto

/// Why bytes or text are not a peer id.
public enum PeerIDError: Error, Hashable, Sendable {
    /// The text is not in a known base.
    case badText(MultibaseError)
    /// The bytes are no multihash.
    case badMultihash(MultihashError)
    /// The multihash is neither an identity nor a SHA-256, or has a wrong length for its function.
    case unsupportedMultihash(code: UInt64, digestByteCount: Int)
    /// The text is no CID of version 1.
    case badCID(CIDError)
    /// The text is a CID of something else than a key.
    case wrongCodec(UInt64)
}

extension PeerIDError: CustomStringConvertible {
    /// What is wrong and what a peer id looks like.
    public var description: String {
        switch self {
        case .badText(let error): "not a peer id: \(error)"
        case .badMultihash(let error): "not a peer id: \(error)"
        case .unsupportedMultihash(let code, let byteCount):
            "not a peer id: multihash code \(code) with \(byteCount) bytes; "
                + "a peer id is an identity of at most 62 bytes or a 32-byte SHA-256"
        case .badCID(let error): "not a peer id: \(error)"
        case .wrongCodec(let codec):
            "not a peer id: a CID with codec 0x\(String(codec, radix: 16)) instead of 0x72 (libp2p-key)"
        }
    }
}

/// The name of a peer: a multihash of its public key.
///
/// Comparing and hashing use the Kademlia key, the SHA-256 of the multihash, which is computed once; they take
/// no memory. Source: libp2p/specs peer-ids/peer-ids.md, "Peer Ids".
public struct PeerID: Sendable {
    /// The longest multihash that is accepted.
    ///
    /// Ids of ours have at most 44 bytes.
    public static let maximumByteCount = 64
    /// The longest public key that is inlined.
    ///
    /// Source: peer-ids.md, "Peer Ids".
    public static let maximumInlinedKeyByteCount = 42
    /// The longest text that is parsed: a 64-byte multihash as base 16 CID has 133 bytes.
    public static let maximumTextByteCount = 140

    /// The id as bytes.
    public let multihash: [UInt8]
    /// Where the id lies in the Kademlia key space: the SHA-256 of the multihash.
    public let kadKey: Bytes32

    /// Derives the id of a public key.
    public init(_ key: PublicKey) {
        let protobuf = key.protobuf
        let hash =
            protobuf.count <= Self.maximumInlinedKeyByteCount
            ? Multihash(code: Multihash.identityCode, digest: protobuf) : Multihash.sha256(of: protobuf)
        self.init(trusted: hash.encoded)
    }

    /// Takes all of `multihash`, an identity or a SHA-256.
    public init(multihash: RawSpan) throws(PeerIDError) {
        try Self.validate(multihash: multihash)
        self.init(trusted: multihash.array)
    }

    /// Parses base58 (`12D3…`, `16U…`, `Qm…`) or a CID of version 1 in any multibase.
    public init(_ text: String) throws(PeerIDError) {
        let first = text.utf8.first
        let isBase58 = first == 0x31 || text.utf8.starts(with: "Qm".utf8)
        guard isBase58 else {
            self = try Self.parseCID(text)
            return
        }
        let bytes: [UInt8]
        do throws(MultibaseError) {
            bytes = try Base58.decode(text, limit: Self.maximumTextByteCount)
        } catch {
            throw .badText(error)
        }
        try self.init(multihash: bytes.span.bytes)
    }

    private init(trusted multihash: [UInt8]) {
        self.multihash = multihash
        kadKey = SHA256.hash(multihash.span.bytes)
    }

    /// Checks what ``init(multihash:)`` takes, without a copy.
    static func validate(multihash: RawSpan) throws(PeerIDError) {
        let code: UInt64
        let digest: Range<Int>
        do throws(MultihashError) {
            (code, digest) = try Multihash.parse(multihash)
        } catch {
            throw .badMultihash(error)
        }
        let isAccepted =
            switch code {
            case Multihash.identityCode: !digest.isEmpty && multihash.byteCount <= maximumByteCount
            case Multihash.sha256Code: digest.count == 32
            default: false
            }
        guard isAccepted else { throw .unsupportedMultihash(code: code, digestByteCount: digest.count) }
    }

    private static func parseCID(_ text: String) throws(PeerIDError) -> PeerID {
        guard text.utf8.count <= maximumTextByteCount else {
            throw .badText(.textTooLong(byteCount: text.utf8.count, limit: maximumTextByteCount))
        }
        let cid: CID
        do throws(CIDError) {
            cid = try CID(text)
        } catch {
            if case .badText(let error) = error { throw .badText(error) }
            throw .badCID(error)
        }
        guard cid.version == .v1, cid.codec == CID.libp2pKey else { throw .wrongCodec(cid.codec) }
        return try PeerID(multihash: cid.multihash.encoded.span.bytes)
    }

    /// The id as CID of version 1 in base32 (`bafz…`).
    public var cidV1: String { cid.description }

    /// The id as CID of version 1 with the codec `libp2p-key`.
    public var cid: CID {
        // Code and length have one byte each in every id that `validate` lets through.
        let hash = Multihash(code: UInt64(multihash[0]), digest: Array(multihash.dropFirst(2)))
        return CID(codec: CID.libp2pKey, multihash: hash)
    }

    /// The public key that is inlined in the id, nil for ids that are digests.
    public var publicKey: PublicKey? {
        guard multihash.count > 2, multihash[0] == 0 else { return nil }
        return try? PublicKey(protobuf: multihash.span.bytes.extracting(2..<multihash.count))
    }
}

extension PeerID: Hashable {
    /// Whether both are the same id.
    @inlinable
    public static func == (left: PeerID, right: PeerID) -> Bool {
        left.kadKey == right.kadKey
    }

    /// Feeds one word of the Kademlia key, which is uniform already.
    @inlinable
    public func hash(into hasher: inout Hasher) {
        hasher.combine(kadKey.word0)
    }
}

extension PeerID: Comparable {
    /// Orders by the multihash's bytes.
    public static func < (left: PeerID, right: PeerID) -> Bool {
        left.multihash.lexicographicallyPrecedes(right.multihash)
    }
}

extension PeerID: CustomStringConvertible {
    /// The multihash in base58.
    public var description: String { Base58.encode(multihash) }
}
