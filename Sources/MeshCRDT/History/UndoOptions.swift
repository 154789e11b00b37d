/// What an ``UndoManager`` takes back and how.
public struct UndoOptions {
    /// Changes that follow each other faster than this are taken back together; zero keeps every one apart.
    public var captureTimeout = Duration.milliseconds(500)
    /// The origins whose changes are taken back, next to the manager itself; nil stands for changes without one.
    public var trackedOrigins: Set<AnyHashable?> = [nil]
    /// Origins that are values of one of these types are tracked, too.
    public var trackedOriginTypes: [any Any.Type] = []
    /// Whether the changes of a transaction can be taken back at all.
    public var capturesTransaction: (Transaction) -> Bool = { _ in true }
    /// Whether undo and redo may delete an item; what it refuses stays.
    public var mayDelete: (UndoTarget) -> Bool = { _ in true }
    /// Whether a map's value that somebody else has set since is replaced, instead of being left alone.
    ///
    /// Yjs: `ignoreRemoteMapChanges`.
    public var replacesRemoteMapValues = false
    /// The most steps that each of the two stacks keeps, unlike in Yjs; beyond, the oldest is forgotten.
    public var stackLimit = 10_000

    /// Creates the options of Yjs, which tracks changes without an origin.
    public init() {}
}

/// An item that undo or redo is about to delete.
public struct UndoTarget: Hashable, Sendable {
    /// Its units.
    public let units: IDRange
    /// What it holds.
    public let kind: ContentKind
    /// The kind of the nested type that it holds.
    public let typeKind: TypeKind?
    /// The node name of an XML element or the name of a hook that it holds.
    public let name: String?
    /// The key under which a map or an element's attributes hold it.
    public let key: String?
    /// The visible length of the nested type that it holds.
    public let length: Int
}

/// One step of an ``UndoManager``: what was written and what was deleted.
public final class UndoStep {
    /// The units that were written.
    public var insertions: DeleteSet { written.units }
    /// The units that were deleted.
    public var deletions: DeleteSet { deleted.units }
    /// What the application keeps with the step, for example where the selection was.
    public var metadata: [AnyHashable: Any] = [:]

    var written: OrderedUnits
    var deleted: OrderedUnits

    init(written: OrderedUnits, deleted: OrderedUnits) {
        self.written = written
        self.deleted = deleted
    }
}

/// The two stacks of an ``UndoManager``.
public enum UndoStack: Hashable, Sendable {
    /// What can be undone.
    case undo
    /// What was undone.
    case redo
}

/// What happens to the stacks of an ``UndoManager``.
public enum UndoEvent {
    /// A step came onto a stack.
    case added(UndoChange)
    /// A change was joined to the newest step.
    case updated(UndoChange)
    /// A step was taken from a stack and undone or redone.
    case popped(UndoChange)
    /// Stacks were emptied.
    case cleared(undo: Bool, redo: Bool)
}

/// A step and the transaction that made it or took it back.
public struct UndoChange {
    /// The step.
    public let step: UndoStep
    /// The stack that it came onto or was taken from.
    public let stack: UndoStack
    /// The origin of the transaction.
    public let origin: AnyHashable?
    /// The transaction.
    public let transaction: Transaction

    /// Whether the transaction changed a type or one inside it.
    public func concerns(_ type: some SharedHandle) -> Bool {
        UndoScope([type.type.handle.branch]).includes(transaction)
    }
}

/// Units with the order of clients in which Yjs goes through them.
struct OrderedUnits {
    private(set) var units = DeleteSet()
    private(set) var clients: [ClientID] = []

    mutating func append(_ range: IDRange) {
        guard range.length > 0 else { return }
        if units.ranges(of: range.client).isEmpty { clients.append(range.client) }
        units.insert(range)
    }

    /// Up to so many ranges are inserted one by one instead of sorting all anew.
    private static var fewRanges: Int { 8 }

    init() {}

    init(units: DeleteSet, clients: [ClientID]) {
        self.units = units
        self.clients = clients
    }

    mutating func formUnion(_ other: OrderedUnits) {
        let ranges = other.ranges
        guard ranges.count > Self.fewRanges else {
            for range in ranges { append(range) }
            return
        }
        for client in other.clients where units.ranges(of: client).isEmpty { clients.append(client) }
        units.formUnion(other.units)
    }

    /// The ranges, client by client.
    var ranges: [IDRange] {
        clients.flatMap { client in
            units.ranges(of: client).map { IDRange(client: client, clock: $0.clock, length: $0.length) }
        }
    }
}
