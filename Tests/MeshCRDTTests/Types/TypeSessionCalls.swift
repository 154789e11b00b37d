import Testing

@testable import MeshCRDT

extension TypeReplica {
    /// Makes one logged call.
    func call(_ call: AnyValue) throws {
        let method = try #require(call.field("m")?.textValue)
        let arguments = try #require(call.field("a")).listValue
        let value = try resolve(try #require(call.field("p")).listValue)
        switch value {
        case .document(let document):
            if method == "load" { document.load() } else { document.destroy() }
        case .type(let type):
            try self.call(method, arguments, on: type)
        case .any, .binary:
            throw TypeVectorValues.Unexpected(what: method)
        }
    }

    private func call(_ method: String, _ arguments: [AnyValue], on type: SharedType) throws {
        switch type {
        case .array(let array): try call(method, arguments, on: array)
        case .map(let map): try call(method, arguments, on: map)
        case .xmlHook(let hook): try call(method, arguments, on: hook)
        case .text(let text): try call(method, arguments, on: text)
        case .xmlText(let text):
            if method.hasSuffix("Attribute") { return try attribute(method, arguments, on: text) }
            try call(method, arguments, on: text.text)
        case .xmlFragment(let fragment): try call(method, arguments, onXml: fragment)
        case .xmlElement(let element):
            if method.hasSuffix("Attribute") { return try attribute(method, arguments, on: element) }
            try call(method, arguments, onXml: element)
        }
    }

    private func call(_ method: String, _ arguments: [AnyValue], on array: SharedArray) throws {
        switch method {
        case "insert": try array.insert(inputs(arguments[1]), at: #require(arguments[0].intValue))
        case "push": try array.append(inputs(arguments[0]))
        case "unshift": try array.prepend(inputs(arguments[0]))
        case "delete":
            try array.delete(at: #require(arguments[0].intValue), length: #require(arguments[1].intValue))
        case "clone":
            let original = try #require(try resolve(arguments[0].listValue).type)
            try array.append([.type(original.clone())])
        default: throw TypeVectorValues.Unexpected(what: method)
        }
    }

    private func call(_ method: String, _ arguments: [AnyValue], on map: some MapType) throws {
        switch method {
        case "set": try map.set(#require(arguments[0].textValue), TypeVectorValues.input(arguments[1]))
        case "delete": try map.delete(#require(arguments[0].textValue))
        case "clear": try map.removeAll()
        default: throw TypeVectorValues.Unexpected(what: method)
        }
    }

    private func call(_ method: String, _ arguments: [AnyValue], on text: SharedText) throws {
        let index = try #require(arguments[0].intValue)
        switch method {
        case "insert":
            try text.insert(
                #require(arguments[1].textValue), at: index, attributes: Self.attributes(arguments, 2))
        case "format":
            try text.format(
                at: index, length: #require(arguments[1].intValue),
                attributes: Self.attributes(arguments, 2) ?? AnyFields())
        case "insertEmbed": try text.insertEmbed(arguments[1], at: index)
        case "delete": try text.delete(at: index, length: #require(arguments[1].intValue))
        default: throw TypeVectorValues.Unexpected(what: method)
        }
    }

    private static func attributes(_ arguments: [AnyValue], _ place: Int) -> AnyFields? {
        guard place < arguments.count, case .object(let fields) = arguments[place] else { return nil }
        return fields
    }

    private func attribute(_ method: String, _ arguments: [AnyValue], on type: some AttributedType) throws {
        let key = try #require(arguments[0].textValue)
        if method == "removeAttribute" { return try type.removeAttribute(key) }
        try type.setAttribute(key, TypeVectorValues.input(arguments[1]))
    }

    private func call(_ method: String, _ arguments: [AnyValue], onXml container: some XmlContainer) throws {
        func nodes(_ logged: AnyValue) throws -> [NewType] {
            try logged.listValue.map(TypeVectorValues.child)
        }
        switch method {
        case "insert": try container.insert(nodes(arguments[1]), at: #require(arguments[0].intValue))
        case "push": try container.append(nodes(arguments[0]))
        case "unshift": try container.prepend(nodes(arguments[0]))
        case "insertAfter":
            let reference = arguments[0].intValue.flatMap { index in container.get(index)?.type }
            try container.insert(nodes(arguments[1]), after: reference)
        case "delete":
            try container.delete(at: #require(arguments[0].intValue), length: #require(arguments[1].intValue))
        default: throw TypeVectorValues.Unexpected(what: method)
        }
    }

    private func inputs(_ logged: AnyValue) throws -> [SharedInput] {
        try logged.listValue.map(TypeVectorValues.input)
    }
}

// MARK: Reading

extension TypeReplica {
    /// What a reader finds in all types; the counterpart of `reads` in `types_gen.mjs`.
    var reads: AnyValue {
        var out: [AnyValue] = []
        for (value, path) in all {
            let path = AnyValue.array(path)
            if case .document(let nested) = value { out.append(read(nested, path)) }
            guard let type = value.type else { continue }
            if let read = read(type, path) { out.append(read) }
            if case .xmlElement(let element) = type, Self.isXml(type) {
                let attributes = element.attributes.map { key, value -> AnyValue in
                    [.string(key), TypeVectorValues.value(value)]
                }
                out.append([path, "attributes", .array(attributes)])
            }
            if let siblings = Self.siblings(of: type) { out.append(.array([path, "siblings"] + siblings)) }
        }
        let names = document.subdocumentGUIDs.sorted { JavaScriptText.precedes($0, $1) }
        out.append(["subdocs", .array(names.map(AnyValue.string))])
        return .array(out)
    }

    private func read(_ type: SharedType, _ path: AnyValue) -> AnyValue? {
        switch type {
        case .array(let array):
            guard array.count > 1 else { return nil }
            let slices = [array.slice(1, -1), array.slice(-2)]
            let values = slices.map { slice in AnyValue.array(slice.map(TypeVectorValues.value)) }
            return .array([path, "slice"] + values)
        case .map(let map):
            return [path, "keys", .array(map.keys.map(AnyValue.string)), .number(Double(map.count))]
        case .xmlHook(let hook):
            return [path, "keys", .array(hook.keys.map(AnyValue.string)), .number(Double(hook.count))]
        case .xmlFragment(let fragment): return Self.isXml(type) ? walk(fragment, path) : nil
        case .xmlElement(let element): return Self.isXml(type) ? walk(element, path) : nil
        case .text, .xmlText: return nil
        }
    }

    private func walk(_ container: some XmlContainer, _ path: AnyValue) -> AnyValue {
        let nodes = AnyValue.array(container.treeWalker().map(Self.name))
        let found = AnyValue.number(Double(container.querySelectorAll("p").count))
        let first = container.querySelector("div").map { Self.name(.xmlElement($0)) } ?? .null
        return [path, "walk", nodes, found, first, container.firstChild.map(Self.name) ?? .null]
    }

    private func read(_ nested: Document, _ path: AnyValue) -> AnyValue {
        let flags = [nested.collectsGarbage, nested.autoLoad, nested.shouldLoad].map(AnyValue.bool)
        let rest = [
            TypeVectorValues.any(nested.metadata), .bool(nested.clientID == document.clientID),
            nested.collectionID.map(AnyValue.string) ?? .null,
        ]
        return .array([path, "doc", .string(nested.guid)] + flags + rest)
    }

    private static func siblings(of type: SharedType) -> [AnyValue]? {
        let nodes: (SharedType?, SharedType?)
        switch type {
        case .xmlElement(let element): nodes = (element.previousSibling, element.nextSibling)
        case .xmlText(let text): nodes = (text.previousSibling, text.nextSibling)
        case .array, .map, .text, .xmlFragment, .xmlHook: return nil
        }
        switch type.parent {
        case .xmlElement, .xmlFragment: return [nodes.0.map(name) ?? .null, nodes.1.map(name) ?? .null]
        case nil, .array, .map, .text, .xmlText, .xmlHook: return nil
        }
    }

    private static func name(_ type: SharedType) -> AnyValue {
        if case .xmlElement(let element) = type { return .string(element.nodeName) }
        return .string("\(type.handle.node.kind)")
    }

    private static func isXml(_ type: SharedType) -> Bool {
        switch type {
        case .xmlFragment(let fragment): fragment.children.allSatisfy(isXml)
        case .xmlElement(let element): element.children.allSatisfy(isXml)
        case .xmlText, .xmlHook: true
        case .array, .map, .text: false
        }
    }
}
