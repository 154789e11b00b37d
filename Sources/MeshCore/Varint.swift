/// Why bytes are not an unsigned varint.
public enum VarintError: Error, Hashable, Sendable {
    /// The bytes end inside the varint: more are needed.
    case truncated
    /// The value does not fit, or the encoding is longer than its limit.
    case tooLong(limit: Int)
    /// The last byte is zero, so a shorter encoding of the same value exists.
    case notMinimal
}

/// Unsigned LEB128 as multiformats restricts it: minimal, at most nine bytes (63 bits).
///
/// Source: multiformats/unsigned-varint. Protobuf fields, which allow ten bytes and padding, use
/// ``ProtobufReader``.
public enum Varint {
    /// The longest encoding, in bytes.
    public static let maximumByteCount = 9

    /// Reads one varint of `bytes` at `offset` and moves `offset` behind it.
    @inlinable
    public static func read(_ bytes: RawSpan, at offset: inout Int) throws(VarintError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        var index = offset
        let count = bytes.byteCount
        while true {
            guard index < count else { throw .truncated }
            let byte = bytes.unsafeLoad(fromUncheckedByteOffset: index, as: UInt8.self)
            index += 1
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 {
                guard byte != 0 || shift == 0 else { throw .notMinimal }
                offset = index
                return value
            }
            shift += 7
            guard shift < 63 else { throw .tooLong(limit: maximumByteCount) }
        }
    }

    /// Appends the minimal encoding of `value`.
    @inlinable
    public static func append(_ value: UInt64, to bytes: inout [UInt8]) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    /// The number of bytes that ``append(_:to:)`` writes for `value`.
    @inlinable
    public static func byteCount(of value: UInt64) -> Int {
        value == 0 ? 1 : (64 - value.leadingZeroBitCount + 6) / 7
    }
}
