import MeshCore

/// One running query: a lookup, what it is for, and for publications the stores that follow.
///
/// | Phase | Ends | Then |
/// |---|---|---|
/// | lookup | the goal is met on the way (peer found, quorum, limit) | finished |
/// | lookup | converged or exhausted, nothing to publish | finished; a search that found nothing first asks all k |
/// | lookup | converged or exhausted, a record to publish | storing |
/// | storing | k acknowledged, or nobody left to ask | finished |
/// | any | deadline | finished with what there is |
struct Query: Sendable {
    /// Who is told about the end.
    enum Owner: Hashable, Sendable {
        case application
        case refresh
        case republication(Publication)
        /// The walk through a region of the key space.
        case sweep
    }

    /// What the query is for.
    enum Goal: Sendable {
        case closestPeers
        case findPeer
        case value(ValueSearch)
        case providers(ProviderSearch)
        /// The PUT_VALUE that each of the k closest gets.
        case putValue(KadMessage)
        /// The ADD_PROVIDER that each of the k closest gets.
        case provide(KadMessage)
    }

    let id: QueryID
    let owner: Owner
    let started: Instant
    let deadline: Instant
    /// What every peer on the way is asked.
    let request: KadMessage
    var goal: Goal
    var lookup: Lookup
    /// The stores, once the lookup is over.
    var store: StorePhase?
    /// The stores of an optimistic publication while the lookup runs.
    var early: StorePhase?
    /// What goes on when the result is too dense to be honest.
    var region: RegionCheck?
    /// Whether the application has been told the end, while the last stores go on.
    var isReported = false
    /// Messages sent in the store phase.
    var storeRequestCount = 0
    /// When the query looks at the clock; it may find that nothing is due yet.
    var checkAt: Instant?

    var statistics: QueryStatistics {
        var statistics = QueryStatistics()
        statistics.requests = lookup.requestCount + storeRequestCount
        statistics.answers = lookup.answerCount
        // Nobody answers ADD_PROVIDER.
        if case .putValue = goal { statistics.answers += stores?.acknowledged ?? 0 }
        statistics.failures = lookup.failureCount + (stores?.failed ?? 0)
        statistics.hops = lookup.deepestRound
        statistics.closestHops = lookup.closestRound
        return statistics
    }

    /// When the query has to look at the clock next.
    var nextDeadline: Instant {
        let next = (store == nil ? lookup.nextDeadline : store?.nextDeadline) ?? deadline
        return min(deadline, next, region?.nextDeadline ?? deadline)
    }
}

/// Something of our own that is published again and again.
enum Publication: Hashable, Sendable {
    /// The value record at this place.
    case record(Bytes32)
    /// Our provider record for the key at this place.
    case provider(Bytes32)
}

/// A request whose answer or failure the driver owes.
struct PendingRequest: Sendable {
    enum Purpose: Hashable, Sendable {
        /// A step of the query's lookup.
        case lookup(QueryID)
        /// A store of the query, or for a provider the check before it.
        case store(QueryID)
        /// Whether the peer is alive.
        case check
        /// A better value for a peer that lacks it; nobody waits for the end.
        case correction
        /// The neighbours of a peer in the region that the query checks.
        case explore(QueryID)
        /// A step of the walk through a region.
        case sweep(Sweep.Step)
    }

    let peer: KadPeer
    let purpose: Purpose
    let kind: KadMessage.Kind
    let sent: Instant
}
