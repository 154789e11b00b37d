import MeshCore
import MeshMultiformats

/// Stores that do not wait for the end of their lookup.
///
/// Source: go-libp2p-kad-dht, `lookup_optim.go`, whose thresholds these are; the code is our own.
extension Kademlia {
    /// The probability that a peer which is not among the k closest is stored at.
    private static var individualRisk: Double { 0.1 }
    /// The probability that the k closest of an honest network lie closer on average than the set threshold.
    private static var setConfidence: Double { 0.9 }

    /// Stores at `peer`, which has just answered, if it probably is one of the k closest, and at all of them as soon
    /// as those that the lookup has found probably are.
    ///
    /// The lookup goes on to its own end all the same, and the peers that are really closest get the record too.
    mutating func storeEarly(
        at peer: KadPeer, of query: inout Query, now: Instant, into effects: inout KadEffects
    ) {
        guard query.store == nil, query.isPublication, isOptimistic(query.owner),
            let size = observations.size.size(now: now), size > Double(2 * configuration.replication)
        else { return }
        let k = configuration.replication
        let target = query.lookup.target
        if query.early == nil {
            query.early = StorePhase(openWithGoal: k, patience: configuration.abandonTimeout)
        }
        let individual = GammaDistribution.quantile(shape: k, probability: Self.individualRisk) / size
        if (peer.kadKey ^ target).fraction < individual {
            query.early?.add(peer)
            sendStores(of: &query, now: now, into: &effects)
        }
        let closest = query.lookup.closest(k)
        let set = GammaDistribution.quantile(shape: k / 2 + 1, probability: Self.setConfidence) / size
        let mean = closest.reduce(0.0) { $0 + ($1.kadKey ^ target).fraction } / Double(k)
        guard closest.count == k, mean < set else { return }
        switch query.goal {
        case .putValue:
            for peer in closest { query.early?.add(peer) }
            sendStores(of: &query, now: now, into: &effects)
        case .provide:
            // Whoever has answered is sent the record at once, so the lookup asks all of them.
            _ = query.lookup.askAll()
            query.lookup.parameters.parallelism = max(query.lookup.parameters.parallelism, k)
            for peer in closest where query.lookup.hasAnswered(peer.kadKey) { query.early?.add(peer) }
            sendStores(of: &query, now: now, into: &effects)
        case .closestPeers, .findPeer, .value, .providers: return
        }
    }

    private func isOptimistic(_ owner: Query.Owner) -> Bool {
        switch owner {
        case .application: configuration.optimisticProvide
        case .refresh, .republication, .sweep: false
        }
    }

    /// Tells the application the end of a publication when most of the k have the record; the rest goes on.
    mutating func reportEarly(_ query: inout Query, now: Instant, into effects: inout KadEffects) {
        guard query.owner == .application, configuration.optimisticProvide, !query.isReported,
            query.early != nil, let stores = query.stores,
            stores.acknowledged * 100 >= configuration.replication * configuration.optimisticReturnPercent
        else { return }
        query.isReported = true
        var statistics = query.statistics
        statistics.duration = now.duration(since: query.started)
        let outcome = storeOutcome(of: query, stores)
        effects.append(.event(.queryFinished(query.id, outcome, statistics)))
    }
}

extension Query {
    /// Whether the query ends with stores.
    var isPublication: Bool {
        switch goal {
        case .putValue, .provide: true
        case .closestPeers, .findPeer, .value, .providers: false
        }
    }

    /// Turns from the lookup to the stores: at the k closest, or at the whole region if it is too dense.
    mutating func beginStores(_ configuration: KademliaConfiguration) {
        let k = configuration.replication
        let goal = region == nil ? k : max(k, lookup.parameters.resultCount)
        var phase = early ?? StorePhase(openWithGoal: goal, patience: configuration.abandonTimeout)
        phase.close(with: lookup.closest(goal + k), goal: goal)
        store = phase
    }
}
