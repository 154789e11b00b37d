/// A shared type of whatever kind, as it is found in another one or in an event.
public enum SharedType: Equatable {
    case array(SharedArray)
    case map(SharedMap)
    case text(SharedText)
    case xmlElement(XmlElement)
    case xmlFragment(XmlFragment)
    case xmlText(XmlText)
    case xmlHook(XmlHook)

    /// The type in a place of the store; nil for a root that no kind was given to yet.
    init?(_ branch: BranchIndex, in document: Document) {
        switch document.store.branches[branch].kind {
        case .array: self = .array(SharedArray(document: document, branch: branch))
        case .map: self = .map(SharedMap(document: document, branch: branch))
        case .text: self = .text(SharedText(document: document, branch: branch))
        case .xmlElement: self = .xmlElement(XmlElement(document: document, branch: branch))
        case .xmlFragment: self = .xmlFragment(XmlFragment(document: document, branch: branch))
        case .xmlText: self = .xmlText(XmlText(document: document, branch: branch))
        case .xmlHook: self = .xmlHook(XmlHook(document: document, branch: branch))
        case .undefined: return nil
        }
    }

    var handle: any TypeHandle {
        switch self {
        case .array(let array): array
        case .map(let map): map
        case .text(let text): text
        case .xmlElement(let element): element
        case .xmlFragment(let fragment): fragment
        case .xmlText(let text): text
        case .xmlHook(let hook): hook
        }
    }

    /// Whether both are the same type of the same document.
    public static func == (left: SharedType, right: SharedType) -> Bool {
        let (left, right) = (left.handle, right.handle)
        return left.document === right.document && left.branch == right.branch
    }
}

extension SharedText: SharedHandle {
    /// The type, told by its kind.
    public var type: SharedType { .text(self) }
}

extension SharedType: SharedHandle {
    /// The type, told by its kind.
    public var type: SharedType { self }
}

/// What a list or a map of a document holds.
public enum SharedValue: Equatable {
    /// A plain value.
    case any(AnyValue)
    /// A byte string that was inserted as such.
    case binary([UInt8])
    /// A nested type.
    case type(SharedType)
    /// A nested document.
    case document(Document)

    /// Whether both are equal values, the same type or the same document.
    public static func == (left: SharedValue, right: SharedValue) -> Bool {
        switch (left, right) {
        case (.any(let left), .any(let right)): left == right
        case (.binary(let left), .binary(let right)): left == right
        case (.type(let left), .type(let right)): left == right
        case (.document(let left), .document(let right)): left === right
        case (.any, _), (.binary, _), (.type, _), (.document, _): false
        }
    }

    /// The plain value or byte string, or nil.
    public var any: AnyValue? {
        switch self {
        case .any(let value): value
        case .binary(let bytes): .binary(bytes)
        case .type, .document: nil
        }
    }

    /// The nested type, or nil.
    public var type: SharedType? {
        if case .type(let type) = self { type } else { nil }
    }

    /// The value with types and documents as plain values, as `toJSON` of Yjs makes it.
    public func toJSON() -> AnyValue {
        switch self {
        case .any(let value): value
        case .binary(let bytes): .binary(bytes)
        case .type(let type): type.toJSON()
        case .document(let document): document.toJSON()
        }
    }
}
