/// A JSON value whose objects keep their order, which Foundation's does not.
indirect enum OrderedJSON: Sendable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([OrderedJSON])
    case object([(key: String, value: OrderedJSON)])

    /// Parses one JSON text.
    init(parsing bytes: [UInt8]) throws {
        var parser = JSONParser(bytes: bytes)
        self = try parser.value()
    }

    /// The member `key`; the bytes of keys are compared, not their characters.
    subscript(_ key: String) -> OrderedJSON? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.key.utf8.elementsEqual(key.utf8) }?.value
    }

    /// The element `index`.
    subscript(_ index: Int) -> OrderedJSON? {
        guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
        return elements[index]
    }

    var string: String? { if case .string(let text) = self { text } else { nil } }
    var number: Double? { if case .number(let number) = self { number } else { nil } }
    var int: Int? { number.map { Int($0) } }
    var bool: Bool? { if case .bool(let bool) = self { bool } else { nil } }
    var isNull: Bool { if case .null = self { true } else { false } }
    var elements: [OrderedJSON] { if case .array(let elements) = self { elements } else { [] } }
    var members: [(key: String, value: OrderedJSON)] {
        if case .object(let members) = self { members } else { [] }
    }
}

/// The text of a test file is not JSON.
struct NotJSON: Error {
    let offset: Int
}

/// A recursive descent over bytes; for test data only.
private struct JSONParser {
    let bytes: [UInt8]
    var offset = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func value() throws -> OrderedJSON {
        skipSpace()
        defer { skipSpace() }
        switch try peek() {
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    private mutating func object() throws -> OrderedJSON {
        var members: [(key: String, value: OrderedJSON)] = []
        offset += 1
        skipSpace()
        while try peek() != UInt8(ascii: "}") {
            skipSpace()
            let key = try string()
            skipSpace()
            try expect(":")
            members.append((key, try value()))
            if try peek() == UInt8(ascii: ",") { offset += 1 }
        }
        offset += 1
        return .object(members)
    }

    private mutating func array() throws -> OrderedJSON {
        var elements: [OrderedJSON] = []
        offset += 1
        skipSpace()
        while try peek() != UInt8(ascii: "]") {
            elements.append(try value())
            if try peek() == UInt8(ascii: ",") { offset += 1 }
        }
        offset += 1
        return .array(elements)
    }

    private mutating func string() throws -> String {
        try expect("\"")
        let start = offset
        while offset < bytes.count, bytes[offset] != UInt8(ascii: "\""), bytes[offset] != UInt8(ascii: "\\") {
            offset += 1
        }
        if try peek() == UInt8(ascii: "\"") {
            offset += 1
            return String(decoding: bytes[start..<(offset - 1)], as: UTF8.self)
        }
        var units = Array(String(decoding: bytes[start..<offset], as: UTF8.self).utf16)
        while try peek() != UInt8(ascii: "\"") {
            if try peek() == UInt8(ascii: "\\") {
                units.append(try escape())
            } else {
                let from = offset
                while try peek() != UInt8(ascii: "\""), bytes[offset] != UInt8(ascii: "\\") { offset += 1 }
                units += String(decoding: bytes[from..<offset], as: UTF8.self).utf16
            }
        }
        offset += 1
        return String(decoding: units, as: UTF16.self)
    }

    private mutating func escape() throws -> UInt16 {
        offset += 2
        guard offset <= bytes.count else { throw NotJSON(offset: offset) }
        switch bytes[offset - 1] {
        case UInt8(ascii: "n"): return 0x0A
        case UInt8(ascii: "t"): return 0x09
        case UInt8(ascii: "r"): return 0x0D
        case UInt8(ascii: "b"): return 0x08
        case UInt8(ascii: "f"): return 0x0C
        case UInt8(ascii: "u"):
            let digits = String(decoding: bytes[offset..<min(offset + 4, bytes.count)], as: UTF8.self)
            guard let unit = UInt16(digits, radix: 16) else { throw NotJSON(offset: offset) }
            offset += 4
            return unit
        case let other: return UInt16(other)
        }
    }

    private mutating func number() throws -> OrderedJSON {
        let start = offset
        while offset < bytes.count, "+-.eE0123456789".utf8.contains(bytes[offset]) { offset += 1 }
        let digits = String(decoding: bytes[start..<offset], as: UTF8.self)
        guard let number = Double(digits) else { throw NotJSON(offset: start) }
        return .number(number)
    }

    private mutating func word(_ word: String, _ value: OrderedJSON) throws -> OrderedJSON {
        for byte in word.utf8 {
            guard try peek() == byte else { throw NotJSON(offset: offset) }
            offset += 1
        }
        return value
    }

    private mutating func expect(_ text: Unicode.Scalar) throws {
        guard try peek() == UInt8(ascii: text) else { throw NotJSON(offset: offset) }
        offset += 1
    }

    private func peek() throws -> UInt8 {
        guard offset < bytes.count else { throw NotJSON(offset: offset) }
        return bytes[offset]
    }

    private mutating func skipSpace() {
        while offset < bytes.count, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[offset]) { offset += 1 }
    }
}

extension OrderedJSON: CustomStringConvertible {
    var description: String {
        var text = ScriptText()
        text.value(self)
        return text.text
    }
}

extension ScriptText {
    /// A whole value, objects in their own order.
    mutating func value(_ value: OrderedJSON) {
        switch value {
        case .null: raw("null")
        case .bool(let bool): raw(bool ? "true" : "false")
        case .number(let number): self.number(number)
        case .string(let text): string(text)
        case .array(let elements):
            list("[", elements, "]") { $0.value($1) }
        case .object(let members):
            list("{", members, "}") { text, member in
                text.string(member.key)
                text.raw(":")
                text.value(member.value)
            }
        }
    }
}
