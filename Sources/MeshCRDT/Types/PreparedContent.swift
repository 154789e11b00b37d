/// An input as the store takes it, checked, with everything in it.
struct PreparedContent {
    /// What follows the item, once it is in its place.
    indirect enum Rest {
        case nothing
        case document(Document)
        case list([PreparedContent])
        case entries([(key: String, value: PreparedContent)])
        case element(children: [PreparedContent], attributes: [(key: String, value: PreparedContent)])
        case text(String)
        case delta([TextDelta])
    }

    var content: NewContent
    var rest: Rest
}

/// Turns inputs into contents and adds up what they take; throws at the first that the document cannot hold.
struct ContentPreparation {
    private let document: Document
    private let limits: DocumentLimits
    private var documents: Set<ObjectIdentifier> = []
    private(set) var units = 0
    private(set) var byteCount = 0

    init(_ document: Document) {
        self.document = document
        limits = document.limits
    }

    /// The contents of one insertion into a list at a depth of types; plain values side by side become one run.
    ///
    /// Source: Yjs 13.6, `typeListInsertGenericsAfter`.
    mutating func list(_ inputs: [SharedInput], depth: Int) throws(DocumentError) -> [PreparedContent] {
        var contents: [PreparedContent] = []
        var run = NewContent(kind: .any, length: 0, bytes: [])
        for input in inputs {
            if let value = try element(input) {
                try append(value, to: &run)
            } else {
                flush(&run, to: &contents)
                contents.append(try content(of: input, depth: depth))
            }
        }
        flush(&run, to: &contents)
        return contents
    }

    /// The content of one value of a map or of one element of a list that is no plain value.
    mutating func content(of input: SharedInput, depth: Int) throws(DocumentError) -> PreparedContent {
        switch input {
        case .any(.binary(let bytes)), .binary(let bytes):
            return count(NewContent(kind: .binary, length: 1, bytes: bytes), .nothing)
        case .any(let value):
            var run = NewContent(kind: .any, length: 0, bytes: [])
            try append(value, to: &run)
            return count(run, .nothing)
        case .type(let new):
            return try content(of: new, depth: depth)
        case .document(let nested):
            guard document.canHold(nested), documents.insert(ObjectIdentifier(nested)).inserted else {
                throw .unsupportedValue("a document that is a part of another one")
            }
            return count(
                NewContent(kind: .document, length: 1, bytes: nested.contentBytes), .document(nested))
        }
    }

    /// The content of a new type that lies in a type of a depth.
    mutating func content(of new: NewType, depth: Int) throws(DocumentError) -> PreparedContent {
        let depth = depth + 1
        guard depth <= limits.typeDepth else {
            throw .limitExceeded(.typeDepth, limit: limits.typeDepth)
        }
        switch new {
        case .array(let inputs):
            return try holder(.array, .list(list(inputs, depth: depth)))
        case .map(let pairs):
            return try holder(.map, .entries(entries(pairs, depth: depth)))
        case .text(let text):
            count(text: text)
            return try holder(.text, .text(text))
        case .textDelta(let delta):
            count(delta)
            return try holder(.text, .delta(delta))
        case .xmlText(let text):
            count(text: text)
            return try holder(.xmlText, .text(text))
        case .xmlTextDelta(let delta):
            count(delta)
            return try holder(.xmlText, .delta(delta))
        case .xmlFragment(let children):
            return try holder(.xmlFragment, .list(self.children(children, depth: depth)))
        case .xmlElement(let name, let attributes, let children):
            let nodes = try self.children(children, depth: depth)
            let pairs = try entries(attributes, depth: depth)
            return try holder(.xmlElement, name: name, .element(children: nodes, attributes: pairs))
        case .xmlHook(let name, let pairs):
            return try holder(.xmlHook, name: name, .entries(entries(pairs, depth: depth)))
        }
    }

    // MARK: Parts

    private mutating func children(
        _ children: [NewType], depth: Int
    ) throws(DocumentError) -> [PreparedContent] {
        var contents: [PreparedContent] = []
        contents.reserveCapacity(children.count)
        for child in children { contents.append(try content(of: child, depth: depth)) }
        return contents
    }

    private mutating func entries(
        _ pairs: [(key: String, value: SharedInput)], depth: Int
    ) throws(DocumentError) -> [(key: String, value: PreparedContent)] {
        var places: [ByteKey: Int] = [:]
        var latest: [(key: String, value: SharedInput)] = []
        for pair in pairs {
            if let place = places[ByteKey(string: pair.key)] {
                latest[place].value = pair.value
            } else {
                places[ByteKey(string: pair.key)] = latest.count
                latest.append(pair)
            }
        }
        var entries: [(key: String, value: PreparedContent)] = []
        for pair in latest {
            try limits.checkName(pair.key)
            entries.append((pair.key, try content(of: pair.value, depth: depth)))
        }
        return entries
    }

    private mutating func holder(
        _ kind: TypeKind, name: String? = nil, _ rest: PreparedContent.Rest
    ) throws(DocumentError) -> PreparedContent {
        var bytes = [kind.rawValue]
        if let name {
            try limits.checkName(name)
            bytes.appendVarString(name)
        }
        return count(NewContent(kind: .type, length: 1, bytes: bytes), rest)
    }

    /// The plain value that an element of a list is; nil when it is something else, of which a byte string is one.
    private func element(_ input: SharedInput) throws(DocumentError) -> AnyValue? {
        guard case .any(let value) = input else { return nil }
        switch value {
        case .undefined: throw .unsupportedValue("undefined")
        case .bigInt: throw .unsupportedValue("a big integer")
        case .binary: return nil
        case .null, .bool, .number, .string, .array, .object: return value
        }
    }

    private func append(_ value: AnyValue, to run: inout NewContent) throws(DocumentError) {
        guard value.isAtMost(limits.valueDepth) else {
            throw .limitExceeded(.valueDepth, limit: limits.valueDepth)
        }
        AnyCodec.append(value, to: &run.bytes)
        run.length += 1
    }

    private mutating func flush(_ run: inout NewContent, to contents: inout [PreparedContent]) {
        guard run.length > 0 else { return }
        contents.append(count(run, .nothing))
        run = NewContent(kind: .any, length: 0, bytes: [])
    }

    // MARK: Sums

    private mutating func count(_ content: NewContent, _ rest: PreparedContent.Rest) -> PreparedContent {
        units += Int(content.length)
        byteCount += content.bytes.count
        return PreparedContent(content: content, rest: rest)
    }

    private mutating func count(text: String) {
        units += text.utf8.count
        byteCount += text.utf8.count
    }

    private mutating func count(_ delta: [TextDelta]) {
        for case .insert(.text(let text), _) in delta { count(text: text) }
    }
}

extension DocumentLimits {
    /// Throws when a name is too long to be sent.
    func checkName(_ name: String) throws(DocumentError) {
        guard name.utf8.count <= nameByteCount else {
            throw .limitExceeded(.nameByteCount, limit: nameByteCount)
        }
    }
}

extension AnyValue {
    /// Whether no more than `depth` arrays and objects lie around the innermost value.
    func isAtMost(_ depth: Int) -> Bool {
        switch self {
        case .array(let values): depth > 0 && values.allSatisfy { value in value.isAtMost(depth - 1) }
        case .object(let fields): depth > 0 && fields.allSatisfy { field in field.value.isAtMost(depth - 1) }
        case .undefined, .null, .bool, .number, .bigInt, .string, .binary: true
        }
    }
}
