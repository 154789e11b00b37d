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
            verifiesAll: verifiesAll, paths: owner == .refresh ? 1 : configuration.disjointPaths)
        let query = Query(
            id: makeQueryID(), owner: owner, started: now, deadline: now + configuration.queryTimeout,
            request: KadMessage(kind: kind, key: key), goal: goal,
            lookup: Lookup(target: place, parameters: parameters))
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
        var started = query
        addOwnCandidates(to: &started.lookup)
        table.noteLookup(towards: place, now: now)
        run(started, now: now, into: &effects)
        return query.id
    }

    private var applicationQueryCount: Int {
        queries.count - (maintenance.refresh?.runningLookups ?? 0) - maintenance.runningPublications
    }

    private mutating func addOwnCandidates(to lookup: inout Lookup) {
        table.closest(to: lookup.target, count: configuration.replication, into: &slots)
        var known = slots.compactMap { table.peer(atSlot: $0) }
        if known.count < configuration.replication { known += checks.peers + book.connectedServers }
        lookup.add(known, round: 1)
    }

    /// Takes a query one step on and keeps it while it runs.
    private mutating func run(_ query: Query, now: Instant, into effects: inout KadEffects) {
        var query = query
        while query.store == nil {
            switch query.lookup.progress {
            case .running:
                while let peer = query.lookup.next(now: now) {
                    request(query.request, to: peer, for: .lookup(query.id), now: now, into: &effects)
                }
                return keep(query)
            case .converged, .exhausted:
                if let outcome = endLookup(of: &query) {
                    return finish(query, outcome, now: now, into: &effects)
                }
            }
        }
        sendStores(of: &query, now: now, into: &effects)
        guard let store = query.store, store.isFinished else { return keep(query) }
        finish(query, storeOutcome(of: query, store), now: now, into: &effects)
    }

    private mutating func keep(_ query: Query) {
        if !queryTimers.contains(query.id) { queryTimers.set(query.id, at: query.nextDeadline) }
        queries[query.id] = query
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
            if query.lookup.askAll() { return nil }
            return search.best.map { .value($0, holders: search.holderCount) } ?? notFound
        case .providers(let search):
            if query.lookup.askAll() { return nil }
            return search.found.isEmpty ? notFound : .providers(search.found)
        case .putValue, .provide:
            query.store = StorePhase(
                targets: lookup.closest(2 * configuration.replication), goal: configuration.replication,
                patience: configuration.abandonTimeout)
            return nil
        }
    }

    /// The outcome when the deadline passed or the stores are over.
    private func storeOutcome(of query: Query, _ store: StorePhase) -> QueryOutcome {
        if case .provide = query.goal { return .provided(sent: store.acknowledged) }
        return .stored(acknowledged: store.acknowledged, attempted: store.attempted)
    }

    /// Ends a query: corrections first go out, then the owner is told.
    mutating func finish(
        _ query: Query, _ outcome: QueryOutcome, now: Instant, into effects: inout KadEffects
    ) {
        queryTimers.cancel(query.id)
        var statistics = query.statistics
        statistics.duration = now.duration(since: query.started)
        switch query.owner {
        case .application: effects.append(.event(.queryFinished(query.id, outcome, statistics)))
        case .refresh: refreshLookupFinished(statistics)
        case .republication: break
        }
        if case .value(let search) = query.goal { correct(search, query.lookup, now: now, into: &effects) }
        let reached = query.store?.acknowledged ?? 0
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
        case .lookup(let id):
            guard var query = queries.removeValue(forKey: id) else { return }
            let closer = usable(message.closerPeers)
            query.lookup.answered(request.peer.kadKey, closerPeers: closer)
            report(.answered, request, query, closerCount: closer.count, now: now, into: &effects)
            if let outcome = take(message, from: request.peer, into: &query, now: now, &effects) {
                return finish(query, outcome, now: now, into: &effects)
            }
            if query.store?.isPending(request.peer.kadKey) ?? false {
                storeAnswered(message, by: request.peer, &query, now: now, into: &effects)
            }
            run(query, now: now, into: &effects)
        case .store(let id):
            guard var query = queries.removeValue(forKey: id) else { return }
            storeAnswered(message, by: request.peer, &query, now: now, into: &effects)
            run(query, now: now, into: &effects)
        }
    }

    mutating func handleFailure(
        of request: PendingRequest, outcome: QueryStep.Outcome, now: Instant, into effects: inout KadEffects
    ) {
        let key = request.peer.kadKey
        switch request.purpose {
        case .check, .correction: return
        case .lookup(let id):
            guard var query = queries.removeValue(forKey: id) else { return }
            query.lookup.failed(key)
            report(outcome, request, query, closerCount: 0, now: now, into: &effects)
            if case .provide = query.goal { _ = query.store?.fail(key) }
            run(query, now: now, into: &effects)
        case .store(let id):
            guard var query = queries.removeValue(forKey: id) else { return }
            _ = query.store?.fail(key)
            run(query, now: now, into: &effects)
        }
    }

    /// Looks at the clock for one query.
    mutating func handleTime(of id: QueryID, now: Instant, into effects: inout KadEffects) {
        guard var query = queries.removeValue(forKey: id) else { return }
        if query.store == nil {
            for peer in query.lookup.noteTime(now) {
                let request = PendingRequest(
                    peer: peer, purpose: .lookup(id), kind: query.request.kind,
                    sent: now - configuration.stragglerTimeout)
                report(.slow, request, query, closerCount: 0, now: now, into: &effects)
            }
        } else {
            query.store?.noteTime(now)
        }
        guard query.deadline <= now else { return run(query, now: now, into: &effects) }
        finish(query, outcomeAtDeadline(of: query), now: now, into: &effects)
    }

    private func outcomeAtDeadline(of query: Query) -> QueryOutcome {
        if let store = query.store { return storeOutcome(of: query, store) }
        switch query.goal {
        case .value(let search):
            if let best = search.best { return .value(best, holders: search.holderCount) }
        case .providers(let search):
            if !search.found.isEmpty { return .providers(search.found) }
        case .closestPeers, .findPeer, .putValue, .provide: break
        }
        return .failed(.timedOut(configuration.queryTimeout))
    }

    /// The peers of an answer that can be asked: not this node, and with an address in the network's scope.
    private func usable(_ peers: [KadPeer]) -> [KadPeer] {
        peers.compactMap { peer in
            guard peer.id != localPeer else { return nil }
            return handedOut(peer) ?? table.peer(peer.kadKey)
        }
    }

    private func report(
        _ outcome: QueryStep.Outcome, _ request: PendingRequest, _ query: Query, closerCount: Int,
        now: Instant,
        into effects: inout KadEffects
    ) {
        guard configuration.reportsSteps, query.owner == .application else { return }
        let key = request.peer.kadKey
        let step = QueryStep(
            round: query.lookup.round(of: key), peer: request.peer,
            duration: now.duration(since: request.sent), closerCount: closerCount, outcome: outcome,
            sharedBitCount: (key ^ query.lookup.target).leadingZeroBitCount)
        effects.append(.event(.queryStep(query.id, step)))
    }
}
