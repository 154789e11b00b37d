import MeshCRDT

/// Runs the recorded calls of a session on a document of ours.
struct SessionCalls {
    let document: Document

    /// Runs `{"p": path, "m": method, "a": arguments}`.
    func run(_ call: OrderedJSON) throws {
        let method = call["m"]?.string ?? ""
        let arguments = call["a"] ?? .null
        switch try target(call["p"]?.elements ?? []) {
        case .text(let text): try edit(text, text, method, arguments)
        case .xmlText(let text): try edit(text.text, text, method, arguments)
        case .array(let array): try edit(array, method, arguments)
        case .map(let map): try edit(map, method, arguments)
        case .xmlElement(let element):
            if try !editAttributes(element, method, arguments) {
                try editChildren(element, method, arguments)
            }
        case .xmlFragment(let fragment): try editChildren(fragment, method, arguments)
        case .xmlHook: throw UnknownCall(text: call.description)
        }
    }

    /// Makes the root `name` known, of the kind that it has in sessions.
    func declare(_ name: String) { _ = root(name) }

    private func root(_ name: String?) -> SharedType {
        switch name {
        case "text": .text(document.text("text"))
        case "array": .array(document.array("array"))
        case "map": .map(document.map("map"))
        default: .xmlFragment(document.xmlFragment("xml"))
        }
    }

    /// The type at the end of a path: a root, then indexes and keys.
    private func target(_ path: [OrderedJSON]) throws -> SharedType {
        var type = root(path.first?.string)
        for step in path.dropFirst() {
            guard let child = SessionCalls.child(of: type, step) else {
                throw UnknownCall(text: "nothing at \(OrderedJSON.array(path))")
            }
            type = child
        }
        return type
    }

    private static func child(of type: SharedType, _ step: OrderedJSON) -> SharedType? {
        let value: SharedValue?
        switch type {
        case .array(let array): value = array.get(step.int ?? 0)
        case .map(let map): value = map.get(step.string ?? "")
        case .xmlFragment(let fragment): value = fragment.get(step.int ?? 0)
        case .xmlElement(let element): value = element.get(step.int ?? 0)
        case .text, .xmlText, .xmlHook: value = nil
        }
        guard case .type(let child) = value else { return nil }
        return child
    }

    private func edit(
        _ text: SharedText, _ attributed: some AttributeHolder, _ method: String, _ arguments: OrderedJSON
    ) throws {
        switch method {
        case "insert":
            try text.insert(arguments.text(1), at: arguments.integer(0), attributes: arguments.fields(2))
        case "delete": try text.delete(at: arguments.integer(0), length: arguments.integer(1))
        case "format":
            try text.format(
                at: arguments.integer(0), length: arguments.integer(1),
                attributes: arguments.fields(2) ?? AnyFields())
        case "insertEmbed":
            if case .type(let type) = SessionCalls.input(arguments[1] ?? .null) {
                try text.insertType(type, at: arguments.integer(0), attributes: arguments.fields(2))
            } else {
                try text.insertEmbed(
                    arguments.value(1), at: arguments.integer(0), attributes: arguments.fields(2))
            }
        case "applyDelta": try text.applyDelta((arguments[0]?.elements ?? []).map(SessionCalls.delta))
        default:
            guard try editAttributes(attributed, method, arguments) else { throw UnknownCall(text: method) }
        }
    }

    /// Whether the call was one about attributes.
    private func editAttributes(
        _ type: some AttributeHolder, _ method: String, _ arguments: OrderedJSON
    ) throws -> Bool {
        switch method {
        case "setAttribute":
            try type.setAttribute(arguments.text(0), SessionCalls.input(arguments[1] ?? .null))
        case "removeAttribute": try type.removeAttribute(arguments.text(0))
        default: return false
        }
        return true
    }

    private func editChildren(_ parent: some XmlContainer, _ method: String, _ arguments: OrderedJSON) throws
    {
        switch method {
        case "insert":
            let children = (arguments[1]?.elements ?? []).compactMap(SessionCalls.newType)
            try parent.insert(children, at: arguments.integer(0))
        case "delete": try parent.delete(at: arguments.integer(0), length: arguments.integer(1))
        default: throw UnknownCall(text: method)
        }
    }

    private func edit(_ array: SharedArray, _ method: String, _ arguments: OrderedJSON) throws {
        switch method {
        case "insert": try array.insert(arguments.inputs(1), at: arguments.integer(0))
        case "push": try array.append(arguments.inputs(0))
        case "unshift": try array.prepend(arguments.inputs(0))
        case "delete": try array.delete(at: arguments.integer(0), length: arguments.integer(1))
        default: throw UnknownCall(text: method)
        }
    }

