import MeshCore
import MeshMultiformats

/// How queries go on: from their first request to their end.
extension Kademlia {
    /// Starts a lookup among the peers that the node knows; fails at once when it knows nobody.
    @discardableResult
    mutating func startLookup(
        _ goal: Query.Goal, key: [UInt8], asking kind: KadMessage.Kind, verifiesAll: Bool, owner: Query.Owner,
        now: Instant, into effects: inout KadEffects
    ) -> QueryID {
        let place = KadKeys.place(of: key)
        let parameters = configuration.lookupParameters(
            verifiesAll: verifiesAll, paths: pathCount(of: owner))
        var query = Query(
            id: makeQueryID(), owner: owner, started: now, deadline: now + configuration.queryTimeout,
            request: KadMessage(kind: kind, key: key, place: place), goal: goal,
            lookup: Lookup(target: place, parameters: parameters, localKey: localKey))
        if owner == .application, applicationQueryCount >= configuration.maximumQueries {
            finish(
                query, .failed(.tooManyQueries(limit: configuration.maximumQueries)), now: now, into: &effects
            )
            return query.id
        }
        guard !key.isEmpty, key.count <= KadWire.maximumKeyByteCount else {
            let limit = KadWire.maximumKeyByteCount
            finish(query, .failed(.invalidKey(byteCount: key.count, limit: limit)), now: now, into: &effects)
            return query.id
        }
        addOwnCandidates(to: &query.lookup)
        table.noteLookup(towards: place, now: now)
        let id = query.id
        run([query], now: now, into: &effects)
        return id
    }

    private var applicationQueryCount: Int {
        queries.count - (maintenance.refresh?.runningLookups ?? 0) - maintenance.runningPublications
            - (sweep.walks.first?.stage == .lookup ? 1 : 0)
    }

    private mutating func addOwnCandidates(to lookup: inout Lookup) {
        table.closest(to: lookup.target, count: configuration.replication, into: &slots)
        var known = slots.compactMap { table.peer(atSlot: $0) }
        if known.count < configuration.replication { known += checks.peers + book.connectedServers }
        lookup.add(known, round: 1)
    }

    /// Takes a query one step on and keeps it while it runs.
    private mutating func run(_ box: consuming [Query], now: Instant, into effects: inout KadEffects) {
        var box = box
        while box[0].store == nil {
            if box[0].lookup.progress == .running {
                while let peer = box[0].lookup.next(now: now) {
                    request(box[0].request, to: peer, for: .lookup(box[0].id), now: now, into: &effects)
                }
                return keep(box)
            }
            switch checkRegion(of: &box[0], now: now, into: &effects) {
            case .goOn: continue
            case .wait: return keep(box)
            case .over:
                if let outcome = endLookup(of: &box[0]) {
                    return finish(box[0], outcome, now: now, into: &effects)
                }
            }
        }
        sendStores(of: &box[0], now: now, into: &effects)
        guard let store = box[0].store, store.isFinished else { return keep(box) }
        finish(box[0], storeOutcome(of: box[0], store), now: now, into: &effects)
    }

    private mutating func keep(_ box: consuming [Query]) {
        var box = box
        if box[0].checkAt == nil {
            let check = box[0].nextDeadline
            box[0].checkAt = check
            queryCheckAt = min(queryCheckAt ?? check, check)
        }
        queries.put(box)
    }

