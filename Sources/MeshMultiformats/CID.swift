import MeshCore

/// Why bytes or text are not a CID.
public enum CIDError: Error, Hashable, Sendable {
    /// The text is not in a known base.
    case badText(MultibaseError)
    /// The version, or the codec, is no minimal varint.
    case badVarint(VarintError)
    /// A version other than 0 and 1; version 0 has no multibase prefix.
    case unknownVersion(UInt64)
    /// The content's multihash is wrong.
    case badMultihash(MultihashError)
    /// Version 0 with a multihash that is not a SHA-256.
    case notSHA256
}

extension CIDError: CustomStringConvertible {
    /// What is wrong.
    public var description: String {
        switch self {
        case .badText(let error): "not a CID: \(error)"
        case .badVarint(let error): "not a CID: bad varint (\(error))"
        case .unknownVersion(let version): "CID version \(version) is not known; use version 1"
        case .badMultihash(let error): "not a CID: \(error)"
        case .notSHA256: "a CID of version 0 must be a SHA-256 multihash; use version 1"
        }
    }
}

/// A content identifier: a multihash and the codec of what it names.
///
/// Source: multiformats/cid.
public struct CID: Hashable, Sendable, CustomStringConvertible {
    /// The two versions in use.
    public enum Version: UInt8, Sendable {
        /// A bare SHA-256 multihash in base58, codec dag-pb.
        case v0 = 0
        /// Version, codec and multihash in a multibase.
        case v1 = 1
    }

    /// The longest text that is parsed.
    public static let maximumTextByteCount = 512
    /// Codec `dag-pb`, the only one of version 0.
    public static let dagPB: UInt64 = 0x70
    /// Codec `raw`.
    public static let raw: UInt64 = 0x55
    /// Codec `libp2p-key`.
    public static let libp2pKey: UInt64 = 0x72

    /// The version, which decides the text form.
    public let version: Version
    /// The multicodec code of the content.
    public let codec: UInt64
    /// The content's digest.
    public let multihash: Multihash

    /// Creates a CID of version 1.
    public init(codec: UInt64, multihash: Multihash) {
        version = .v1
        self.codec = codec
        self.multihash = multihash
    }

    /// Decodes all of `bytes`, of either version.
    public init(bytes: RawSpan) throws(CIDError) {
        if bytes.byteCount == 34, bytes.byte(at: 0) == 0x12, bytes.byte(at: 1) == 0x20 {
            version = .v0
            codec = Self.dagPB
            multihash = Multihash(code: Multihash.sha256Code, digest: bytes.array(2..<34))
            return
        }
        var offset = 0
        let number: UInt64
        do throws(VarintError) {
            number = try Varint.read(bytes, at: &offset)
            codec = try Varint.read(bytes, at: &offset)
        } catch {
            throw .badVarint(error)
        }
        guard number == 1 else { throw .unknownVersion(number) }
        version = .v1
        do throws(MultihashError) {
            multihash = try Multihash(bytes: bytes.extracting(offset..<bytes.byteCount))
        } catch {
            throw .badMultihash(error)
        }
    }

    /// Parses `text`: 46 characters from `Qm` are version 0, everything else is a multibase.
    public init(_ text: String) throws(CIDError) {
        let isVersion0 = text.utf8.count == 46 && text.utf8.starts(with: "Qm".utf8)
        let bytes: [UInt8]
        do throws(MultibaseError) {
            bytes =
                isVersion0
                ? try Base58.decode(text)
                : try Multibase.decode(text, limit: Self.maximumTextByteCount).bytes
        } catch {
            throw .badText(error)
        }
        if !isVersion0, bytes.first == 0x12 { throw .unknownVersion(0) }
        try self.init(bytes: bytes.span.bytes)
        if isVersion0, version != .v0 { throw .notSHA256 }
    }

    /// The packed form.
    public var bytes: [UInt8] {
        guard version == .v1 else { return multihash.encoded }
        var bytes: [UInt8] = []
        Varint.append(1, to: &bytes)
        Varint.append(codec, to: &bytes)
        bytes.append(contentsOf: multihash.encoded)
        return bytes
    }

    /// The text in `base`; version 0 has only one text.
    public func text(in base: Multibase) -> String {
        version == .v0 ? Base58.encode(bytes) : base.encode(bytes)
    }

    /// Base58 for version 0, base32 for version 1.
    public var description: String { text(in: .base32) }
}
