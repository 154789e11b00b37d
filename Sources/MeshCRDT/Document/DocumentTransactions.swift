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
    ///
    /// `body` throws before it changes anything or not at all. Changes that an update brings make a running local transaction
    /// remote, as in Yjs.
    @inline(__always)
    func mutate<R, Failure: Error>(
        origin: AnyHashable? = nil, isLocal: Bool = true, _ body: (inout Store) throws(Failure) -> R
    ) throws(Failure) -> R {
        if let current {
            if !isLocal { current.isLocal = false }
            return try body(&store)
        }
        guard needsTransaction else {
            var outcome = QuietOutcome(
                isLocal: isLocal, collectsGarbage: collectsGarbage, wantsV1: !listeners.updatesV1.isEmpty,
                wantsV2: !listeners.updatesV2.isEmpty)
            let result = try store.runQuietly(&outcome, body)
            if outcome.needsMore { finish(outcome, origin: origin) }
            return result
        }
        let transaction = begin(origin: origin, isLocal: isLocal)
        defer { end(transaction) }
        return try body(&store)
    }

    /// Whether somebody looks at transactions, so that they must exist as objects.
    @inline(__always)
    private var needsTransaction: Bool {
        !unfinished.isEmpty || !listeners.areSilent || !observers.isEmpty || garbageFilter != nil
    }

    // MARK: Start and end

    private func begin(origin: AnyHashable?, isLocal: Bool) -> Transaction {
        let transaction = Transaction(document: self, origin: origin, isLocal: isLocal)
        current = transaction
        store.begin()
        unfinished.append(transaction)
        if unfinished.count == 1 { listeners.beforeAll.send(self) }
        send(transaction, .before)
        return transaction
    }

    private func end(_ transaction: Transaction) {
        current = nil
        store.endChanges()
        takeState(of: transaction)
        guard unfinished.first === transaction else { return }
        cleanUpUnfinished()
    }

    private func takeState(of transaction: Transaction) {
        swap(&transaction.state, &store.transaction)
        transaction.isFinished = true
    }

    private func cleanUpUnfinished() {
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

    /// Ends a transaction that nobody looked at and that turned out to need more than cleaning up.
    private func finish(_ outcome: QuietOutcome, origin: AnyHashable?) {
        if outcome.isCleanedUp {
            send(outcome.updateV1, outcome.updateV2, origin: origin, isLocal: outcome.isLocal)
            if outcome.wroteAsOwnClient { leaveClientID() }
            return
        }
        let transaction = Transaction(document: self, origin: origin, isLocal: outcome.isLocal)
        takeState(of: transaction)
        unfinished.append(transaction)
        cleanUpUnfinished()
    }

    private func cleanUp(_ transaction: Transaction) {
        send(transaction, .beforeObservers)
        callObservers(of: transaction)
        send(transaction, .afterObservers)
        if !transaction.isLocal, store.touchedFormatting(transaction.state) {
            cleanUpFormatting(after: transaction)
        }
        let later = laterWriters(than: transaction)
        swap(&transaction.state, &store.transaction)
        store.cleanUp(collectsGarbage: collectsGarbage, filter: garbageFilter)
        let updateV1 = listeners.updatesV1.isEmpty ? nil : store.encodeTransaction(.v1, with: later)
        let updateV2 = listeners.updatesV2.isEmpty ? nil : store.encodeTransaction(.v2, with: later)
        swap(&transaction.state, &store.transaction)
        if !transaction.isLocal, transaction.state.clockBefore(store.ownClient) != nil { leaveClientID() }
        send(transaction, .afterCleanup)
        send(updateV1, updateV2, origin: transaction.origin, isLocal: transaction.isLocal)
        sendSubdocuments(of: transaction)
    }

    // MARK: What follows

    /// Who wrote in the transactions of observers, from which clock on, and not in this one.
    ///
    /// An update has all that was written since its transaction began, as in Yjs.
    private func laterWriters(than transaction: Transaction) -> [TransactionState.Writer] {
        guard unfinished.count > 1, let place = unfinished.firstIndex(where: { $0 === transaction }) else {
            return []
        }
        var later: [TransactionState.Writer] = []
        for next in unfinished[(place + 1)...] {
            for writer in next.state.writers
            where transaction.state.clockBefore(writer.client) == nil
                && !later.contains(where: { $0.client == writer.client })
            {
                later.append(writer)
            }
        }
        return later
    }

    private func send(_ transaction: Transaction, _ phase: TransactionPhase) {
        guard !listeners.phases.isEmpty else { return }
        listeners.phases[phase]?.send(transaction)
    }

    private func send(_ updateV1: [UInt8]?, _ updateV2: [UInt8]?, origin: AnyHashable?, isLocal: Bool) {
        if let updateV1 {
            listeners.updatesV1.send(UpdateEvent(update: updateV1, origin: origin, isLocal: isLocal))
        }
        if let updateV2 {
            listeners.updatesV2.send(UpdateEvent(update: updateV2, origin: origin, isLocal: isLocal))
        }
    }

    /// Takes another client id when an update brought something written under the own one: somebody else uses it.
    private func leaveClientID() {
        if let nextClientID {
            clientID = nextClientID()
            return
        }
        var next = clientID
        repeat {
            // SplitMix64's multiplier spreads the old id and the clock over 32 bits.
            next = next &* 0xbf58_476d_1ce4_e5b9 &+ UInt64(store.clients.state(of: clientID)) &+ 1
            next = (next ^ (next >> 31)) & 0xffff_ffff
        } while next == clientID || store.clients.state(of: next) > 0
        clientID = next
    }
}

/// What is wanted of a transaction that nobody looks at, and what came of it.
struct QuietOutcome {
    let isLocal: Bool
    let collectsGarbage: Bool
    let wantsV1: Bool
    let wantsV2: Bool
    /// Whether the document has something left to do.
    var needsMore = false
    var isCleanedUp = false
    var wroteAsOwnClient = false
    var updateV1: [UInt8]?
    var updateV2: [UInt8]?

    init(isLocal: Bool, collectsGarbage: Bool, wantsV1: Bool, wantsV2: Bool) {
        self.isLocal = isLocal
        self.collectsGarbage = collectsGarbage
        self.wantsV1 = wantsV1
        self.wantsV2 = wantsV2
    }
}

extension Store {
    /// Runs a transaction from start to end in one go.
    ///
    /// Ends before the cleaning up when nested documents or formatting need the document's help. When `body` throws, it has
    /// changed nothing.
    @inline(__always)
    mutating func runQuietly<R, Failure: Error>(
        _ outcome: inout QuietOutcome, _ body: (inout Store) throws(Failure) -> R
    ) throws(Failure) -> R {
        begin()
        let result = try body(&self)
        endChanges()
        if transaction.hasDocumentChanges || (!outcome.isLocal && touchedFormatting(transaction)) {
            outcome.needsMore = true
            return result
        }
        cleanUp(collectsGarbage: outcome.collectsGarbage, filter: nil)
        outcome.isCleanedUp = true
        outcome.wroteAsOwnClient = !outcome.isLocal && wroteAsOwnClient
        if outcome.wantsV1 { outcome.updateV1 = encodeTransaction(.v1) }
        if outcome.wantsV2 { outcome.updateV2 = encodeTransaction(.v2) }
        outcome.needsMore = outcome.wroteAsOwnClient || outcome.updateV1 != nil || outcome.updateV2 != nil
        return result
    }
}
