/// Something that a mesh can do, by a name such as `translate` or `text/summary`.
///
/// 1 to 64 bytes of `a`-`z`, `0`-`9` and `-._/:+`, the first a letter or digit.
/// Source: Specs/directory.md, "Capabilities".
public struct MeshCapability: Hashable, Sendable {
    /// The longest capability in bytes.
    public static let maximumByteCount = 64

    /// The capability's name, ASCII.
    public let text: String

    /// Takes a capability as it may stand in a record.
    public init(_ text: String) throws(DirectoryNameError) {
        let utf8 = Array(text.utf8)
        guard !utf8.isEmpty else { throw .empty }
        guard utf8.count <= Self.maximumByteCount else {
            throw .tooLong(byteCount: utf8.count, limit: Self.maximumByteCount)
        }
        for (offset, byte) in utf8.enumerated() {
            guard Self.isAllowed(byte, first: offset == 0) else {
                throw .badCapabilityByte(byte, offset: offset)
            }
        }
        self.text = text
    }

    /// Takes a capability as a person types it: in any case, with spaces around it.
    public init(typed text: String) throws(DirectoryNameError) {
        guard text.utf8.count <= Self.maximumByteCount * 4 else {
            throw .tooLong(byteCount: text.utf8.count, limit: Self.maximumByteCount)
        }
        try self.init(String(decoding: MeshName.normalize(text.utf8), as: UTF8.self))
    }

    private static func isAllowed(_ byte: UInt8, first: Bool) -> Bool {
        switch byte {
        case 0x61...0x7a, 0x30...0x39: true
        case 0x2d, 0x2e, 0x5f, 0x2f, 0x3a, 0x2b: !first
        default: false
        }
    }
}

extension MeshCapability: Comparable, CustomStringConvertible {
    /// Orders by bytes, as records do.
    public static func < (left: MeshCapability, right: MeshCapability) -> Bool {
        left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }

    /// The capability's name.
    public var description: String { text }
}