    private func edit(_ map: SharedMap, _ method: String, _ arguments: OrderedJSON) throws {
        switch method {
        case "set": try map.set(arguments.text(0), SessionCalls.input(arguments[1] ?? .null))
        case "delete": try map.delete(arguments.text(0))
        case "clear": try map.removeAll()
        default: throw UnknownCall(text: method)
        }
    }

    private static func delta(_ operation: OrderedJSON) -> TextDelta {
        let attributes = operation["attributes"].map(fields)
        if let count = operation["retain"]?.int { return .retain(count, attributes: attributes) }
        if let count = operation["delete"]?.int { return .delete(count) }
        let insert = operation["insert"] ?? .null
        return .insert(insert.string.map { .text($0) } ?? .embed(value(insert)), attributes: attributes)
    }

    // MARK: Values

    /// A value of a map or an array.
    static func input(_ json: OrderedJSON) -> SharedInput {
        if let type = newType(json) { return .type(type) }
        if let guid = json["$doc"]?.string {
            var options = DocumentOptions()
            options.guid = guid
            return .document(Document(clientID: 0, options: options))
        }
        if case .binary(let bytes) = value(json) { return .binary(bytes) }
        return .any(value(json))
    }

    /// `{"$new": kind, …}`, with what the type has in it.
    static func newType(_ json: OrderedJSON) -> NewType? {
        guard let kind = json["$new"]?.string else { return nil }
        let delta = json["delta"].map { $0.elements.map(SessionCalls.delta) }
        let children = (json["children"]?.elements ?? []).compactMap(newType)
        switch kind {
        case "Array": return .array((json["items"]?.elements ?? []).map(input))
        case "Map": return .map(entries(json["entries"]))
        case "Text": return delta.map { .textDelta($0) } ?? .text(json["text"]?.string ?? "")
        case "XmlText": return delta.map { .xmlTextDelta($0) } ?? .xmlText(json["text"]?.string ?? "")
        case "XmlFragment": return .xmlFragment(children)
        case _ where kind.hasPrefix("XmlHook:"): return .xmlHook(name: String(kind.dropFirst(8)))
        default:
            return .xmlElement(
                name: String(kind.dropFirst(11)), attributes: entries(json["attrs"]), children: children)
        }
    }

    private static func entries(_ json: OrderedJSON?) -> [(key: String, value: SharedInput)] {
        (json?.members ?? []).map { (key: $0.key, value: input($0.value)) }
    }

    static func fields(_ json: OrderedJSON) -> AnyFields {
        AnyFields(json.members.map { ($0.key, value($0.value)) })
    }

    static func value(_ json: OrderedJSON) -> AnyValue {
        switch json {
        case .null: return .null
        case .bool(let bool): return .bool(bool)
        case .number(let number): return .number(number)
        case .string(let text): return .string(text)
        case .array(let elements): return .array(elements.map(value))
        case .object:
            if let bytes = try? json["$bin"]?.base64() { return .binary(bytes) }
            if json["$undef"] != nil { return .undefined }
            if let name = json["$num"]?.string, let number = Double(name.lowercased()) {
                return .number(number)
            }
            if let digits = json["$bigint"]?.string, let integer = Int64(digits) { return .bigInt(integer) }
            return .object(fields(json))
        }
    }
}

/// What texts and XML types have in common.
private protocol AttributeHolder {
    func setAttribute(_ key: String, _ value: SharedInput) throws(DocumentError)
    func removeAttribute(_ key: String) throws(DocumentError)
}

extension SharedText: AttributeHolder {}
extension XmlText: AttributeHolder {}
extension XmlElement: AttributeHolder {}

/// A call of a log that the replay does not know.
struct UnknownCall: Error, CustomStringConvertible {
    let text: String

    var description: String { "the replay cannot run \(text)" }
}

extension OrderedJSON {
    fileprivate func integer(_ index: Int) -> Int { self[index]?.int ?? 0 }
    fileprivate func text(_ index: Int) -> String { self[index]?.string ?? "" }
    fileprivate func value(_ index: Int) -> AnyValue { SessionCalls.value(self[index] ?? .null) }
    fileprivate func fields(_ index: Int) -> AnyFields? { self[index].map(SessionCalls.fields) }
    fileprivate func inputs(_ index: Int) -> [SharedInput] {
        (self[index]?.elements ?? []).map(SessionCalls.input)
    }
}
