/// The tokens of a JSON text, shared by what makes values of them and what only checks them.
struct JSONScanner {
    /// The bytes of the text.
    let bytes: [UInt8]
    /// The place of the next byte.
    var place: Int
    /// The place behind the last byte.
    let end: Int

    /// Creates a scanner of the text in `range`.
    init(_ bytes: [UInt8], _ range: Range<Int>) {
        self.bytes = bytes
        place = range.lowerBound
        end = range.upperBound
    }

    /// The next byte; nil at the end.
    @inline(__always)
    var next: UInt8? {
        place < end ? bytes[place] : nil
    }

    /// The error of a text that is not JSON from the current place on.
    var failure: UpdateError { .malformed(.json, offset: place) }

    /// Passes over spaces, tabs and ends of lines; true when there were any.
    @inline(__always)
    mutating func skipWhitespace() -> Bool {
        let start = place
        while let byte = next, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 {
            place += 1
        }
        return place > start
    }

    /// Passes over `byte`, if it is next.
    @inline(__always)
    mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        place += 1
        return true
    }

    /// Passes over `word`, or fails.
    mutating func expect(_ word: StaticString) throws(UpdateError) {
        for byte in UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount) {
            guard take(byte) else { throw failure }
        }
    }

    /// Passes over a number and returns where it was.
    ///
    /// Source: ECMA-404, "Numbers".
    mutating func number() throws(UpdateError) -> Range<Int> {
        let start = place
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) {
            try digits()
        }
        if take(UInt8(ascii: ".")) {
            try digits()
        }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            try digits()
        }
        return start..<place
    }

    /// The number that the digits in `range` spell.
    func value(ofNumber range: Range<Int>) -> Double {
        if let integer = smallInteger(range) { return integer }
        // A number of the grammar above never fails to parse; one too large is infinite, as in JavaScript.
        return Double(String(decoding: bytes[range], as: UTF8.self)) ?? .nan
    }

    /// The number in `range`, when it is up to 15 digits with or without a minus.
    func smallInteger(_ range: Range<Int>) -> Double? {
        let isNegative = bytes[range.lowerBound] == UInt8(ascii: "-")
        let digits = isNegative ? range.dropFirst() : range
        guard digits.count <= 15 else { return nil }
        var number = 0
        for place in digits {
            let digit = bytes[place] &- 0x30
            guard digit < 10 else { return nil }
            number = number * 10 + Int(digit)
        }
        return isNegative ? -Double(number) : Double(number)
    }

    /// Passes over a string with its quotes and returns the place of its inside, and whether it has escapes.
    mutating func string() throws(UpdateError) -> (range: Range<Int>, hasEscapes: Bool) {
        guard take(UInt8(ascii: "\"")) else { throw failure }
        let start = place
        var hasEscapes = false
        while let byte = next {
            if byte == UInt8(ascii: "\"") {
                place += 1
                return (start..<(place - 1), hasEscapes)
            }
            guard byte >= 0x20 else { throw failure }
            if byte == UInt8(ascii: "\\") {
                hasEscapes = true
                try skipEscape()
            } else {
                place += 1
            }
        }
        throw failure
    }

    /// The four hexadecimal digits from `place` on; nil when there are none before `limit`.
    func hexNumber(at place: Int, limit: Int) -> UInt16? {
        guard place + 4 <= limit else { return nil }
        var number: UInt16 = 0
        for byte in bytes[place..<(place + 4)] {
            guard let digit = Self.hexDigit(byte) else { return nil }
            number = number << 4 | UInt16(digit)
        }
        return number
    }

    private mutating func digits() throws(UpdateError) {
        let start = place
        while let byte = next, byte &- 0x30 < 10 {
            place += 1
        }
        guard place > start else { throw failure }
    }

    private mutating func skipEscape() throws(UpdateError) {
        place += 1
        switch next {
        case UInt8(ascii: "u"):
            guard hexNumber(at: place + 1, limit: end) != nil else { throw failure }
            place += 5
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            place += 1
        default:
            throw failure
        }
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
