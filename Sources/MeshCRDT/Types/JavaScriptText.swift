/// Values as JavaScript turns them into text where a text is wanted.
///
/// Source: ECMA-262, `ToString`.
enum JavaScriptText {
    /// What an object without a text of its own becomes.
    private static let object = "[object Object]"

    /// A value of a list or a map as text; XML types and texts by their own `toString`.
    static func string(_ value: SharedValue) -> String {
        switch value {
        case .any(let value): string(value)
        case .binary(let bytes): string(AnyValue.binary(bytes))
        case .document: object
        case .type(let type):
            switch type {
            case .array, .map, .xmlHook: object
            case .text(let text): text.string
            case .xmlElement(let element): element.string
            case .xmlFragment(let fragment): fragment.string
            case .xmlText(let text): text.string
            }
        }
    }

    /// A plain value as text.
    static func string(_ value: AnyValue) -> String {
        switch value {
        case .undefined: "undefined"
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .number(let value): number(value)
        case .bigInt(let value): String(value)
        case .string(let value): value
        case .binary(let bytes): bytes.map { byte in String(byte) }.joined(separator: ",")
        case .array(let values): values.map(element).joined(separator: ",")
        case .object: object
        }
    }

    /// Whether JavaScript sorts one text before another: by UTF-16 code units.
    static func precedes(_ left: String, _ right: String) -> Bool {
        left.utf16.lexicographicallyPrecedes(right.utf16)
    }

    /// An element of an array as text, in which nothing stands for nothing.
    private static func element(_ value: AnyValue) -> String {
        switch value {
        case .undefined, .null: ""
        case .bool, .number, .bigInt, .string, .binary, .array, .object: string(value)
        }
    }

    private static func number(_ number: Double) -> String {
        var bytes: [UInt8] = []
        JavaScriptNumber.append(number, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}
