/// JSON as JavaScript reads and writes it.
///
/// Deviations, both where a Swift text or JavaScript has no answer: a surrogate that is escaped without its partner becomes
/// U+FFFD in a value (text that is canonical keeps it, since it is copied), and a big integer is written in decimal digits where
/// `JSON.stringify` throws. Source: ECMA-262, "The JSON Object".
enum JSONText {
    /// What Yjs writes in place of JSON for undefined.
    static let undefined: StaticString = "undefined"

    /// Whether the bytes in `range` are the word by which Yjs writes undefined.
    static func isUndefined(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
        guard range.count == undefined.utf8CodeUnitCount, bytes[range.lowerBound] == 0x75 else {
            return false
        }
        return undefined.withUTF8Buffer { word in bytes[range].elementsEqual(word) }
    }

    /// The value of the JSON text in `range`, which is valid UTF-8 and to its end one value; like `JSON.parse`.
    static func parse(
        _ bytes: [UInt8], _ range: Range<Int>, depthLimit: Int
    ) throws(UpdateError) -> AnyValue {
        var parser = JSONParser(bytes, range, depthLimit: depthLimit)
        return try parser.document()
    }

    /// Validates the JSON text in `range`, which is valid UTF-8; true when `JSON.stringify` would write it in the same bytes.
    ///
    /// False also when an object has more than `CanonicalKeys.capacity` keys.
    static func isCanonical(
        _ bytes: [UInt8], _ range: Range<Int>, depthLimit: Int
    ) throws(UpdateError) -> Bool {
        var checker = JSONChecker(bytes, range, depthLimit: depthLimit)
        return try checker.document()
    }

    /// Appends `value` like `JSON.stringify`; undefined alone becomes the word that Yjs writes for it.
    static func append(_ value: AnyValue, to output: inout [UInt8]) {
        switch value {
        case .undefined: append(word: "undefined", to: &output)
        case .null: append(word: "null", to: &output)
        case .bool(let value): append(word: value ? "true" : "false", to: &output)
        case .number(let value): JavaScriptNumber.appendJSON(value, to: &output)
        case .bigInt(let value): append(decimal: value, to: &output)
        case .string(let value): append(quoted: value, to: &output)
        case .binary(let bytes): append(bytes, to: &output)
        case .array(let values): append(values, to: &output)
        case .object(let fields): append(fields, to: &output)
        }
    }

    /// Appends `text` as a JSON string.
    static func append(quoted text: String, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else {
                output.append(byte)
                continue
            }
            output.append(UInt8(ascii: "\\"))
            if let short = shortEscape(of: byte) {
                output.append(short)
            } else {
                append(word: "u00", to: &output)
                output.append(hexDigit(byte >> 4))
                output.append(hexDigit(byte & 0xf))
            }
        }
        output.append(UInt8(ascii: "\""))
    }

    /// The letter that stands for `byte` after a backslash; nil for one that is written as a number.
    static func shortEscape(of byte: UInt8) -> UInt8? {
        switch byte {
        case 0x08: UInt8(ascii: "b")
        case 0x09: UInt8(ascii: "t")
        case 0x0a: UInt8(ascii: "n")
        case 0x0c: UInt8(ascii: "f")
        case 0x0d: UInt8(ascii: "r")
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): byte
        default: nil
        }
    }

    /// Appends an integer's decimal digits.
    static func append(decimal number: some BinaryInteger, to output: inout [UInt8]) {
        output.append(contentsOf: String(number).utf8)
    }

    private static func append(word: StaticString, to output: inout [UInt8]) {
        word.withUTF8Buffer { bytes in output.append(contentsOf: bytes) }
    }

    private static func append(_ values: [AnyValue], to output: inout [UInt8]) {
        output.append(UInt8(ascii: "["))
        for (place, value) in values.enumerated() {
            if place > 0 { output.append(UInt8(ascii: ",")) }
            append(value == .undefined ? .null : value, to: &output)
        }
        output.append(UInt8(ascii: "]"))
    }

    private static func append(_ fields: AnyFields, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "{"))
        var isFirst = true
        for (key, value) in fields where value != .undefined {
            if !isFirst { output.append(UInt8(ascii: ",")) }
            isFirst = false
            append(quoted: key, to: &output)
            output.append(UInt8(ascii: ":"))
            append(value, to: &output)
        }
        output.append(UInt8(ascii: "}"))
    }

    /// Appends bytes as JavaScript's `Uint8Array`, which is an object with an index for each byte.
    private static func append(_ bytes: [UInt8], to output: inout [UInt8]) {
        output.append(UInt8(ascii: "{"))
        for (place, byte) in bytes.enumerated() {
            append(word: place == 0 ? "\"" : ",\"", to: &output)
            append(decimal: place, to: &output)
            append(word: "\":", to: &output)
            append(decimal: byte, to: &output)
        }
        output.append(UInt8(ascii: "}"))
    }

    private static func hexDigit(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10
    }
}

extension AnyValue {
    /// The value of a JSON text, as `JSON.parse` reads it; nested at most `depthLimit` deep.
    public init(json: String, depthLimit: Int = DocumentLimits().valueDepth) throws(UpdateError) {
        let bytes = [UInt8](json.utf8)
        self = try JSONText.parse(bytes, 0..<bytes.count, depthLimit: depthLimit)
    }

    /// The value as `JSON.stringify` writes it; "undefined" for undefined, decimal digits for a big integer.
    public var json: String {
        var output: [UInt8] = []
        JSONText.append(self, to: &output)
        return String(decoding: output, as: UTF8.self)
    }
}
