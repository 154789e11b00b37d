import MeshCore

/// What a node has learnt from its own queries and from what others asked of it; lost in a restart.
struct Observations: Sendable {
    var size = NetworkSizeEstimator()
    var costs = KademliaCosts()
    var refusals = KademliaRefusals()
    var budgets: RequestBudgets
    var cache: ValueCache

    init(_ configuration: KademliaConfiguration) {
        budgets = RequestBudgets(
            perSecond: configuration.requestsPerSecondPerPeer, burst: configuration.requestBurstPerPeer,
            maximumCount: configuration.maximumBudgets)
        cache = ValueCache(
            maximumCount: configuration.maximumCachedValues, lifetime: configuration.cachedValueLifetime)
    }
}

extension Kademlia {
    /// What the queries of this node have cost so far.
    public var costs: KademliaCosts { observations.costs }

    /// What this node has refused so far, and why.
    public var refusals: KademliaRefusals { observations.refusals }

    /// The number of servers in the network, as far as the lookups of the last two hours can tell.
    public func networkSize(now: Instant) -> Int? {
        observations.size.size(now: now).map { Int(min($0, 1e15)) }
    }

    /// Learns from a query that is over.
    mutating func observe(
        _ query: Query, _ outcome: QueryOutcome, _ statistics: QueryStatistics, now: Instant
    ) {
        if let kind = query.costKind {
            observations.costs.note(kind, succeeded: outcome.isSuccess, statistics)
        }
        // The lookup of a value that ended early has not reached the closest peers.
        guard query.lookup.answerCount > 0, query.region == nil, query.lookup.progress != .running else {
            return
        }
        let target = query.lookup.target
        let closest = query.lookup.closest(configuration.replication)
        observations.size.note(distances: closest.lazy.map { $0.kadKey ^ target }, target: target, now: now)
    }

    /// How many disjoint paths a lookup takes: those of a node that knows few peers have to be as careful as the
    /// application's, since they decide whom it will know.
    func pathCount(of owner: Query.Owner) -> Int {
        switch owner {
        case .application: configuration.disjointPaths
        case .refresh: table.count < configuration.replication ? configuration.disjointPaths : 1
        case .republication, .sweep: 1
        }
    }
}

extension Query {
    fileprivate var costKind: KademliaCosts.Kind? {
        switch owner {
        // The walk counts as a whole, at its end.
        case .sweep: return nil
        case .refresh: return .refresh
        case .republication: return .republish
        case .application: break
        }
        switch goal {
        case .closestPeers: return .closestPeers
        case .findPeer: return .findPeer
        case .value: return .getValue
        case .providers: return .findProviders
        case .putValue: return .putValue
        case .provide: return .provide
        }
    }
}

extension QueryOutcome {
    fileprivate var isSuccess: Bool {
        switch self {
        case .peer, .closestPeers, .value, .providers, .bootstrapped: true
        case .stored(let acknowledged, _): acknowledged > 0
        case .provided(let sent): sent > 0
        case .failed: false
        }
    }
}
