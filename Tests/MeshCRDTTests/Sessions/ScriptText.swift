/// Text as JavaScript's `JSON.stringify` writes it, made without the module under test.
struct ScriptText {
    private(set) var bytes: [UInt8] = []

    /// The text so far.
    var text: String { String(decoding: bytes, as: UTF8.self) }

    mutating func raw(_ text: StaticString) {
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    mutating func raw(_ other: [UInt8]) { bytes += other }

    mutating func string(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): raw("\\\"")
            case UInt8(ascii: "\\"): raw("\\\\")
            case 0x08: raw("\\b")
            case 0x09: raw("\\t")
            case 0x0A: raw("\\n")
            case 0x0C: raw("\\f")
            case 0x0D: raw("\\r")
            case 0..<0x20:
                raw("\\u00")
                bytes += [byte >> 4, byte & 15].map { "0123456789abcdef".utf8.map { $0 }[Int($0)] }
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// A number as ECMA-262 "Number::toString" writes it.
    mutating func number(_ value: Double) {
        guard value.isFinite else { return raw("null") }
        guard value != 0 else { return raw("0") }
        if value < 0 { raw("-") }
        if value.magnitude < 1e15, value.magnitude == value.magnitude.rounded() {
            bytes += String(UInt64(value.magnitude)).utf8
            return
        }
        let (digits, point) = ScriptText.shortestDigits(value.magnitude)
        switch point {
        case digits.count...21: bytes += digits + Array(repeating: zero, count: point - digits.count)
        case 1...21: bytes += digits[..<point] + [UInt8(ascii: ".")] + digits[point...]
        case -5...0: bytes += Array("0.".utf8) + Array(repeating: zero, count: -point) + digits
        default:
            bytes.append(digits[0])
            if digits.count > 1 { bytes += [UInt8(ascii: ".")] + digits[1...] }
            bytes += (point > 0 ? "e+\(point - 1)" : "e-\(1 - point)").utf8
        }
    }

    /// Elements between brackets, with commas.
    mutating func list<Elements: Sequence>(
        _ open: StaticString, _ elements: Elements, _ close: StaticString,
        _ write: (inout ScriptText, Elements.Element) -> Void
    ) {
        raw(open)
        var isFirst = true
        for element in elements {
            if !isFirst { raw(",") }
            isFirst = false
            write(&self, element)
        }
        raw(close)
    }

    private var zero: UInt8 { UInt8(ascii: "0") }

    /// The fewest digits that give `value` back, and where the decimal point stands among them.
    private static func shortestDigits(_ value: Double) -> (digits: [UInt8], point: Int) {
        // Swift prints the shortest digits too, in another layout.
        let parts = value.description.split(separator: "e")
        let halves = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        var digits = Array(halves[0].utf8) + (halves.count > 1 ? Array(halves[1].utf8) : [])
        var point = halves[0].utf8.count + (parts.count > 1 ? Int(parts[1]) ?? 0 : 0)
        while digits.count > 1, digits[0] == UInt8(ascii: "0") {
            digits.removeFirst()
            point -= 1
        }
        while digits.count > 1, digits.last == UInt8(ascii: "0") { digits.removeLast() }
        return (digits, point)
    }
}
