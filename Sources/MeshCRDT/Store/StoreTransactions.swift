extension Store {
    /// Starts a transaction.
    @inline(__always)
    mutating func begin(origin: AnyHashable?, isLocal: Bool) {
        let number = transaction.number == .max ? 1 : transaction.number + 1
        transaction.reset(number: number, origin: origin, isLocal: isLocal)
    }

    /// Ends the transaction under way and hands out what it did.
    mutating func takeTransaction() -> TransactionState {
        for index in transaction.writers.indices {
            transaction.writers[index].clockAfter = clients[transaction.writers[index].client].nextClock
        }
        transaction.normalizeDeletions()
        var taken = TransactionState(number: transaction.number, origin: nil, isLocal: true)
        swap(&taken, &transaction)
        return taken
    }

    /// Takes back the memory of a transaction that is over.
    @inline(__always)
    mutating func giveBack(_ state: inout TransactionState) {
        guard state.changes.capacity + state.deletions.capacity + state.seams.capacity <= 4096 else { return }
        let number = transaction.number
        swap(&transaction, &state)
        transaction.reset(number: number, origin: nil, isLocal: true)
    }

    /// Whether nested documents came or went.
    @inline(__always)
    func hasDocumentChanges(_ state: TransactionState) -> Bool {
        !state.addedDocuments.isEmpty || !state.removedDocuments.isEmpty
    }

    /// Collects and joins what a transaction left; afterwards its items are in their final form.
    mutating func cleanUp(
        _ state: TransactionState, collectsGarbage: Bool, keeps: ((ItemIndex) -> Bool)?
    ) {
        if collectsGarbage { collect(state.deletions, keeps: keeps) }
        merge(after: state)
        if content.isWorthCompacting { compact() }
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
