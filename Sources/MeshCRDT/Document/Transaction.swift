/// A group of changes that becomes one update and one round of events.
///
/// It is handed to observers; what it says is final only after its changes were made. Events may be asked of it until the
/// next change of the document.
public final class Transaction {
    /// The document that it changes.
    public unowned let document: Document
    /// What the caller named as the reason, for example a connection or an editor.
    public let origin: AnyHashable?
    /// Whether the changes were made here, not brought by an update.
    public internal(set) var isLocal: Bool
    /// What the transaction did; empty while its changes are being made.
    var state = TransactionState(number: 0)
    /// What observers keep with the transaction.
    public var metadata: [AnyHashable: Any] = [:]
    var isFinished = false

    init(document: Document, origin: AnyHashable?, isLocal: Bool) {
        self.document = document
        self.origin = origin
        self.isLocal = isLocal
    }

    /// Which units it deleted.
    public var deleteSet: DeleteSet {
        var builder = DeleteSetBuilder()
        for range in currentState.deletions {
            builder.append(
                IDRange(
                    client: document.store.clients[range.client].id, clock: range.clock, length: range.length)
            )
        }
        return builder.build()
    }

    /// The first missing clocks before it, of the clients that wrote in it; all others are as now.
    public var writersBefore: [(client: ClientID, clock: Clock)] {
        currentState.writers.map { (document.store.clients[$0.client].id, $0.clockBefore) }
    }

    /// The document's state before it.
    public var stateBefore: StateVector {
        var vector = document.stateVector
        for writer in writersBefore { vector[writer.client] = writer.clock }
        return vector
    }

    /// Whether nothing was written or deleted.
    public var isEmpty: Bool { currentState.isEmpty }

    /// What was done so far, finished or not.
    var currentState: TransactionState { isFinished ? state : document.store.transaction }

    /// Whether the transaction wrote an item.
    func adds(_ item: Item) -> Bool {
        guard let clock = state.clockBefore(item.client) else { return false }
        return item.clock >= clock
    }

    /// Whether the transaction deleted an item.
    func deletes(_ item: Item) -> Bool {
        state.deletes(item.client, item.clock)
    }
}
