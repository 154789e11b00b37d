import Foundation
import MeshCRDT

/// The content of documents in the form of `common.mjs`, as the text that JavaScript makes of it.
///
/// Every type is `{type, map, list}`: visible map entries or attributes by key, then runs of text with the formatting in
/// force, embeds and values. Values that JSON does not have are tagged.
struct CanonicalContent {
    private var out = ScriptText()

    /// The roots `names` with their kinds, sorted by name.
    static func text(of document: Document, roots: [(name: String, kind: String)]) -> [UInt8] {
        var content = CanonicalContent()
        let sorted = roots.sorted { precedes($0.name, $1.name) }
        content.list("{", sorted, "}") { content, root in
            content.out.string(root.name)
            content.out.raw(":")
            content.root(document, root.name, root.kind)
        }
        return content.out.bytes
    }

    /// The text of one value.
    static func text(of value: AnyValue) -> [UInt8] {
        var content = CanonicalContent()
        content.anyValue(value)
        return content.out.bytes
    }

    private mutating func root(_ document: Document, _ name: String, _ kind: String) {
        switch kind {
        case "Text": text(document.text(name), document.text(name).attributes, "Root")
        case "Array": array(document.array(name), "Root")
        case "Map": map(document.map(name), "Root")
        default: fragment(document.xmlFragment(name), "Root")
        }
    }

    // MARK: Types

    private mutating func type(_ type: SharedType) {
        switch type {
        case .text(let text): self.text(text, text.attributes, "Text")
        case .xmlText(let text): self.text(text.text, text.attributes, "XmlText")
        case .array(let array): self.array(array, "Array")
        case .map(let map): self.map(map, "Map")
        case .xmlFragment(let fragment): self.fragment(fragment, "XmlFragment")
        case .xmlHook(let hook): empty("XmlHook:" + hook.name)
        case .xmlElement(let element):
            open("XmlElement:" + element.nodeName)
            entries(element.attributes)
            out.raw(",\"list\":")
            children(element.children)
        }
    }

    private mutating func text(
        _ text: SharedText, _ attributes: [(key: String, value: SharedValue)], _ name: String
    ) {
        open(name)
        entries(attributes)
        out.raw(",\"list\":[")
        var isFirst = true
        var run = ""
        var runAttributes: [UInt8]?
        var isOpen = false
        for operation in text.toDelta() {
            guard case .insert(let insert, let attributes) = operation else { continue }
            let rendered = attributes.flatMap { $0.isEmpty ? nil : Self.text(of: .object($0)) }
            if case .text(let piece) = insert, isOpen, rendered == runAttributes {
                run += piece
                continue
            }
            if isOpen { entry("{\"s\":", &isFirst, runAttributes) { $0.string(run) } }
            isOpen = false
            switch insert {
            case .text(let piece): (run, runAttributes, isOpen) = (piece, rendered, true)
            case .embed(let value): entry("{\"e\":", &isFirst, rendered) { $0.raw(Self.text(of: value)) }
            case .type(let type):
                var inner = CanonicalContent()
                inner.type(type)
                entry("{\"v\":", &isFirst, rendered) { $0.raw(inner.out.bytes) }
            }
        }
        if isOpen { entry("{\"s\":", &isFirst, runAttributes) { $0.string(run) } }
        out.raw("]}")
    }

    private mutating func array(_ array: SharedArray, _ name: String) {
        open(name)
        out.raw("{},\"list\":")
        list("[", array.values, "]}") { content, value in
            content.out.raw("{\"v\":")
            content.value(value)
            content.out.raw("}")
        }
    }

    private mutating func map(_ map: SharedMap, _ name: String) {
        open(name)
        entries(map.entries)
        out.raw(",\"list\":[]}")
    }

    private mutating func fragment(_ fragment: XmlFragment, _ name: String) {
        open(name)
        out.raw("{},\"list\":")
        children(fragment.children)
    }

