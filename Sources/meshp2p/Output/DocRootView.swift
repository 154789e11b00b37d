import MeshCRDT

/// The content of one root, read out of its document.
struct DocRootView: Sendable {
    /// The content by the kind of the root.
    private enum Content: Sendable {
        case text(String, delta: DocJSON)
        case values(AnyValue)
        case xml(String)
        /// Everything that it held is deleted.
        case nothing
    }

    let name: String
    private let kind: String
    private let content: Content

    /// Reads the root `name` as a `kind`; nil stands for a root whose content implies none.
    init(_ document: Document, _ name: String, _ kind: DocRootKind?) {
        self.name = name
        self.kind = kind?.rawValue ?? "Unknown"
        content =
            switch kind {
            case .text:
                Self.text(document.text(name).string, document.text(name).toDelta())
            case .xmlText:
                Self.text(document.xmlText(name).string, document.text(name).toDelta())
            case .array: .values(document.array(name).toJSON())
            case .map: .values(document.map(name).toJSON())
            case .xmlFragment: .xml(document.xmlFragment(name).string)
            case .xmlElement: .xml(document.xmlElement(name).string)
            case nil: .nothing
            }
    }

    /// Writes the member `name` of the roots.
    func write(to json: inout DocJSON) {
        json.key(name)
        json.object { json in
            json.key("kind")
            json.string(kind)
            switch content {
            case .text(let text, let delta):
                json.key("text")
                json.string(text)
                json.key("delta")
                json.raw(delta)
            case .values(let value):
                json.key("json")
                json.value(value)
            case .xml(let text):
                json.key("xml")
                json.string(text)
                // Scripts that read every textual root alike.
                json.key("text")
                json.string(text)
            case .nothing: break
            }
        }
    }

    /// A heading, and the content indented below it.
    func lines(_ layout: Layout) -> [String] {
        let title = TerminalText.escaped(name, limit: 60)
        let head = "\(layout.style.bold(title.isEmpty ? "\"\"" : title))   \(kind)\(size)"
        let limit = layout.isVerbose ? Int.max : Self.shownLines
        let body = bodyLines(layout, limit)
        guard body.count > limit else { return [head] + body }
        return [head] + body.prefix(limit)
            + [layout.style.dim("  and \(body.count - limit) more lines (`-v` shows all)")]
    }

    private var size: String {
        switch content {
        case .text(let text, _): ", \(Quantity.count(text.utf16.count, "UTF-16 unit"))"
        case .values(.array(let values)): ", \(Quantity.count(values.count, "element"))"
        case .values(.object(let fields)): ", \(Quantity.count(fields.count, "key"))"
        case .values, .xml: ""
        case .nothing: ", all of it is deleted: --roots names its kind"
        }
    }

    private func bodyLines(_ layout: Layout, _ limit: Int) -> [String] {
        let width = layout.isVerbose ? Int.max : max(layout.width - 3, 20)
        switch content {
        case .text(let text, _), .xml(let text):
            guard !text.isEmpty else { return [] }
            return text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
                .map { "  " + TerminalText.escaped(String($0), limit: width) }
        case .values(.array(let values)):
            return values.map { "  " + TerminalText.escaped(Self.jsonText($0), limit: width) }
        case .values(.object(let fields)):
            return fields.map { field in
                let key = TerminalText.escaped(field.key, limit: 40)
                return "  \(key): " + TerminalText.escaped(Self.jsonText(field.value), limit: width)
            }
        case .values(let value): return ["  " + TerminalText.escaped(Self.jsonText(value), limit: width)]
        case .nothing: return []
        }
    }

    private static func jsonText(_ value: AnyValue) -> String {
        var json = DocJSON()
        json.value(value)
        return json.text
    }

    private static let shownLines = 20

    private static func text(_ text: String, _ delta: [TextDelta]) -> Content {
        var json = DocJSON()
        json.array { json in for part in delta { json.delta(part) } }
        return .text(text, delta: json)
    }
}

extension DocJSON {
    /// Writes one part of a text's delta.
    mutating func delta(_ part: TextDelta) {
        object { json in
            switch part {
            case .insert(let insert, let attributes):
                json.key("insert")
                json.insert(insert)
                json.attributes(attributes)
            case .retain(let length, let attributes):
                json.key("retain")
                json.integer(length)
                json.attributes(attributes)
            case .delete(let length):
                json.key("delete")
                json.integer(length)
            }
        }
    }

    private mutating func attributes(_ attributes: AnyFields?) {
        guard let attributes, !attributes.isEmpty else { return }
        key("attributes")
        fields(attributes)
    }

    private mutating func insert(_ insert: DeltaInsert) {
        switch insert {
        case .text(let text): string(text)
        case .embed(let value): self.value(value)
        case .type(let type): nested(type)
        }
    }

    /// Writes a shared type inside a text.
    private mutating func nested(_ type: SharedType) {
        switch type {
        case .array(let array): tagged("$array") { $0.value(array.toJSON()) }
        case .map(let map): tagged("$map") { $0.value(map.toJSON()) }
        case .text(let text): tagged("$text") { $0.string(text.string) }
        case .xmlElement(let element): tagged("$xml") { $0.string(element.string) }
        case .xmlFragment(let fragment): tagged("$xml") { $0.string(fragment.string) }
        case .xmlText(let text): tagged("$xml") { $0.string(text.string) }
        case .xmlHook(let hook): tagged("$map") { $0.value(hook.toJSON()) }
        }
    }
}