    /// What follows from the end of the lookup: an outcome, or nil when the query goes on.
    private func endLookup(of query: inout Query) -> QueryOutcome? {
        let lookup = query.lookup
        guard lookup.answerCount > 0 else {
            if case .value(let search) = query.goal, let best = search.best {
                return .value(best, holders: search.holderCount)
            }
            if case .providers(let search) = query.goal, !search.found.isEmpty {
                return .providers(search.found)
            }
            return .failed(
                lookup.requestCount == 0 ? .routingTableEmpty : .unreachable(failed: lookup.failureCount))
        }
        let notFound = QueryOutcome.failed(
            .notFound(answered: lookup.answerCount, failed: lookup.failureCount))
        switch query.goal {
        case .closestPeers: return .closestPeers(lookup.closest(configuration.replication))
        case .findPeer: return query.lookup.askAll() ? nil : notFound
        case .value(let search):
            if search.isSatisfied, let best = search.best { return .value(best, holders: search.holderCount) }
            if query.lookup.askAll() { return nil }
            return search.best.map { .value($0, holders: search.holderCount) } ?? notFound
        case .providers(let search):
            if query.lookup.askAll() { return nil }
            return search.found.isEmpty ? notFound : .providers(search.found)
        case .putValue, .provide:
            query.beginStores(configuration)
            return nil
        }
    }

    /// The outcome when the deadline passed or the stores are over.
    func storeOutcome(of query: Query, _ store: StorePhase) -> QueryOutcome {
        if case .provide = query.goal { return .provided(sent: store.acknowledged) }
        return .stored(acknowledged: store.acknowledged, attempted: store.attempted)
    }

    /// Ends a query: corrections first go out, then the owner is told.
    mutating func finish(
        _ query: Query, _ outcome: QueryOutcome, now: Instant, into effects: inout KadEffects
    ) {
        if queries.count == 0 { queryCheckAt = nil }
        var statistics = query.statistics
        statistics.duration = now.duration(since: query.started)
        switch query.owner {
        case .application:
            if !query.isReported { effects.append(.event(.queryFinished(query.id, outcome, statistics))) }
        case .refresh: refreshLookupFinished(statistics)
        case .republication: break
        case .sweep: sweepLookupFinished(query, statistics, now: now, into: &effects)
        }
        observe(query, outcome, statistics, now: now)
        if case .value(let search) = query.goal { correct(search, query.lookup, now: now, into: &effects) }
        let reached = query.stores?.acknowledged ?? 0
        let isRepublication = query.owner != .application
        switch query.goal {
        case .putValue:
            publicationFinished(
                .record(query.lookup.target), reached: reached, isRepublication: isRepublication, now: now)
        case .provide:
            publicationFinished(
                .provider(query.lookup.target), reached: reached, isRepublication: isRepublication, now: now)
        case .closestPeers, .findPeer, .value, .providers: break
        }
    }

    // MARK: Answers and failures

    mutating func handleAnswer(
        _ message: KadMessage, to request: PendingRequest, now: Instant, into effects: inout KadEffects
    ) {
        switch request.purpose {
        case .check, .correction: return
        case .sweep(let step): sweepAnswered(step, message, by: request.peer, now: now, into: &effects)
        case .explore(let id):
            guard var box = queries.take(id) else { return }
            explored(&box[0], message.closerPeers)
            run(box, now: now, into: &effects)
        case .lookup(let id):
            guard var box = queries.take(id) else { return }
            let closer = usable(message.closerPeers)
            box[0].lookup.answered(request.peer.kadKey, closerPeers: closer)
            if reportsSteps(of: box[0].owner) {
                let count = closer.count { $0.kadKey != localKey }
                report(.answered, request, box[0], closerCount: count, now: now, into: &effects)
            }
            if let outcome = take(message, from: request.peer, into: &box[0], now: now, &effects) {
                return finish(box[0], outcome, now: now, into: &effects)
            }
            if box[0].store?.isPending(request.peer.kadKey) ?? false {
                storeAnswered(message, by: request.peer, &box[0], now: now, into: &effects)
            }
            storeEarly(at: request.peer, of: &box[0], now: now, into: &effects)
            run(box, now: now, into: &effects)
        case .store(let id):
            guard var box = queries.take(id) else { return }
            storeAnswered(message, by: request.peer, &box[0], now: now, into: &effects)
            run(box, now: now, into: &effects)
        }
    }

