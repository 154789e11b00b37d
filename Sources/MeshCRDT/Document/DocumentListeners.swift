/// One update as a document hands it out.
public struct UpdateEvent {
    /// The update, in the format that was asked for.
    public let update: [UInt8]
    /// What the one who made the changes named as the reason.
    public let origin: AnyHashable?
    /// Whether the changes were made here, not brought by an update.
    public let isLocal: Bool
}

/// When in the life of a transaction a listener is called.
///
/// Source: the events of Yjs 13.6 `Doc`.
public enum TransactionPhase: Hashable, Sendable, CaseIterable {
    /// Before the first change (Yjs: `beforeTransaction`).
    case before
    /// After the last change, before observers of types (`beforeObserverCalls`).
    case beforeObservers
    /// After the observers of types (`afterTransaction`).
    case afterObservers
    /// After what was deleted was collected (`afterTransactionCleanup`).
    case afterCleanup
}

/// Who wants to be told of what happens to a document.
struct DocumentListeners {
    var updatesV1 = Listeners<UpdateEvent>()
    var updatesV2 = Listeners<UpdateEvent>()
    var phases: [TransactionPhase: Listeners<Transaction>] = [:]
    var beforeAll = Listeners<Document>()
    var afterAll = Listeners<[Transaction]>()
    var subdocuments = Listeners<SubdocumentsEvent>()
    var load = Listeners<Document>()
    var destroy = Listeners<Document>()

    /// Whether nobody needs a transaction to be told about.
    var areSilent: Bool {
        phases.isEmpty && beforeAll.isEmpty && afterAll.isEmpty && subdocuments.isEmpty
    }
}

/// Nested documents that came, went, or are wanted.
public struct SubdocumentsEvent {
    /// Those that came into the document.
    public let added: [Document]
    /// Those that left it.
    public let removed: [Document]
    /// Those that are to be loaded.
    public let loaded: [Document]
}

extension Document {
    /// Calls `body` with every update that the document's changes make, in the wanted format.
    ///
    /// Updates that were applied are handed out again, as far as they brought something new.
    public func onUpdate(
        _ format: UpdateFormat = .v1, _ body: @escaping (UpdateEvent) -> Void
    ) -> Subscription {
        switch format {
        case .v1: subscribe(\.updatesV1, body)
        case .v2: subscribe(\.updatesV2, body)
        }
    }

    /// Calls `body` at a phase of every transaction.
    public func onTransaction(
        _ phase: TransactionPhase, _ body: @escaping (Transaction) -> Void
    ) -> Subscription {
        let number = listeners.phases[phase, default: Listeners()].add(body)
        return Subscription { [weak self] in
            self?.listeners.phases[phase]?.remove(number)
            if self?.listeners.phases[phase]?.isEmpty == true { self?.listeners.phases[phase] = nil }
        }
    }

    /// Calls `body` before the first of several transactions that follow from each other.
    public func onBeforeAllTransactions(_ body: @escaping (Document) -> Void) -> Subscription {
        subscribe(\.beforeAll, body)
    }

    /// Calls `body` with all transactions that followed from each other, after the last.
    public func onAfterAllTransactions(_ body: @escaping ([Transaction]) -> Void) -> Subscription {
        subscribe(\.afterAll, body)
    }

    /// Calls `body` when nested documents come, go, or are wanted.
    public func onSubdocuments(_ body: @escaping (SubdocumentsEvent) -> Void) -> Subscription {
        subscribe(\.subdocuments, body)
    }

    /// Calls `body` when this nested document is wanted.
    public func onLoad(_ body: @escaping (Document) -> Void) -> Subscription {
        subscribe(\.load, body)
    }

    /// Calls `body` when the document is destroyed.
    public func onDestroy(_ body: @escaping (Document) -> Void) -> Subscription {
        subscribe(\.destroy, body)
    }

    func subscribe<Event>(
        _ path: WritableKeyPath<DocumentListeners, Listeners<Event>>, _ body: @escaping (Event) -> Void
    ) -> Subscription {
        let number = listeners[keyPath: path].add(body)
        return Subscription { [weak self] in self?.listeners[keyPath: path].remove(number) }
    }
}
