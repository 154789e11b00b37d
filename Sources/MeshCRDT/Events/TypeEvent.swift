/// What a transaction changed of one shared type.
///
/// Changes are worked out when they are asked for, which must be during the call of the observer, before it changes the
/// document; asked for later for the first time, they are empty. Source: Yjs 13.6, `YEvent`.
public struct TypeEvent {
    /// The type that changed.
    public let target: SharedType
    /// The type whose observer is called: the target itself, or one above it.
    public private(set) var currentTarget: SharedType
    /// The transaction that changed it.
    public let transaction: Transaction

    private let details: EventDetails

    init(target: SharedType, transaction: Transaction, details: EventDetails) {
        self.target = target
        currentTarget = target
        self.transaction = transaction
        self.details = details
    }

    /// The way from ``currentTarget`` to ``target``; empty when they are the same.
    ///
    /// Unlike in Yjs it is relative to the type that is observed also when types above that one are observed, too.
    public var path: [PathStep] { path(from: currentTarget) }

    /// The way from a type above it to ``target``.
    public func path(from ancestor: SharedType) -> [PathStep] {
        let handle = target.handle
        return handle.document.path(from: ancestor.handle.branch, to: handle.branch)
    }

    /// The keys or attributes that changed, in the order in which they were first changed.
    public var keysChanged: [String] { details.keysChanged }

    /// Whether the list or the text changed, not only keys.
    public var childListChanged: Bool { details.change.isListChanged }

    /// The keys or attributes whose values are others than before, with the old values.
    public var keys: [(key: String, change: KeyChange)] { details.keys }

    /// The steps that turn the old list into the new one; empty for a text.
    public var delta: [ListDelta] { details.list.delta }

    /// The steps that turn the old text into the new one; empty for what is no text.
    public var textDelta: [TextDelta] { details.text }

    /// The elements of the list that came, in order; empty for a text.
    public var added: [SharedValue] { details.list.added }

    /// The elements of the list that went, in order; empty for a text.
    public var deleted: [SharedValue] { details.list.deleted }

    /// The same event for the observers of a type above.
    func seen(by ancestor: SharedType) -> TypeEvent {
        var event = self
        event.currentTarget = ancestor
        return event
    }
}

/// One step of the way to a nested type.
public enum PathStep: Hashable, Sendable {
    /// The key of a map or the name of an attribute.
    case key(String)
    /// The index in a list.
    case index(Int)
}

/// One step of a change of a list.
public enum ListDelta: Equatable {
    /// New elements.
    case insert([SharedValue])
    /// So many elements stay.
    case retain(Int)
    /// So many elements go.
    case delete(Int)
}

/// What became of a key; the old value is nil when its content was dropped before.
public enum KeyChange: Equatable {
    /// It had no value and has one.
    case add
    /// It has another value.
    case update(old: SharedValue?)
    /// It has no value any more.
    case delete(old: SharedValue?)
}

extension Document {
    /// The steps from one type to a type in it.
    func path(from ancestor: BranchIndex, to branch: BranchIndex) -> [PathStep] {
        var steps: [PathStep] = []
        var current = branch
        while current != ancestor {
            let index = store.branches[current].item
            guard !index.isNone, !store.items[index].parent.isNone else { break }
            let item = store.items[index]
            if item.isInMap {
                steps.append(.key(store.keys.string(store.key(of: item))))
            } else {
                steps.append(.index(Int(store.index(of: index))))
            }
            current = item.parent
        }
        return steps.reversed()
    }
}