    private mutating func children(_ children: [SharedType]) {
        list("[", children, "]}") { content, child in
            content.out.raw("{\"v\":")
            content.type(child)
            content.out.raw("}")
        }
    }

    private mutating func empty(_ name: String) {
        open(name)
        out.raw("{},\"list\":[]}")
    }

    private mutating func open(_ name: String) {
        out.raw("{\"type\":")
        out.string(name)
        out.raw(",\"map\":")
    }

    private mutating func entry(
        _ open: StaticString, _ isFirst: inout Bool, _ attributes: [UInt8]?,
        _ write: (inout ScriptText) -> Void
    ) {
        if !isFirst { out.raw(",") }
        isFirst = false
        out.raw(open)
        write(&out)
        if let attributes {
            out.raw(",\"a\":")
            out.raw(attributes)
        }
        out.raw("}")
    }

    // MARK: Values

    private mutating func value(_ value: SharedValue) {
        switch value {
        case .any(let value): anyValue(value)
        case .binary(let bytes): anyValue(.binary(bytes))
        case .type(let type): self.type(type)
        case .document(let document): tagged("{\"$doc\":", document.guid)
        }
    }

    private mutating func anyValue(_ value: AnyValue) {
        switch value {
        case .undefined: out.raw("{\"$undef\":true}")
        case .null: out.raw("null")
        case .bool(let bool): out.raw(bool ? "true" : "false")
        case .number(let number) where !number.isFinite:
            tagged("{\"$num\":", number.isNaN ? "NaN" : number < 0 ? "-Infinity" : "Infinity")
        case .number(let number) where number == 0 && number.sign == .minus: tagged("{\"$num\":", "-0")
        case .number(let number): out.number(number)
        case .bigInt(let integer): tagged("{\"$bigint\":", String(integer))
        case .string(let text): out.string(text)
        case .binary(let bytes): tagged("{\"$bin\":", base64(bytes))
        case .array(let values): list("[", values, "]") { $0.anyValue($1) }
        case .object(let object): fields(object)
        }
    }

    /// The entries of a map or the attributes of a type, sorted likewise.
    private mutating func entries(_ entries: [(key: String, value: SharedValue)]) {
        let sorted = entries.sorted { Self.precedes($0.key, $1.key) }
        list("{", sorted, "}") { content, entry in
            content.out.string(entry.key)
            content.out.raw(":")
            content.value(entry.value)
        }
    }

    /// An object, its keys sorted as JavaScript sorts them.
    private mutating func fields(_ object: AnyFields) {
        let sorted = object.map { ($0.key, $0.value) }.sorted { Self.precedes($0.0, $1.0) }
        list("{", sorted, "}") { content, field in
            content.out.string(field.0)
            content.out.raw(":")
            content.anyValue(field.1)
        }
    }

    private mutating func tagged(_ open: StaticString, _ text: String) {
        out.raw(open)
        out.string(text)
        out.raw("}")
    }

    private mutating func list<Elements: Sequence>(
        _ open: StaticString, _ elements: Elements, _ close: StaticString,
        _ write: (inout CanonicalContent, Elements.Element) -> Void
    ) {
        out.raw(open)
        var isFirst = true
        for element in elements {
            if !isFirst { out.raw(",") }
            isFirst = false
            write(&self, element)
        }
        out.raw(close)
    }

    /// The order of keys that JavaScript added sorted by UTF-16 code units: array indexes come first all the same.
    private static func precedes(_ left: String, _ right: String) -> Bool {
        switch (arrayIndex(left), arrayIndex(right)) {
        case (let left?, let right?): left < right
        case (_?, nil): true
        case (nil, _?): false
        case (nil, nil): left.utf16.lexicographicallyPrecedes(right.utf16)
        }
    }

    private static func arrayIndex(_ key: String) -> UInt32? {
        guard let index = UInt32(key), index < UInt32.max, String(index).utf8.elementsEqual(key.utf8) else {
            return nil
        }
        return index
    }
}

/// Bytes as text, for values and for failures.
func base64(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }
