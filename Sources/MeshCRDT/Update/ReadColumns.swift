/// A cursor over one column of a v2 update; the bytes are the update's and are handed in with every call.
struct ColumnCursor: Sendable {
    private(set) var offset: Int
    let end: Int

    init(_ range: Range<Int>) {
        offset = range.lowerBound
        end = range.upperBound
    }

    @inline(__always) var isAtEnd: Bool { offset == end }

    @inline(__always)
    mutating func byte(_ bytes: [UInt8]) throws(UpdateError) -> UInt8 {
        guard offset < end else { throw .malformed(.column, offset: offset) }
        let byte = bytes[offset]
        offset += 1
        return byte
    }

    @inline(__always)
    mutating func varUint(_ bytes: [UInt8]) throws(UpdateError) -> UInt64 {
        let first = try byte(bytes)
        return first < 0x80 ? UInt64(first) : try long(UInt64(first & 0x7f), shift: 7, bytes)
    }

    @inline(__always)
    mutating func varInt(_ bytes: [UInt8]) throws(UpdateError) -> (magnitude: UInt64, isNegative: Bool) {
        let first = try byte(bytes)
        let low = UInt64(first & 0x3f)
        return (first < 0x80 ? low : try long(low, shift: 6, bytes), first & 0x40 != 0)
    }

    private mutating func long(
        _ low: UInt64, shift: UInt64, _ bytes: [UInt8]
    ) throws(UpdateError) -> UInt64 {
        let start = offset - 1
        var number = low
        var shift = shift
        while shift < 56 {
            let next = try byte(bytes)
            number |= UInt64(next & 0x7f) << shift
            if next < 0x80 {
                guard number <= ByteReader.largestNumber else { break }
                return number
            }
            shift += 7
        }
        throw .malformed(.number, offset: start)
    }
}

/// Numbers of which a run of equal ones is stored once: a negative sign, also of zero, says that a count follows.
///
/// Source: lib0 `UintOptRleDecoder`.
struct NumberColumn: Sendable {
    private(set) var cursor: ColumnCursor
    private var value: UInt64 = 0
    private var count: UInt64 = 0

    init(_ cursor: ColumnCursor) {
        self.cursor = cursor
    }

    @inline(__always)
    mutating func next(_ bytes: [UInt8]) throws(UpdateError) -> UInt64 {
        if count == 0 {
            let (magnitude, isRun) = try cursor.varInt(bytes)
            value = magnitude
            count = isRun ? try cursor.varUint(bytes) + 2 : 1
        }
        count -= 1
        return value
    }
}

/// Clocks stored as distances, of which a run of equal ones is stored once: the lowest bit says that a count follows.
///
/// Source: lib0 `IntDiffOptRleDecoder`.
struct ClockColumn: Sendable {
    private var cursor: ColumnCursor
    private var value: Int64 = 0
    private var distance: Int64 = 0
    private var count: UInt64 = 0

    init(_ cursor: ColumnCursor) {
        self.cursor = cursor
    }

    @inline(__always)
    mutating func next(_ bytes: [UInt8]) throws(UpdateError) -> Clock {
        if count == 0 {
            let (magnitude, isNegative) = try cursor.varInt(bytes)
            let signed = isNegative ? -Int64(magnitude) : Int64(magnitude)
            distance = signed >> 1
            count = signed & 1 != 0 ? try cursor.varUint(bytes) + 2 : 1
        }
        count -= 1
        // Both below 2^53.
        value += distance
        guard value >= 0, value < Int64(Clock.max) else { throw .malformed(.clock, offset: cursor.offset) }
        return Clock(truncatingIfNeeded: value)
    }
}

/// Bytes of which a run of equal ones is stored once with a count; the last has none and lasts for ever.
///
/// Source: lib0 `RleDecoder`.
struct ByteColumn: Sendable {
    private var cursor: ColumnCursor
    private var value: UInt8 = 0
    private var count: UInt64 = 0

    init(_ cursor: ColumnCursor) {
        self.cursor = cursor
    }

    @inline(__always)
    mutating func next(_ bytes: [UInt8]) throws(UpdateError) -> UInt8 {
        if count == 0 {
            value = try cursor.byte(bytes)
            count = cursor.isAtEnd ? .max : try cursor.varUint(bytes) + 1
        }
        count -= 1
        return value
    }
}

/// Texts joined to one, with their lengths in UTF-16 units in a column behind it.
///
/// Source: lib0 `StringDecoder`.
struct TextColumn: Sendable {
    private var lengths: NumberColumn
    private var offset: Int
    private let end: Int
    private let isASCII: Bool
    /// Whether the last text ended inside the surrogate pair that starts at `offset`.
    private var isInsidePair = false

    init(_ range: Range<Int>, _ bytes: [UInt8]) throws(UpdateError) {
        var reader = ByteReader(bytes, range: range)
        let (text, utf16Count) = try reader.varString()
        lengths = NumberColumn(ColumnCursor(reader.offset..<range.upperBound))
        offset = text.lowerBound
        end = text.upperBound
        isASCII = utf16Count == text.count
    }

    /// The next text and its length; a pair cut by a length becomes U+FFFD on both sides, as in JavaScript.
    @inline(__always)
    mutating func next(
        _ bytes: [UInt8], scratch: inout [UInt8]
    ) throws(UpdateError) -> (WireBytes, UInt64) {
        let length = try lengths.next(bytes)
        guard length <= UInt64(end - offset) else {
            throw .malformed(.column, offset: lengths.cursor.offset)
        }
        guard isASCII else {
            return (try nextMixed(length: Int(length), bytes, scratch: &scratch), length)
        }
        let start = offset
        offset += Int(length)
        return (WireBytes(start..<offset), length)
    }

    private mutating func nextMixed(
        length: Int, _ bytes: [UInt8], scratch: inout [UInt8]
    ) throws(UpdateError) -> WireBytes {
        guard length > 0 else { return WireBytes(offset..<offset) }
        let startsInsidePair = isInsidePair
        let start = startsInsidePair ? offset + 4 : offset
        let wanted = startsInsidePair ? length - 1 : length
        let place = UTF16Text.byteOffset(in: bytes, start..<end, ofUTF16: wanted)
        let reached = start..<place.offset
        if place.offset == end, UTF16Text.utf16Count(bytes, reached) < wanted {
            throw .malformed(.column, offset: lengths.cursor.offset)
        }
        offset = place.offset
        isInsidePair = place.cutsPair
        guard startsInsidePair || place.cutsPair else { return WireBytes(reached) }
        let lower = scratch.count
        if startsInsidePair { scratch.append(contentsOf: [0xef, 0xbf, 0xbd]) }
        scratch.append(contentsOf: bytes[reached])
        if place.cutsPair { scratch.append(contentsOf: [0xef, 0xbf, 0xbd]) }
        return WireBytes(lower..<scratch.count, isScratch: true)
    }
}
