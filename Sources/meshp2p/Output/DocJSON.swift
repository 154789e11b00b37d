import MeshCRDT

/// JSON text of documents, written piece by piece.
///
/// Keys stay in their order and apart by bytes: Swift's dictionaries take two keys for one when they only look alike.
/// What JSON cannot say becomes an object with one key: `$undef`, `$bigint`, `$bin`, `$num`.
struct DocJSON {
    private(set) var bytes: [UInt8] = []
    private var needsComma = false

    /// Writes `{…}` around `members`.
    mutating func object(_ members: (inout DocJSON) -> Void) {
        open("{")
        members(&self)
        close("}")
    }

    /// Writes `[…]` around `elements`.
    mutating func array(_ elements: (inout DocJSON) -> Void) {
        open("[")
        elements(&self)
        close("]")
    }

    /// Writes the key of a member, whose value must follow.
    mutating func key(_ key: String) {
        string(key)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    mutating func string(_ text: String) {
        comma()
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): bytes += #"\""#.utf8
            case UInt8(ascii: "\\"): bytes += #"\\"#.utf8
            case 0x0a: bytes += #"\n"#.utf8
            case 0x00..<0x20:
                let digits = String(byte, radix: 16)
                bytes += (#"\u00"# + (digits.count < 2 ? "0" : "") + digits).utf8
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
        needsComma = true
    }

    mutating func integer(_ value: some BinaryInteger) { word("\(value)") }

    mutating func bool(_ value: Bool) { word(value ? "true" : "false") }

    /// Writes a number that JSON can say.
    mutating func number(_ value: Double) {
        if let whole = Int64(exactly: value), abs(whole) < 1 << 53 {
            word("\(whole)")
        } else {
            word("\(value)")
        }
    }

    mutating func value(_ value: AnyValue) {
        switch value {
        case .undefined: tagged("$undef") { $0.bool(true) }
        case .null: word("null")
        case .bool(let value): bool(value)
        case .number(let value):
            if value.isFinite, !(value == 0 && value.sign == .minus) {
                number(value)
            } else {
                tagged("$num") { $0.string(Self.name(of: value)) }
            }
        case .bigInt(let value): tagged("$bigint") { $0.string("\(value)") }
        case .string(let text): string(text)
        case .binary(let bytes): tagged("$bin") { $0.string(Base64Text.encode(bytes)) }
        case .array(let values): array { json in for value in values { json.value(value) } }
        case .object(let fields): self.fields(fields)
        }
    }

    mutating func fields(_ fields: AnyFields) {
        object { json in
            for field in fields {
                json.key(field.key)
                json.value(field.value)
            }
        }
    }

    /// Writes an object with one member.
    mutating func tagged(_ tag: String, _ value: (inout DocJSON) -> Void) {
        object { json in
            json.key(tag)
            value(&json)
        }
    }

    /// Writes a whole value that was written before.
    mutating func raw(_ other: DocJSON) {
        comma()
        bytes += other.bytes
        needsComma = true
    }

    /// The text so far.
    var text: String { String(decoding: bytes, as: UTF8.self) }

    /// As JavaScript's `String` names it.
    private static func name(of value: Double) -> String {
        value.isNaN ? "NaN" : value == 0 ? "-0" : value > 0 ? "Infinity" : "-Infinity"
    }

    private mutating func open(_ bracket: String) {
        comma()
        bytes += bracket.utf8
        needsComma = false
    }

    private mutating func close(_ bracket: String) {
        bytes += bracket.utf8
        needsComma = true
    }

    private mutating func word(_ word: String) {
        comma()
        bytes += word.utf8
        needsComma = true
    }

    private mutating func comma() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
    }
}

/// An output whose JSON is written by hand, because its keys are a document's.
protocol DocOutput: Sendable {
    /// One JSON object.
    var json: DocJSON { get }
    /// The lines for people.
    func lines(_ layout: Layout) -> [String]
}

extension Console {
    /// Shows an output on standard output.
    func show(_ output: some DocOutput) throws {
        if isJSON { try emit(output.json.bytes + [0x0a]) } else { try say(output.lines(layout)) }
    }
}
