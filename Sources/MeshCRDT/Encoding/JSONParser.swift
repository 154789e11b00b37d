/// Makes a value of a JSON text, as `JSON.parse` does.
struct JSONParser {
    private var scanner: JSONScanner
    private let depthLimit: Int

    /// Creates a parser of the text in `range`.
    init(_ bytes: [UInt8], _ range: Range<Int>, depthLimit: Int) {
        scanner = JSONScanner(bytes, range)
        self.depthLimit = depthLimit
    }

    /// The one value of the text.
    mutating func document() throws(UpdateError) -> AnyValue {
        _ = scanner.skipWhitespace()
        let value = try value(depth: 0)
        _ = scanner.skipWhitespace()
        guard scanner.next == nil else { throw scanner.failure }
        return value
    }

    private mutating func value(depth: Int) throws(UpdateError) -> AnyValue {
        switch scanner.next {
        case UInt8(ascii: "{"):
            try AnyCodec.checkDepth(depth, limit: depthLimit, offset: scanner.place)
            return .object(try object(depth: depth + 1))
        case UInt8(ascii: "["):
            try AnyCodec.checkDepth(depth, limit: depthLimit, offset: scanner.place)
            return .array(try array(depth: depth + 1))
        case UInt8(ascii: "\""):
            return .string(try string())
        case UInt8(ascii: "t"):
            try scanner.expect("true")
            return .bool(true)
        case UInt8(ascii: "f"):
            try scanner.expect("false")
            return .bool(false)
        case UInt8(ascii: "n"):
            try scanner.expect("null")
            return .null
        default:
            return .number(scanner.value(ofNumber: try scanner.number()))
        }
    }

    private mutating func array(depth: Int) throws(UpdateError) -> [AnyValue] {
        var values: [AnyValue] = []
        scanner.place += 1
        _ = scanner.skipWhitespace()
        guard !scanner.take(UInt8(ascii: "]")) else { return values }
        while true {
            _ = scanner.skipWhitespace()
            values.append(try value(depth: depth))
            _ = scanner.skipWhitespace()
            if scanner.take(UInt8(ascii: "]")) { return values }
            guard scanner.take(UInt8(ascii: ",")) else { throw scanner.failure }
        }
    }

    private mutating func object(depth: Int) throws(UpdateError) -> AnyFields {
        var assigned: [(key: String, value: AnyValue)] = []
        scanner.place += 1
        _ = scanner.skipWhitespace()
        guard !scanner.take(UInt8(ascii: "}")) else { return AnyFields() }
        while true {
            _ = scanner.skipWhitespace()
            let key = try string()
            _ = scanner.skipWhitespace()
            guard scanner.take(UInt8(ascii: ":")) else { throw scanner.failure }
            _ = scanner.skipWhitespace()
            assigned.append((key, try value(depth: depth)))
            _ = scanner.skipWhitespace()
            if scanner.take(UInt8(ascii: "}")) { return AnyFields(assigned) }
            guard scanner.take(UInt8(ascii: ",")) else { throw scanner.failure }
        }
    }

    private mutating func string() throws(UpdateError) -> String {
        let (range, hasEscapes) = try scanner.string()
        guard hasEscapes else { return String(decoding: scanner.bytes[range], as: UTF8.self) }
        return String(decoding: unescaped(range), as: UTF8.self)
    }

    /// The UTF-8 of a string's inside, whose escapes were checked.
    private func unescaped(_ range: Range<Int>) -> [UInt8] {
        let bytes = scanner.bytes
        var output: [UInt8] = []
        output.reserveCapacity(range.count)
        var place = range.lowerBound
        while place < range.upperBound {
            guard bytes[place] == UInt8(ascii: "\\") else {
                output.append(bytes[place])
                place += 1
                continue
            }
            let letter = bytes[place + 1]
            place += 2
            switch letter {
            case UInt8(ascii: "u"): place += appendScalar(at: place, limit: range.upperBound, to: &output)
            case UInt8(ascii: "b"): output.append(0x08)
            case UInt8(ascii: "f"): output.append(0x0c)
            case UInt8(ascii: "n"): output.append(0x0a)
            case UInt8(ascii: "r"): output.append(0x0d)
            case UInt8(ascii: "t"): output.append(0x09)
            default: output.append(letter)
            }
        }
        return output
    }

    /// Appends the character whose digits are at `place`, and returns how many bytes of the text it took.
    private func appendScalar(at place: Int, limit: Int, to output: inout [UInt8]) -> Int {
        let first = scanner.hexNumber(at: place, limit: limit) ?? 0xfffd
        if UTF16.isLeadSurrogate(first), place + 10 <= limit, scanner.bytes[place + 4] == UInt8(ascii: "\\"),
            scanner.bytes[place + 5] == UInt8(ascii: "u"),
            let second = scanner.hexNumber(at: place + 6, limit: limit), UTF16.isTrailSurrogate(second)
        {
            let number = 0x10000 + (UInt32(first) - 0xd800) << 10 + (UInt32(second) - 0xdc00)
            append(Unicode.Scalar(number), to: &output)
            return 10
        }
        append(Unicode.Scalar(first), to: &output)
        return 4
    }

    /// Appends `scalar`, or U+FFFD for half a pair.
    private func append(_ scalar: Unicode.Scalar?, to output: inout [UInt8]) {
        output.append(contentsOf: UTF8.encode(scalar ?? "\u{fffd}") ?? UTF8.encodedReplacementCharacter)
    }
}
