/// The name that a mesh claims: 1 to 64 bytes of UTF-8 without anything that a reader cannot see.
///
/// A name is not unique and proves nothing. Two names are equal when their bytes are: the standard library's
/// comparison of strings, which looks through Unicode normalisation, is never used for them.
/// Source: Specs/directory.md, "Names".
public struct MeshName: Sendable {
    /// The longest name in bytes of UTF-8.
    public static let maximumByteCount = 64
    /// A text this long of letters and digits alone could be a peer id; the shortest has 46 characters.
    static let shortestPeerIDByteCount = 46

    /// The name as the mesh spells it.
    public let text: String

    /// Takes a name as it may stand in a record.
    public init(_ text: String) throws(DirectoryNameError) {
        try Self.check(Array(text.utf8), scalars: text.unicodeScalars)
        self.text = text
    }

    /// Takes a name as a person types it: spaces at the ends and repeated spaces are dropped first.
    public init(typed text: String) throws(DirectoryNameError) {
        guard text.utf8.count <= Self.maximumByteCount * 4 else {
            throw .tooLong(byteCount: text.utf8.count, limit: Self.maximumByteCount)
        }
        let spaced = Self.collapsingSpaces(text.utf8)
        try self.init(String(decoding: spaced, as: UTF8.self))
    }

    /// What is compared and hashed when a name is searched: ASCII lower case, single spaces, none at the ends.
    public var normalizedUTF8: [UInt8] {
        Self.normalize(text.utf8)
    }

    /// Applies the three steps of the normalisation to any bytes.
    static func normalize(_ utf8: some Sequence<UInt8>) -> [UInt8] {
        collapsingSpaces(utf8).map { byte in byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte }
    }

    private static func collapsingSpaces(_ utf8: some Sequence<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        for byte in utf8 where byte != 0x20 || (!bytes.isEmpty && bytes.last != 0x20) {
            bytes.append(byte)
        }
        if bytes.last == 0x20 { bytes.removeLast() }
        return bytes
    }

    private static func check(
        _ utf8: [UInt8], scalars: String.UnicodeScalarView
    ) throws(DirectoryNameError) {
        guard !utf8.isEmpty else { throw .empty }
        guard utf8.count <= maximumByteCount else {
            throw .tooLong(byteCount: utf8.count, limit: maximumByteCount)
        }
        var offset = 0
        for scalar in scalars {
            guard !HiddenScalars.contains(scalar) else {
                throw .hiddenScalar(scalar.value, offset: offset)
            }
            offset += UTF8.width(scalar)
        }
        for index in utf8.indices where utf8[index] == 0x20 {
            let isAtEnd = index == 0 || index == utf8.count - 1
            guard !isAtEnd, utf8[index - 1] != 0x20 else { throw .badSpacing(offset: index) }
        }
        guard !looksLikeAddress(utf8) else { throw .looksLikeAddress }
    }

    private static func looksLikeAddress(_ utf8: [UInt8]) -> Bool {
        let lower = normalize(utf8)
        if lower.first == 0x2f || lower.starts(with: "did:".utf8) { return true }
        return utf8.count >= shortestPeerIDByteCount && lower.allSatisfy { isLetterOrDigit($0) }
    }

    private static func isLetterOrDigit(_ lower: UInt8) -> Bool {
        (lower >= 0x30 && lower <= 0x39) || (lower >= 0x61 && lower <= 0x7a)
    }
}

extension MeshName: Hashable {
    /// Whether the bytes are equal.
    public static func == (left: MeshName, right: MeshName) -> Bool {
        left.text.utf8.elementsEqual(right.text.utf8)
    }

    /// Hashes the bytes.
    public func hash(into hasher: inout Hasher) {
        for byte in text.utf8 { hasher.combine(byte) }
        hasher.combine(0xff as UInt8)
    }
}

extension MeshName: CustomStringConvertible {
    /// The name as the mesh spells it; it has no character that harms a terminal.
    public var description: String { text }
}
