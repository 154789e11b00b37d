/// What a transaction has done so far: the basis of its update, its events and its cleaning up.
struct TransactionState {
    /// A client that wrote in the transaction.
    struct Writer {
        var client: ClientIndex
        var clockBefore: Clock
        /// Set when the transaction ends.
        var clockAfter: Clock = 0
    }

    /// Units that the transaction deleted.
    struct Deletion {
        var client: ClientIndex
        var clock: Clock
        var length: UInt32

        @inline(__always) var end: Clock { clock &+ length }
    }

    /// A list, or one key of a map, that is not what it was.
    struct Change: Hashable {
        var branch: BranchIndex
        /// None for the list.
        var key: KeyIndex
    }

    /// A unit at which a run was split, or beside which one may be joined again.
    struct Seam {
        var client: ClientIndex
        var clock: Clock
    }

    /// Which transaction of the store it is; never zero.
    var number: UInt32
    var writers: [Writer] = []
    /// In the order of deletion until the transaction ends; then by client and clock, joined.
    var deletions: [Deletion] = []
    /// The clients of the deletions in the order in which they came, once the transaction has ended; empty when it is one.
    var deletedClients: [ClientIndex] = []
    var changes: [Change] = []
    var seams: [Seam] = []
    /// The client that did nothing but grow its last run in place, or none.
    var grownClient = ClientIndex.none
    /// Items that hold nested documents which came, went, or were asked for.
    var addedDocuments: [ItemIndex] = []
    var removedDocuments: [RemovedDocument] = []

    init(number: UInt32) {
        self.number = number
    }

    /// Whether nothing was written or deleted.
    var isEmpty: Bool { writers.isEmpty && deletions.isEmpty }

    /// Whether nested documents came or went.
    var hasDocumentChanges: Bool { !addedDocuments.isEmpty || !removedDocuments.isEmpty }

    /// Empties it for the next transaction, keeping a moderate amount of memory.
    @inline(__always)
    mutating func reset(number: UInt32) {
        self.number = number
        grownClient = .none
        Self.empty(&writers)
        Self.empty(&deletions)
        Self.empty(&deletedClients)
        Self.empty(&changes)
        Self.empty(&seams)
        if hasDocumentChanges {
            addedDocuments = []
            removedDocuments = []
        }
    }

    @inline(__always)
    private static func empty<Element>(_ elements: inout [Element]) {
        if elements.count == 1 {
            elements.removeLast()
        } else if !elements.isEmpty {
            elements.removeAll(keepingCapacity: elements.count <= 4096)
        }
    }

    /// The clock of a client before the transaction, or nil when the transaction has nothing of it.
    func clockBefore(_ client: ClientIndex) -> Clock? {
        for writer in writers where writer.client == client { return writer.clockBefore }
        return nil
    }

    /// Sorts the deletions by client number and clock, and joins those that touch.
    mutating func normalizeDeletions() {
        guard deletions.count > 1 else { return }
        noteDeletedClients()
        deletions.sort { left, right in
            left.client == right.client ? left.clock < right.clock : left.client.raw < right.client.raw
        }
        var kept = 0
        for index in 1..<deletions.count {
            let next = deletions[index]
            if deletions[kept].client == next.client, next.clock <= deletions[kept].end {
                deletions[kept].length = max(deletions[kept].end, next.end) - deletions[kept].clock
            } else {
                kept += 1
                deletions[kept] = next
            }
        }
        deletions.removeLast(deletions.count - kept - 1)
    }

    /// Keeps the order of clients, in which Yjs goes through a transaction's deletions.
    private mutating func noteDeletedClients() {
        let first = deletions[0].client
        guard deletions.contains(where: { $0.client != first }) else { return }
        var seen: Set<ClientIndex> = []
        for deletion in deletions where seen.insert(deletion.client).inserted {
            deletedClients.append(deletion.client)
        }
    }

    /// Whether the transaction deleted the unit; only after ``normalizeDeletions()``.
    func deletes(_ client: ClientIndex, _ clock: Clock) -> Bool {
        var low = 0
        var high = deletions.count
        while low < high {
            let middle = (low + high) >> 1
            let range = deletions[middle]
            if range.client.raw < client.raw || (range.client == client && range.end <= clock) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low < deletions.count && deletions[low].client == client && deletions[low].clock <= clock
    }
}

/// A nested document that was deleted from its parent, with the item that held it.
struct RemovedDocument {
    var item: ItemIndex
    var document: Document?
}
