import MeshCore
import MeshMultiformats

/// What answers mean for the goal of a query, and the stores at its end.
extension Kademlia {
    /// Takes what `message` says about the goal; an outcome ends the query.
    mutating func take(
        _ message: KadMessage, from peer: KadPeer, into query: inout Query, now: Instant,
        _ effects: inout KadEffects
    ) -> QueryOutcome? {
        switch query.goal {
        case .closestPeers, .putValue, .provide: return nil
        case .findPeer:
            let target = query.lookup.target
            if let named = message.closerPeers.first(where: { $0.kadKey == target }),
                let found = handedOut(named)
            {
                return .peer(found)
            }
            return peer.kadKey == target && !peer.addresses.isEmpty ? .peer(peer) : nil
        case .value(var search):
            if let value = validValue(message, key: search.key, now: now) {
                search.add(
                    value, received: receivedTime(message.record, now: now), from: peer,
                    validators: validators)
                if query.owner == .application {
                    effects.append(.event(.queryProgress(query.id, .value(value, from: peer.id))))
                }
            } else {
                search.addLacking(peer)
            }
            query.goal = .value(search)
            guard search.isSatisfied, search.quorum == 1 || query.lookup.progress == .converged,
                let best = search.best
            else { return nil }
            return .value(best, holders: search.holderCount)
        case .providers(var search):
            let new = search.add(message.providerPeers.map { scoped($0) })
            query.goal = .providers(search)
            if !new.isEmpty, query.owner == .application {
                effects.append(.event(.queryProgress(query.id, .providers(new))))
            }
            return search.isSatisfied ? .providers(search.found) : nil
        }
    }

    private mutating func validValue(_ message: KadMessage, key: [UInt8], now: Instant) -> [UInt8]? {
        guard let record = message.record, record.key == key else { return nil }
        guard (try? validate(key: key, value: record.value, at: unixTime(now))) != nil else {
            observations.refusals.invalidAnsweredValues.count()
            return nil
        }
        return record.value
    }

    // MARK: Stores

    /// Sends the stores that the query may have in flight.
    mutating func sendStores(of query: inout Query, now: Instant, into effects: inout KadEffects) {
        while let peer = query.stores?.next(now: now) {
            switch query.goal {
            case .putValue(let message):
                query.storeRequestCount += 1
                request(message, to: peer, for: .store(query.id), now: now, into: &effects)
            case .provide:
                // Nobody answers ADD_PROVIDER, so a peer that has not answered the lookup is asked that first.
                if query.lookup.hasAnswered(peer.kadKey) {
                    announce(to: peer, of: &query, now: now, into: &effects)
                } else if !query.lookup.isPending(peer.kadKey) {
                    query.storeRequestCount += 1
                    request(query.request, to: peer, for: .store(query.id), now: now, into: &effects)
                }
            case .closestPeers, .findPeer, .value, .providers: return
            }
        }
    }

    /// Notes that a peer answered a store, or for a provider showed that it is alive.
    mutating func storeAnswered(
        _ message: KadMessage, by peer: KadPeer, _ query: inout Query, now: Instant,
        into effects: inout KadEffects
    ) {
        switch query.goal {
        case .putValue(let put):
            guard message.kind == .putValue else { return }
            // go-libp2p takes an echo with another value for a refusal; some implementations echo no record.
            let isEcho = message.record.map { $0.value == put.record?.value } ?? true
            guard isEcho else {
                _ = query.stores?.fail(peer.kadKey)
                return
            }
            guard query.stores?.acknowledge(peer.kadKey) ?? false else { return }
            reportStored(&query, now: now, into: &effects)
        case .provide: announce(to: peer, of: &query, now: now, into: &effects)
        case .closestPeers, .findPeer, .value, .providers: return
        }
    }

    private mutating func announce(
        to peer: KadPeer, of query: inout Query, now: Instant, into effects: inout KadEffects
    ) {
        guard case .provide(let message) = query.goal, query.stores?.acknowledge(peer.kadKey) ?? false else {
            return
        }
        query.storeRequestCount += 1
        announceAddresses(of: peer, into: &effects)
        effects.append(.send(message, to: peer.id))
        reportStored(&query, now: now, into: &effects)
    }

    private mutating func reportStored(_ query: inout Query, now: Instant, into effects: inout KadEffects) {
        guard query.owner == .application, !query.isReported, let store = query.stores else { return }
        let progress = QueryProgress.stored(count: store.acknowledged, goal: store.goal)
        effects.append(.event(.queryProgress(query.id, progress)))
        reportEarly(&query, now: now, into: &effects)
    }

    // MARK: Corrections

    /// Gives the best value to peers that hold a worse one, and to the closest that lack it; and to this node, if
    /// it holds a worse one.
    ///
    /// A search that ended early gives it to the closest that lacked it on the way. Source: Kademlia, section 2.3.
    mutating func correct(
        _ search: ValueSearch, _ lookup: Lookup, now: Instant, into effects: inout KadEffects
    ) {
        guard let best = search.best else { return }
        let record = StoredRecord(
            key: search.key, value: best, received: search.bestReceived ?? unixTime(now), isOwn: false)
        if let own = records.record(lookup.target), own.value != best {
            _ = keep(record, token: nil, now: now, into: &effects)
        }
        observations.cache.insert(best, at: lookup.target, now: now)
        var targets = search.stale
        if lookup.progress != .running {
            let closest = lookup.closest(configuration.replication)
            targets += search.lacking.filter { lacking in closest.contains { $0.id == lacking.id } }
        } else if configuration.cachesAlongPath {
            let target = lookup.target
            targets += search.lacking.min { $0.kadKey ^ target < $1.kadKey ^ target }.map { [$0] } ?? []
        }
        let message = Self.putMessage(record, received: search.bestReceived)
        for peer in targets.prefix(configuration.replication) {
            request(message, to: peer, for: .correction, now: now, into: &effects)
        }
    }
}
