/// What can be put into a list or a map.
///
/// Literals stand for plain values: `try array.append([1, "two", nil, ["a": true]])`.
public enum SharedInput {
    /// A plain value. Lists refuse undefined and big integers as elements of their own, as in Yjs.
    case any(AnyValue)
    /// A byte string.
    case binary([UInt8])
    /// A new nested type.
    case type(NewType)
    /// A document that is no part of another one yet.
    case document(Document)
}

/// A type that is yet to be put into a document, with its first content.
///
/// Its content is written right behind it, in the order in which Yjs writes it.
public indirect enum NewType {
    case array([SharedInput] = [])
    /// A key that comes twice keeps its place and takes the later value.
    case map([(key: String, value: SharedInput)] = [])
    case text(String = "")
    /// A text as a list of formatted parts.
    case textDelta([TextDelta])
    /// Children are written before attributes.
    case xmlElement(
        name: String, attributes: [(key: String, value: SharedInput)] = [], children: [NewType] = [])
    case xmlFragment([NewType] = [])
    case xmlText(String = "")
    /// An XML text as a list of formatted parts.
    case xmlTextDelta([TextDelta])
    case xmlHook(name: String, entries: [(key: String, value: SharedInput)] = [])
}

extension SharedInput: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral
{
    /// Creates null.
    public init(nilLiteral: ()) {
        self = .any(.null)
    }

    /// Creates true or false.
    public init(booleanLiteral value: Bool) {
        self = .any(.bool(value))
    }

    /// Creates a number.
    public init(integerLiteral value: Int) {
        self = .any(.number(Double(value)))
    }

    /// Creates a number.
    public init(floatLiteral value: Double) {
        self = .any(.number(value))
    }

    /// Creates a text.
    public init(stringLiteral value: String) {
        self = .any(.string(value))
    }

    /// Creates a plain array.
    public init(arrayLiteral elements: AnyValue...) {
        self = .any(.array(elements))
    }

    /// Creates a plain object, with its fields in JavaScript's order.
    public init(dictionaryLiteral elements: (String, AnyValue)...) {
        self = .any(.object(AnyFields(elements.map { element in (key: element.0, value: element.1) })))
    }
}
