/// A plain value inside a document: what JavaScript's JSON knows, and undefined, big integers and byte strings.
///
/// Two values are equal when lib0 would write the same bytes for them: texts by their UTF-8, -0 apart from 0, all NaN alike,
/// objects with the same fields in the same order. `isDeeplyEqual(to:)` compares as JavaScript does.
public enum AnyValue: Sendable {
    case undefined
    case null
    case bool(Bool)
    case number(Double)
    case bigInt(Int64)
    case string(String)
    case binary([UInt8])
    case array([AnyValue])
    case object(AnyFields)
}

extension AnyValue: Hashable {
    /// Whether lib0 would write the same bytes for both.
    public static func == (left: AnyValue, right: AnyValue) -> Bool {
        switch (left, right) {
        case (.undefined, .undefined), (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.number(let left), .number(let right)): left.identity == right.identity
        case (.bigInt(let left), .bigInt(let right)): left == right
        case (.string(let left), .string(let right)): left.hasSameBytes(as: right)
        case (.binary(let left), .binary(let right)): left == right
        case (.array(let left), .array(let right)): left == right
        case (.object(let left), .object(let right)): left == right
        case (.undefined, _), (.null, _), (.bool, _), (.number, _), (.bigInt, _), (.string, _), (.binary, _),
            (.array, _), (.object, _):
            false
        }
    }

    /// Mixes the kind and the content into `hasher`.
    public func hash(into hasher: inout Hasher) {
        switch self {
        case .undefined: hasher.combine(0)
        case .null: hasher.combine(1)
        case .bool(let value): hasher.combine(value)
        case .number(let value): hasher.combine(value.identity)
        case .bigInt(let value): hasher.combine(value)
        case .string(let value): value.hashBytes(into: &hasher)
        case .binary(let value): hasher.combine(value)
        case .array(let values): hasher.combine(values)
        case .object(let fields): hasher.combine(fields)
        }
    }

    /// Whether both mean the same to JavaScript: fields in any order, 0 equal to -0, NaN equal to nothing.
    ///
    /// Source: lib0 0.2.117, `function.equalityDeep`.
    public func isDeeplyEqual(to other: AnyValue) -> Bool {
        switch (self, other) {
        case (.number(let left), .number(let right)):
            return left == right
        case (.array(let left), .array(let right)):
            return left.count == right.count
                && zip(left, right).allSatisfy { pair in pair.0.isDeeplyEqual(to: pair.1) }
        case (.object(let left), .object(let right)):
            return left.count == right.count
                && left.allSatisfy { field in right[field.key]?.isDeeplyEqual(to: field.value) ?? false }
        default:
            return self == other
        }
    }
}

// There is no `nil` literal: where an optional value is expected, it would mean `.null` or none depending on the spelling.
extension AnyValue: ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    /// Creates true or false.
    public init(booleanLiteral value: Bool) {
        self = .bool(value)
    }

    /// Creates a number.
    public init(integerLiteral value: Int) {
        self = .number(Double(value))
    }

    /// Creates a number.
    public init(floatLiteral value: Double) {
        self = .number(value)
    }

    /// Creates a text.
    public init(stringLiteral value: String) {
        self = .string(value)
    }

    /// Creates an array.
    public init(arrayLiteral elements: AnyValue...) {
        self = .array(elements)
    }

    /// Creates an object, with its fields in JavaScript's order.
    public init(dictionaryLiteral elements: (String, AnyValue)...) {
        self = .object(AnyFields(elements.map { element in (key: element.0, value: element.1) }))
    }
}

extension Double {
    /// Bits that are the same for every NaN.
    fileprivate var identity: UInt64 {
        isNaN ? Double.nan.bitPattern : bitPattern
    }
}
