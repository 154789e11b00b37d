/// A cursor over the bytes of one message that throws instead of reading past their end.
///
/// It shares the array it was made from; `offset` counts from the array's first byte, and so do the ranges it returns and the
/// offsets in its errors. Numbers are those of lib0: little-endian groups of seven bits, and in a signed number the first group
/// has six bits below the sign. Source: lib0 0.2.117, `decoding`.
struct ByteReader: Sendable {
    /// The bytes that it reads from.
    let bytes: [UInt8]
    /// The place of the next byte.
    private(set) var offset: Int
    /// The place behind the last byte.
    let end: Int

    /// The largest number of a message: 2^53 - 1, the largest integer that JavaScript counts with.
    static let largestNumber: UInt64 = (1 << 53) - 1

    /// Creates a reader of `bytes`, or of the part of them in `range`.
    init(_ bytes: [UInt8], range: Range<Int>? = nil) {
        let range = range ?? 0..<bytes.count
        precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count, "a range outside its bytes")
        self.bytes = bytes
        offset = range.lowerBound
        end = range.upperBound
    }

    /// Whether all bytes were read.
    @inline(__always)
    var isAtEnd: Bool { offset == end }

    /// How many bytes are left.
    @inline(__always)
    var remaining: Int { end - offset }

    /// The next byte.
    @inline(__always)
    mutating func byte() throws(UpdateError) -> UInt8 {
        guard offset < end else { throw .truncated(offset: offset) }
        let byte = bytes[offset]
        offset += 1
        return byte
    }

    /// The next byte, left in place; nil at the end.
    @inline(__always)
    func peek() -> UInt8? {
        offset < end ? bytes[offset] : nil
    }

    /// An unsigned number of at most 8 bytes and 53 bits.
    @inline(__always)
    mutating func varUint() throws(UpdateError) -> UInt64 {
        guard offset < end else { throw .truncated(offset: offset) }
        let first = bytes[offset]
        guard first >= 0x80 else {
            offset += 1
            return UInt64(first)
        }
        return try longNumber(from: UInt64(first & 0x7f), shift: 7)
    }

    /// A signed number; the sign is kept apart because lib0 tells -0 from 0.
    @inline(__always)
    mutating func varInt() throws(UpdateError) -> (magnitude: UInt64, isNegative: Bool) {
        guard offset < end else { throw .truncated(offset: offset) }
        let first = bytes[offset]
        let isNegative = first & 0x40 != 0
        guard first >= 0x80 else {
            offset += 1
            return (UInt64(first & 0x3f), isNegative)
        }
        return (try longNumber(from: UInt64(first & 0x3f), shift: 6), isNegative)
    }

    /// The place of a byte string that has its length in front.
    @inline(__always)
    mutating func varBytes() throws(UpdateError) -> Range<Int> {
        let start = offset
        let count = try varUint()
        guard count <= UInt64(remaining) else { throw .truncated(offset: start) }
        return advance(Int(count))
    }

    /// The place of a text that has its byte count in front, and its length in UTF-16 code units.
    @inline(__always)
    mutating func varString() throws(UpdateError) -> (range: Range<Int>, utf16Count: Int) {
        let range = try varBytes()
        guard let utf16Count = UTF16Text.validate(bytes, range) else {
            throw .malformed(.text, offset: range.lowerBound)
        }
        return (range, utf16Count)
    }

    /// The place of the next `count` bytes.
    @inline(__always)
    mutating func take(_ count: Int) throws(UpdateError) -> Range<Int> {
        guard count >= 0, count <= remaining else { throw .truncated(offset: offset) }
        return advance(count)
    }

    /// Passes over `count` bytes.
    @inline(__always)
    mutating func skip(_ count: Int) throws(UpdateError) {
        _ = try take(count)
    }

    /// A number of eight bytes, the most significant first.
    mutating func bigEndian64() throws(UpdateError) -> UInt64 {
        try bigEndian(8)
    }

    /// A number of four bytes, the most significant first.
    mutating func bigEndian32() throws(UpdateError) -> UInt32 {
        UInt32(truncatingIfNeeded: try bigEndian(4))
    }

    /// Whether the number that was read last from `start` on had bytes that lib0 would not have written.
    @inline(__always)
    func isPadded(since start: Int) -> Bool {
        offset - start > 1 && bytes[offset - 1] == 0
    }

    /// A copy of the bytes in `range`.
    func copy(_ range: Range<Int>) -> [UInt8] {
        [UInt8](bytes[range])
    }

    /// The text in `range`, which was validated before.
    func string(_ range: Range<Int>) -> String {
        String(decoding: bytes[range], as: UTF8.self)
    }

    @inline(__always)
    private mutating func advance(_ count: Int) -> Range<Int> {
        let start = offset
        offset = start + count
        return start..<offset
    }

    private mutating func longNumber(from first: UInt64, shift: UInt64) throws(UpdateError) -> UInt64 {
        let start = offset
        var number = first
        var shift = shift
        var place = start + 1
        // Eight bytes hold all of 53 bits, with and without a sign.
        let last = Swift.min(end, start + 8)
        while place < last {
            let byte = bytes[place]
            number |= UInt64(byte & 0x7f) << shift
            place += 1
            if byte < 0x80 {
                guard number <= Self.largestNumber else { throw .malformed(.number, offset: start) }
                offset = place
                return number
            }
            shift += 7
        }
        guard place == start + 8 else { throw .truncated(offset: start) }
        throw .malformed(.number, offset: start)
    }

    private mutating func bigEndian(_ count: Int) throws(UpdateError) -> UInt64 {
        let range = try take(count)
        var number: UInt64 = 0
        for place in range {
            number = number << 8 | UInt64(bytes[place])
        }
        return number
    }
}
