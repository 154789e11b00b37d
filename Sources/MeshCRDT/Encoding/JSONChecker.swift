/// Checks a JSON text without making its value: whether it is JSON, and whether `JSON.stringify` would write it so.
struct JSONChecker {
    private var scanner: JSONScanner
    private let depthLimit: Int
    private var isCanonical = true

    /// Creates a checker of the text in `range`.
    init(_ bytes: [UInt8], _ range: Range<Int>, depthLimit: Int) {
        scanner = JSONScanner(bytes, range)
        self.depthLimit = depthLimit
    }

    /// Whether the text is canonical; throws when it is not JSON.
    mutating func document() throws(UpdateError) -> Bool {
        skipWhitespace()
        try value(depth: 0)
        skipWhitespace()
        guard scanner.next == nil else { throw scanner.failure }
        return isCanonical
    }

    private mutating func skipWhitespace() {
        if scanner.skipWhitespace() { isCanonical = false }
    }

    private mutating func value(depth: Int) throws(UpdateError) {
        switch scanner.next {
        case UInt8(ascii: "{"):
            try AnyCodec.checkDepth(depth, limit: depthLimit, offset: scanner.place)
            try object(depth: depth + 1)
        case UInt8(ascii: "["):
            try AnyCodec.checkDepth(depth, limit: depthLimit, offset: scanner.place)
            try array(depth: depth + 1)
        case UInt8(ascii: "\""): _ = try string()
        case UInt8(ascii: "t"): try scanner.expect("true")
        case UInt8(ascii: "f"): try scanner.expect("false")
        case UInt8(ascii: "n"): try scanner.expect("null")
        default: try number()
        }
    }

    private mutating func array(depth: Int) throws(UpdateError) {
        scanner.place += 1
        skipWhitespace()
        guard !scanner.take(UInt8(ascii: "]")) else { return }
        while true {
            skipWhitespace()
            try value(depth: depth)
            skipWhitespace()
            if scanner.take(UInt8(ascii: "]")) { return }
            guard scanner.take(UInt8(ascii: ",")) else { throw scanner.failure }
        }
    }

    private mutating func object(depth: Int) throws(UpdateError) {
        var keys = CanonicalKeys()
        scanner.place += 1
        skipWhitespace()
        guard !scanner.take(UInt8(ascii: "}")) else { return }
        while true {
            skipWhitespace()
            let key = try string()
            // Canonical escapes are one to one, so that keys differ where their texts do.
            if isCanonical { isCanonical = keys.accepts(key, in: scanner.bytes) }
            skipWhitespace()
            guard scanner.take(UInt8(ascii: ":")) else { throw scanner.failure }
            skipWhitespace()
            try value(depth: depth)
            skipWhitespace()
            if scanner.take(UInt8(ascii: "}")) { return }
            guard scanner.take(UInt8(ascii: ",")) else { throw scanner.failure }
        }
    }

    private mutating func number() throws(UpdateError) {
        let range = try scanner.number()
        let first = scanner.bytes[range.lowerBound]
        // Leading zeros are not JSON, so that a short integer can only be wrong as -0.
        if scanner.smallInteger(range) != nil, first != UInt8(ascii: "-") || range.count > 2 { return }
        guard isCanonical else { return }
        var text: [UInt8] = []
        JavaScriptNumber.appendJSON(scanner.value(ofNumber: range), to: &text)
        isCanonical = scanner.bytes[range].elementsEqual(text)
    }

    private mutating func string() throws(UpdateError) -> Range<Int> {
        let (range, hasEscapes) = try scanner.string()
        if hasEscapes, isCanonical { isCanonical = hasCanonicalEscapes(range) }
        return range
    }

    private func hasCanonicalEscapes(_ range: Range<Int>) -> Bool {
        var place = range.lowerBound
        var isAfterLead = false
        while place < range.upperBound {
            guard scanner.bytes[place] == UInt8(ascii: "\\") else {
                isAfterLead = false
                place += 1
                continue
            }
            guard scanner.bytes[place + 1] == UInt8(ascii: "u") else {
                guard scanner.bytes[place + 1] != UInt8(ascii: "/") else { return false }
                isAfterLead = false
                place += 2
                continue
            }
            guard let unit = scanner.hexNumber(at: place + 2, limit: range.upperBound),
                isCanonicalEscape(unit, digits: (place + 2)..<(place + 6)),
                !(isAfterLead && UTF16.isTrailSurrogate(unit))
            else { return false }
            isAfterLead = UTF16.isLeadSurrogate(unit)
            place += 6
        }
        return true
    }

    /// Whether `unit` is written as a number: a control character without a letter, or half a pair, in small letters.
    private func isCanonicalEscape(_ unit: UInt16, digits: Range<Int>) -> Bool {
        guard !scanner.bytes[digits].contains(where: { digit in digit >= 0x41 && digit <= 0x46 }) else {
            return false
        }
        if unit < 0x20 { return JSONText.shortEscape(of: UInt8(unit)) == nil }
        return UTF16.isSurrogate(unit)
    }
}
