import MeshCore
import MeshCrypto

/// Why bytes are not a multihash.
public enum MultihashError: Error, Hashable, Sendable {
    /// The code or the length is no minimal varint.
    case badVarint(VarintError)
    /// The announced digest length is not that of the bytes that follow.
    case wrongLength(announced: UInt64, present: Int)
    /// The digest is longer than its limit.
    case digestTooLong(byteCount: Int, limit: Int)
}

extension MultihashError: CustomStringConvertible {
    /// What is wrong with the bytes.
    public var description: String {
        switch self {
        case .badVarint(let error): "the multihash has a bad varint (\(error))"
        case .wrongLength(let announced, let present):
            "the multihash announces a digest of \(announced) bytes and has \(present)"
        case .digestTooLong(let byteCount, let limit):
            "the multihash has a digest of \(byteCount) bytes, more than the limit of \(limit)"
        }
    }
}

/// A digest that names its function: varint code, varint length, digest.
///
/// Source: multiformats/multihash.
public struct Multihash: Hashable, Sendable {
    /// The code of a digest that is the hashed bytes themselves.
    public static let identityCode: UInt64 = 0x00
    /// The code of SHA-256.
    public static let sha256Code: UInt64 = 0x12
    /// The longest digest that is accepted: those of the known functions have at most 128 bytes (blake2x aside).
    public static let maximumDigestByteCount = 128

    /// The function's code (multicodec table).
    public var code: UInt64
    /// The digest.
    public var digest: [UInt8]

    /// Creates a multihash of its parts.
    public init(code: UInt64, digest: [UInt8]) {
        self.code = code
        self.digest = digest
    }

    /// Decodes all of `bytes`.
    public init(bytes: RawSpan) throws(MultihashError) {
        let (code, digest) = try Self.parse(bytes)
        self.init(code: code, digest: bytes.array(digest))
    }

    /// The SHA-256 multihash of `content`.
    public static func sha256(of content: [UInt8]) -> Multihash {
        Multihash(code: sha256Code, digest: SHA256.hash(content).bytes)
    }

    /// Code, length and digest.
    public var encoded: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digest.count + 4)
        Varint.append(code, to: &bytes)
        Varint.append(UInt64(digest.count), to: &bytes)
        bytes.append(contentsOf: digest)
        return bytes
    }

    /// The code and the digest's range in `bytes`, without a copy.
    static func parse(_ bytes: RawSpan) throws(MultihashError) -> (code: UInt64, digest: Range<Int>) {
        var offset = 0
        let code: UInt64
        let length: UInt64
        do throws(VarintError) {
            code = try Varint.read(bytes, at: &offset)
            length = try Varint.read(bytes, at: &offset)
        } catch {
            throw .badVarint(error)
        }
        let present = bytes.byteCount - offset
        guard length == UInt64(present) else { throw .wrongLength(announced: length, present: present) }
        guard present <= maximumDigestByteCount else {
            throw .digestTooLong(byteCount: present, limit: maximumDigestByteCount)
        }
        return (code, offset..<bytes.byteCount)
    }
}
