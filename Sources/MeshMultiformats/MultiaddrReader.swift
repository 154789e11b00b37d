import MeshCore

/// Walks over the components of a packed multiaddr without memory of its own.
struct MultiaddrReader {
    /// Where a component and its value lie in the packed bytes.
    struct Position {
        let proto: MultiaddrProtocol
        let start: Int
        let value: Range<Int>
    }

    private(set) var offset: Int

    init(offset: Int = 0) {
        self.offset = offset
    }

    /// The next component, or nil at the end; the value's size is checked, its content is not.
    mutating func next(in bytes: RawSpan) throws(MultiaddrError) -> Position? {
        let start = offset
        guard start < bytes.byteCount else { return nil }
        let code = try varint(bytes)
        guard let proto = MultiaddrProtocol(rawValue: code) else {
            throw .unknownCode(code, offset: start)
        }
        let length: UInt64 =
            switch proto.size {
            case .fixed(let byteCount): UInt64(byteCount)
            case .lengthPrefixed: try varint(bytes)
            }
        guard length <= UInt64(bytes.byteCount - offset) else { throw .truncated(proto, offset: start) }
        let value = offset..<offset + Int(length)
        offset = value.upperBound
        return Position(proto: proto, start: start, value: value)
    }

    private mutating func varint(_ bytes: RawSpan) throws(MultiaddrError) -> UInt64 {
        let start = offset
        do throws(VarintError) {
            return try Varint.read(bytes, at: &offset)
        } catch {
            throw .badVarint(error, offset: start)
        }
    }
}
