extension Store {
    /// Starts a transaction.
    @inline(__always)
    mutating func begin() {
        lastTransaction = lastTransaction == .max ? 1 : lastTransaction + 1
        transaction.reset(number: lastTransaction)
    }

    /// Ends the changes of the transaction under way: what it did is final, though not cleaned up.
    @inline(__always)
    mutating func endChanges() {
        for index in transaction.writers.indices {
            transaction.writers[index].clockAfter = clients[transaction.writers[index].client].nextClock
        }
        transaction.normalizeDeletions()
    }

    /// Collects and joins what ``transaction`` left; afterwards its items are in their final form.
    @inline(__always)
    mutating func cleanUp(collectsGarbage: Bool, filter: ((IDRange) -> Bool)?) {
        if collectsGarbage, !transaction.deletions.isEmpty { collect(filter: filter) }
        mergeAfterTransaction()
        if content.isWorthCompacting { compact() }
    }

    /// Whether a remote transaction wrote under the own client id.
    @inline(__always)
    var wroteAsOwnClient: Bool {
        clients[ownClient].touchedIn == transaction.number
    }

    /// Whether the transaction touched text with formatting, whose markers Yjs tidies up after a remote change.
    func touchedFormatting(_ state: TransactionState) -> Bool {
        for change in state.changes where branches[change.branch].hasFormatting {
            let branch = branches[change.branch]
            guard branch.kind == .text || branch.kind == .xmlText else { continue }
            if branch.item.isNone || !items[branch.item].isDeleted { return true }
        }
        return false
    }

    /// Moves all contents together, client by client in the order of writing.
    private mutating func compact() {
        let old = content.startCompaction()
        for number in 0..<clients.count {
            let client = ClientIndex(number)
            guard !clients[client].structs.isEmpty else { continue }
            var position: ClockIndex.Position? = clients[client].structs.first
            while let current = position {
                let item = clients[client].structs[current].item
                if items[item].contentByteCount > 0 {
                    let start = Int(items[item].contentOffset)
                    items[item].contentOffset = content.append(
                        old, start..<start + Int(items[item].contentByteCount))
                }
                position = clients[client].structs.next(current)
            }
        }
    }
}