    mutating func handleFailure(
        of request: PendingRequest, outcome: QueryStep.Outcome, now: Instant, into effects: inout KadEffects
    ) {
        let key = request.peer.kadKey
        switch request.purpose {
        case .check, .correction: return
        case .sweep(let step): sweepFailed(step, request.peer, now: now, into: &effects)
        case .explore(let id):
            guard var box = queries.take(id) else { return }
            explored(&box[0], [])
            run(box, now: now, into: &effects)
        case .lookup(let id):
            guard var box = queries.take(id) else { return }
            box[0].lookup.failed(key)
            if reportsSteps(of: box[0].owner) {
                report(outcome, request, box[0], closerCount: 0, now: now, into: &effects)
            }
            if case .provide = box[0].goal { _ = box[0].store?.fail(key) }
            run(box, now: now, into: &effects)
        case .store(let id):
            guard var box = queries.take(id) else { return }
            _ = box[0].stores?.fail(key)
            run(box, now: now, into: &effects)
        }
    }

    /// Looks at the clock for every query that wanted to.
    mutating func checkQueries(now: Instant, into effects: inout KadEffects) {
        guard let time = queryCheckAt, time <= now else { return }
        for id in queries.due(at: now) { handleTime(of: id, now: now, into: &effects) }
        queryCheckAt = queries.nextCheck
    }

    private mutating func handleTime(of id: QueryID, now: Instant, into effects: inout KadEffects) {
        guard var box = queries.take(id) else { return }
        box[0].checkAt = nil
        // The patience with a region may end while its lookup still runs; a time that has passed would come up for ever.
        if let limit = box[0].region?.nextDeadline, limit <= now { box[0].region?.nextDeadline = nil }
        if box[0].store == nil {
            for peer in box[0].lookup.noteTime(now) where reportsSteps(of: box[0].owner) {
                let request = PendingRequest(
                    peer: peer, purpose: .lookup(id), kind: box[0].request.kind,
                    sent: now - configuration.stragglerTimeout)
                report(.slow, request, box[0], closerCount: 0, now: now, into: &effects)
            }
        } else {
            box[0].store?.noteTime(now)
        }
        guard box[0].deadline <= now else { return run(box, now: now, into: &effects) }
        finish(box[0], outcomeAtDeadline(of: box[0]), now: now, into: &effects)
    }

    private func outcomeAtDeadline(of query: Query) -> QueryOutcome {
        if let store = query.stores { return storeOutcome(of: query, store) }
        switch query.goal {
        case .value(let search):
            if let best = search.best { return .value(best, holders: search.holderCount) }
        case .providers(let search):
            if !search.found.isEmpty { return .providers(search.found) }
        case .closestPeers, .findPeer, .putValue, .provide: break
        }
        return .failed(.timedOut(configuration.queryTimeout))
    }

    /// The peers of an answer that have an address in the network's scope; the lookup leaves out this node.
    func usable(_ peers: [KadPeer]) -> [KadPeer] {
        // Nearly all answers are usable as they are; then nothing is copied.
        if peers.allSatisfy({ isPresentable($0) }) { return peers }
        return peers.compactMap { handedOut($0) ?? table.peer($0.kadKey) }
    }

    /// Whether the steps of a query are reported; asked first, because a report takes the query's state.
    private func reportsSteps(of owner: Query.Owner) -> Bool {
        configuration.reportsSteps && owner == .application
    }

    private func report(
        _ outcome: QueryStep.Outcome, _ request: PendingRequest, _ query: Query, closerCount: Int,
        now: Instant,
        into effects: inout KadEffects
    ) {
        let key = request.peer.kadKey
        let step = QueryStep(
            round: query.lookup.round(of: key), peer: request.peer,
            duration: now.duration(since: request.sent), closerCount: closerCount, outcome: outcome,
            sharedBitCount: (key ^ query.lookup.target).leadingZeroBitCount)
        effects.append(.event(.queryStep(query.id, step)))
    }
}
