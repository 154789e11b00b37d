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
    var origin: AnyHashable?
    /// Whether the changes were made here, not brought by an update.
    var isLocal: Bool
    var writers: [Writer] = []
    /// In the order of deletion until the transaction ends; then by client and clock, joined.
    var deletions: [Deletion] = []
    var changes: [Change] = []
    var seams: [Seam] = []
    /// Items that hold nested documents which came, went, or were asked for.
    var addedDocuments: [ItemIndex] = []
    var removedDocuments: [RemovedDocument] = []

    init(number: UInt32, origin: AnyHashable?, isLocal: Bool) {
        self.number = number
        self.origin = origin
        self.isLocal = isLocal
    }

    /// Whether nothing was written or deleted.
    var isEmpty: Bool { writers.isEmpty && deletions.isEmpty }

    /// Empties it for the next transaction, keeping the memory.
    mutating func reset(number: UInt32, origin: AnyHashable?, isLocal: Bool) {
        self.number = number
        self.origin = origin
        self.isLocal = isLocal
        writers.removeAll(keepingCapacity: true)
        deletions.removeAll(keepingCapacity: true)
        changes.removeAll(keepingCapacity: true)
        seams.removeAll(keepingCapacity: true)
        addedDocuments.removeAll(keepingCapacity: true)
        removedDocuments.removeAll(keepingCapacity: true)
    }

    /// The clock of a client before the transaction, or nil when the transaction has nothing of it.
    func clockBefore(_ client: ClientIndex) -> Clock? {
        for writer in writers where writer.client == client { return writer.clockBefore }
        return nil
    }

    /// Sorts the deletions by client number and clock, and joins those that touch.
    mutating func normalizeDeletions() {
        guard deletions.count > 1 else { return }
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
