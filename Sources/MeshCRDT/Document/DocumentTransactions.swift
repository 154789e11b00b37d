extension Document {
    /// Groups changes into one transaction: one update, one round of events.
    ///
    /// Inside a running transaction `body` becomes a part of it, and `origin` is ignored. When `body` throws, what it did
    /// before stays, as in Yjs.
    @discardableResult
    public func transact<R>(origin: AnyHashable? = nil, _ body: (Transaction) throws -> R) rethrows -> R {
        if let current { return try body(current) }
        let transaction = begin(origin: origin, isLocal: true)
        defer { end(transaction) }
        return try body(transaction)
    }

    /// Runs changes of the store inside the running transaction or one of their own.
    @inline(__always)
    func mutate<R, Failure: Error>(_ body: (inout Store) throws(Failure) -> R) throws(Failure) -> R {
        if current != nil { return try body(&store) }
        guard needsTransaction else {
            store.begin(origin: nil, isLocal: true)
            defer { endQuietly(origin: nil, isLocal: true) }
            return try body(&store)
        }
        let transaction = begin(origin: nil, isLocal: true)
        defer { end(transaction) }
        return try body(&store)
    }

    /// Runs `body` in a transaction; changes that an update brings make a running local one remote, as in Yjs.
    func withTransaction(origin: AnyHashable?, isLocal: Bool, _ body: () -> Void) {
        if let current {
            if !isLocal {
                current.isLocal = false
                store.transaction.isLocal = false
            }
            return body()
        }
        guard needsTransaction else {
            store.begin(origin: origin, isLocal: isLocal)
            body()
            return endQuietly(origin: origin, isLocal: isLocal)
        }
        let transaction = begin(origin: origin, isLocal: isLocal)
        body()
        end(transaction)
    }

    /// Whether somebody looks at transactions, so that they must exist as objects.
    @inline(__always)
    private var needsTransaction: Bool {
        !unfinished.isEmpty || !listeners.areSilent || !observers.isEmpty
    }

    // MARK: Start and end

    private func begin(origin: AnyHashable?, isLocal: Bool) -> Transaction {
        let transaction = Transaction(document: self, origin: origin, isLocal: isLocal)
        current = transaction
        store.begin(origin: origin, isLocal: isLocal)
        unfinished.append(transaction)
        if unfinished.count == 1 { listeners.beforeAll.send(self) }
        send(transaction, .before)
        return transaction
    }

    private func end(_ transaction: Transaction) {
        current = nil
        transaction.state = store.takeTransaction()
        transaction.isFinished = true
        guard unfinished.first === transaction else { return }
        // Observers may start transactions, whose turn comes after.
        var index = 0
        while index < unfinished.count {
            cleanUp(unfinished[index])
            index += 1
        }
        let finished = unfinished
        unfinished = []
        listeners.afterAll.send(finished)
    }

    /// Ends a transaction that nobody looks at, except for its updates.
    @inline(__always)
    private func endQuietly(origin: AnyHashable?, isLocal: Bool) {
        var state = store.takeTransaction()
        state.isLocal = isLocal
        let needsTidying = !isLocal && needsFormattingCleanUp(state)
        guard !needsTidying, !store.hasDocumentChanges(state) else { return finish(state, origin: origin) }
        store.cleanUp(state, collectsGarbage: collectsGarbage, keeps: keeps)
        if !isLocal { leaveClientID(state) }
        sendUpdates(state, origin: origin, isLocal: isLocal)
        store.giveBack(&state)
    }

    /// Ends a transaction that turned out to need more than cleaning.
    private func finish(_ state: consuming TransactionState, origin: AnyHashable?) {
        let transaction = Transaction(document: self, origin: origin, isLocal: state.isLocal)
        transaction.state = state
        transaction.isFinished = true
        unfinished.append(transaction)
        var index = 0
        while index < unfinished.count {
            cleanUp(unfinished[index])
            index += 1
        }
        unfinished = []
    }

    private func cleanUp(_ transaction: Transaction) {
        send(transaction, .beforeObservers)
        callObservers(of: transaction)
        send(transaction, .afterObservers)
        if !transaction.isLocal, needsFormattingCleanUp(transaction.state) {
            cleanUpFormatting(after: transaction)
        }
        store.cleanUp(transaction.state, collectsGarbage: collectsGarbage, keeps: keeps)
        if !transaction.isLocal { leaveClientID(transaction.state) }
        send(transaction, .afterCleanup)
        sendUpdates(transaction.state, origin: transaction.origin, isLocal: transaction.isLocal)
        sendSubdocuments(of: transaction)
    }

    private func send(_ transaction: Transaction, _ phase: TransactionPhase) {
        guard !listeners.phases.isEmpty else { return }
        listeners.phases[phase]?.send(transaction)
    }

    /// The application's objection to collecting an item.
    private var keeps: ((ItemIndex) -> Bool)? {
        guard let garbageFilter else { return nil }
        return { [unowned self] index in
            let item = store.items[index]
            let id = store.id(of: index)
            return !garbageFilter(IDRange(client: id.client, clock: id.clock, length: item.length))
        }
    }

    // MARK: What follows

    private func sendUpdates(_ state: TransactionState, origin: AnyHashable?, isLocal: Bool) {
        if !listeners.updatesV1.isEmpty, let update = store.encode(state, .v1) {
            listeners.updatesV1.send(UpdateEvent(update: update, origin: origin, isLocal: isLocal))
        }
        if !listeners.updatesV2.isEmpty, let update = store.encode(state, .v2) {
            listeners.updatesV2.send(UpdateEvent(update: update, origin: origin, isLocal: isLocal))
        }
    }

    /// Takes another client id when an update brought something written under the own one: somebody else uses it.
    private func leaveClientID(_ state: TransactionState) {
        guard state.writers.contains(where: { $0.client == store.ownClient }) else { return }
        if let nextClientID {
            clientID = nextClientID()
            return
        }
        var next = clientID
        repeat {
            // SplitMix64's finalizer spreads the old id and the clock over 32 bits.
            next = next &* 0xbf58_476d_1ce4_e5b9 &+ UInt64(store.clients.state(of: clientID)) &+ 1
            next = (next ^ (next >> 31)) & 0xffff_ffff
        } while next == clientID || store.clients.state(of: next) > 0
        clientID = next
    }

    /// Whether an update touched text with formatting, whose markers Yjs then tidies up.
    @inline(__always)
    private func needsFormattingCleanUp(_ state: TransactionState) -> Bool {
        for change in state.changes where store.branches[change.branch].hasFormatting {
            let branch = store.branches[change.branch]
            guard branch.kind == .text || branch.kind == .xmlText else { continue }
            if branch.item.isNone || !store.items[branch.item].isDeleted { return true }
        }
        return false
    }
}
