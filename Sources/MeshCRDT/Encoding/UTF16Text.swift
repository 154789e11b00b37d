/// Text that is stored as UTF-8 and counted in UTF-16 code units, as Yjs counts it.
///
/// All functions read eight bytes at a time and take no memory.
enum UTF16Text {
    /// The length in UTF-16 code units of the bytes in `range`; nil when they are not UTF-8.
    ///
    /// Surrogates, overlong forms and what lies beyond U+10FFFF are refused, a byte order mark is text: as lib0 does it with
    /// `TextDecoder("utf-8", {fatal: true, ignoreBOM: true})`.
    @inline(__always)
    static func validate(_ bytes: [UInt8], _ range: Range<Int>) -> Int? {
        // Most texts of an update are a character or a few.
        if range.count == 1 {
            return bytes[range.lowerBound] < 0x80 ? 1 : nil
        }
        return validate(bytes.span.bytes.extracting(range))
    }

    /// The length in UTF-16 code units of `bytes`; nil when they are not UTF-8.
    static func validate(_ bytes: RawSpan) -> Int? {
        var place = asciiPrefix(of: bytes, from: 0)
        var utf16Count = place
        while place < bytes.byteCount {
            let first = byte(bytes, place)
            if first < 0x80 {
                let next = asciiPrefix(of: bytes, from: place + 1)
                utf16Count += next - place
                place = next
            } else {
                let length = multiByteLength(bytes, place, first: first)
                guard length > 0 else { return nil }
                place += length
                utf16Count += length == 4 ? 2 : 1
            }
        }
        return utf16Count
    }

    /// The length in UTF-16 code units of valid UTF-8.
    static func utf16Count(_ bytes: RawSpan) -> Int {
        var units = 0
        var place = 0
        let wordEnd = bytes.byteCount & ~7
        while place < wordEnd {
            units += utf16Count(word: word(bytes, place))
            place += 8
        }
        while place < bytes.byteCount {
            units += utf16Count(byte: byte(bytes, place))
            place += 1
        }
        return units
    }

    /// The length in UTF-16 code units of the valid UTF-8 in `range`.
    static func utf16Count(_ bytes: [UInt8], _ range: Range<Int>) -> Int {
        utf16Count(bytes.span.bytes.extracting(range))
    }

    /// Where in valid UTF-8 the first `units` UTF-16 code units end, counted from the start of `bytes`.
    ///
    /// When they end inside a surrogate pair, `cutsPair` is true and `offset` is where the pair's character starts. `units` at
    /// or beyond the length give the byte count.
    static func byteOffset(in bytes: RawSpan, ofUTF16 units: Int) -> (offset: Int, cutsPair: Bool) {
        var rest = units
        var place = 0
        let wordEnd = bytes.byteCount & ~7
        while place < wordEnd {
            let count = utf16Count(word: word(bytes, place))
            guard count < rest else { break }
            rest -= count
            place += 8
        }
        // The word may have ended inside a character, whose units were counted at its first byte.
        while place < bytes.byteCount, isContinuation(byte(bytes, place)) {
            place += 1
        }
        while rest > 0, place < bytes.byteCount {
            let first = byte(bytes, place)
            if first >= 0xf0, rest == 1 {
                return (place, true)
            }
            rest -= first >= 0xf0 ? 2 : 1
            place = Swift.min(place + sequenceLength(first), bytes.byteCount)
        }
        return (place, false)
    }

    /// Where in the valid UTF-8 of `range` its first `units` UTF-16 code units end, counted from the start of the array.
    static func byteOffset(
        in bytes: [UInt8], _ range: Range<Int>, ofUTF16 units: Int
    ) -> (offset: Int, cutsPair: Bool) {
        let (offset, cutsPair) = byteOffset(in: bytes.span.bytes.extracting(range), ofUTF16: units)
        return (range.lowerBound + offset, cutsPair)
    }

