extension Document {
    /// The nodes of a fragment as XML.
    func xml(of fragment: XmlFragment) -> String {
        fragment.values.map(JavaScriptText.string).joined()
    }

    /// An element as XML, with its attributes sorted by name as JavaScript sorts.
    func xml(of element: XmlElement) -> String {
        let attributes = element.attributes
            .filter { attribute in attribute.key != AnyCodec.prototypeKey }
            .sorted { left, right in JavaScriptText.precedes(left.key, right.key) }
            .map { attribute in " \(attribute.key)=\"\(JavaScriptText.string(attribute.value))\"" }
            .joined()
        let name = element.nodeName.lowercased()
        let content = element.values.map(JavaScriptText.string).joined()
        return "<\(name)\(attributes)>\(content)</\(name)>"
    }

    /// A formatted text as XML, with an element for each format around what it covers.
    func xml(of text: XmlText) -> String {
        text.text.toDelta().map(Self.xml).joined()
    }

    private static func xml(of part: TextDelta) -> String {
        guard case .insert(let insert, let attributes) = part else { return "" }
        let formats = (attributes ?? AnyFields())
            .filter { format in format.key != AnyCodec.prototypeKey }
            .sorted { left, right in JavaScriptText.precedes(left.key, right.key) }
        let opening = formats.map { format in "<\(format.key)\(properties(of: format.value))>" }.joined()
        let closing = formats.reversed().map { format in "</\(format.key)>" }.joined()
        let content =
            switch insert {
            case .text(let text): text
            case .embed(let value): JavaScriptText.string(.any(value))
            case .type(let type): JavaScriptText.string(.type(type))
            }
        return opening + content + closing
    }

    /// The properties that JavaScript finds in a format's value, as attributes.
    ///
    /// Those of a text are its UTF-16 code units under their numbers, and they are sorted as texts.
    private static func properties(of value: AnyValue) -> String {
        let properties: [(key: String, value: AnyValue)]
        switch value {
        case .object(let fields): properties = Array(fields)
        case .array(let values):
            properties = values.enumerated().map { place, value in (String(place), value) }
        case .binary(let bytes):
            properties = bytes.enumerated().map { place, byte in (String(place), .number(Double(byte))) }
        case .string(let text):
            properties = text.utf16.enumerated().map { place, unit in
                (String(place), .string(String(decoding: [unit], as: UTF16.self)))
            }
        case .undefined, .null, .bool, .number, .bigInt: properties = []
        }
        return properties.sorted { left, right in JavaScriptText.precedes(left.key, right.key) }
            .map { property in " \(property.key)=\"\(JavaScriptText.string(.any(property.value)))\"" }
            .joined()
    }
}