    /// Where in the valid UTF-8 of `range` its last `units` UTF-16 code units start, counted from the start of the array.
    ///
    /// Nil when that is inside a surrogate pair, or before the start.
    static func startOffset(in bytes: [UInt8], _ range: Range<Int>, ofLastUTF16 units: Int) -> Int? {
        var rest = units
        var place = range.upperBound
        while rest > 0, place > range.lowerBound {
            place -= 1
            if !isContinuation(bytes[place]) { rest -= bytes[place] >= 0xf0 ? 2 : 1 }
        }
        return rest == 0 ? place : nil
    }

    /// The number of bytes of the character that starts with `first`; 1 for a byte that starts none.
    @inline(__always)
    static func sequenceLength(_ first: UInt8) -> Int {
        if first < 0xc0 { return 1 }
        if first < 0xe0 { return 2 }
        return first < 0xf0 ? 3 : 4
    }

    /// Whether `byte` continues a character.
    @inline(__always)
    static func isContinuation(_ byte: UInt8) -> Bool {
        byte & 0xc0 == 0x80
    }

    @inline(__always)
    private static func byte(_ bytes: RawSpan, _ place: Int) -> UInt8 {
        bytes.unsafeLoad(fromByteOffset: place, as: UInt8.self)
    }

    @inline(__always)
    private static func word(_ bytes: RawSpan, _ place: Int) -> UInt64 {
        bytes.unsafeLoadUnaligned(fromByteOffset: place, as: UInt64.self)
    }

    /// Where the ASCII bytes that begin at `start` end.
    @inline(__always)
    private static func asciiPrefix(of bytes: RawSpan, from start: Int) -> Int {
        let highBits: UInt64 = 0x8080_8080_8080_8080
        var place = start
        while place + 32 <= bytes.byteCount {
            let first = word(bytes, place) | word(bytes, place + 8)
            let second = word(bytes, place + 16) | word(bytes, place + 24)
            guard (first | second) & highBits == 0 else { break }
            place += 32
        }
        while place + 8 <= bytes.byteCount {
            let high = UInt64(littleEndian: word(bytes, place)) & highBits
            guard high == 0 else { return place + high.trailingZeroBitCount / 8 }
            place += 8
        }
        while place < bytes.byteCount, byte(bytes, place) < 0x80 {
            place += 1
        }
        return place
    }

    /// The units that start in a word: each byte that starts a character is one, and of four-byte characters two.
    @inline(__always)
    private static func utf16Count(word: UInt64) -> Int {
        let highBits: UInt64 = 0x8080_8080_8080_8080
        guard word & highBits != 0 else { return 8 }
        let continuations = word & ~(word << 1) & highBits
        let fourByteStarts = word & (word << 1) & (word << 2) & (word << 3) & highBits
        return 8 - continuations.nonzeroBitCount + fourByteStarts.nonzeroBitCount
    }

    @inline(__always)
    private static func utf16Count(byte: UInt8) -> Int {
        if isContinuation(byte) { return 0 }
        return byte >= 0xf0 ? 2 : 1
    }

    /// The byte count of the character at `place`, whose first byte is not ASCII; 0 when it is none.
    ///
    /// Source: The Unicode Standard, table 3-7, "Well-Formed UTF-8 Byte Sequences".
    @inline(__always)
    private static func multiByteLength(_ bytes: RawSpan, _ place: Int, first: UInt8) -> Int {
        guard first >= 0xc2, first <= 0xf4 else { return 0 }
        let length = sequenceLength(first)
        guard bytes.byteCount - place >= length else { return 0 }
        let second = byte(bytes, place + 1)
        guard isContinuation(second) else { return 0 }
        if length == 2 { return 2 }
        guard isContinuation(byte(bytes, place + 2)) else { return 0 }
        switch first {
        case 0xe0: return second >= 0xa0 ? 3 : 0
        case 0xed: return second < 0xa0 ? 3 : 0
        case 0xf0 where second < 0x90, 0xf4 where second >= 0x90: return 0
        default: break
        }
        if length == 3 { return 3 }
        return isContinuation(byte(bytes, place + 3)) ? 4 : 0
    }
}
