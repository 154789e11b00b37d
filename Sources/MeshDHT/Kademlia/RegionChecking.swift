import MeshCore
import MeshMultiformats

/// The check that a lookup has not ended among identities that somebody put around its key.
struct RegionCheck: Sendable {
    /// Whether the query is over.
    enum Verdict: Hashable, Sendable {
        /// It is.
        case over
        /// There are more peers to ask.
        case goOn
        /// Answers that may name more are on their way.
        case wait
    }

    /// The region: everybody closer to the key than this part of the key space.
    let radius: Double
    /// Nobody is waited for any longer.
    var nextDeadline: Instant?
    /// Peers that were asked for their neighbours.
    var explored: Set<Bytes32> = []
    /// How many of them have not answered.
    var pending = 0
}

extension Query {
    /// The stores, whether the lookup is over or not.
    var stores: StorePhase? {
        get { store ?? early }
        set { if store == nil { early = newValue } else { store = newValue } }
    }

    /// Whether an attacker gains from hiding the closest peers.
    var isWorthChecking: Bool {
        switch goal {
        case .value, .providers, .putValue, .provide: true
        case .closestPeers, .findPeer: false
        }
    }
}

/// Source: the idea of region-based queries against content censorship (Sridhar et al., NDSS 2024, with the number
/// of peers that the size of the network lets expect); the code is our own.
extension Kademlia {
    /// How rarely an honest result may be so dense that it is checked.
    private static var checkedPart: Double { 0.001 }
    /// The factor by which the estimated size may be too small.
    private static var sizeTolerance: Double { 1.3 }

    /// Lets a lookup go on whose closest peers lie too close together.
    mutating func checkRegion(
        of query: inout Query, now: Instant, into effects: inout KadEffects
    ) -> RegionCheck.Verdict {
        guard configuration.regionCheck, query.isWorthChecking else { return .over }
        if query.region == nil {
            guard let radius = suspectRadius(query.lookup, now: now) else { return .over }
            observations.refusals.denseRegions.count()
            query.region = RegionCheck(radius: radius)
            // A node in the region may have begun with nobody but the crowd.
            query.lookup.parameters.maximumCandidates = max(
                query.lookup.parameters.maximumCandidates, 2 * configuration.maximumRegionPeers)
            table.closest(to: query.lookup.target, count: configuration.maximumRegionPeers, into: &slots)
            query.lookup.add(slots.compactMap { table.peer(atSlot: $0) }, round: 1)
        }
        guard var region = query.region else { return .over }
        let limit = configuration.maximumRegionPeers
        let target = query.lookup.target
        let members = query.lookup.closest(limit).filter { ($0.kadKey ^ target).fraction <= region.radius }
        let sent = explore(members, of: query, &region, now: now, into: &effects)
        if sent { region.nextDeadline = now + configuration.abandonTimeout }
        query.region = region
        if members.count > query.lookup.parameters.resultCount {
            query.lookup.parameters.resultCount = members.count
            query.lookup.parameters.requiredAnswers = members.count
            query.lookup.parameters.maximumRequests = max(
                query.lookup.parameters.maximumRequests, query.lookup.requestCount + members.count)
            return .goOn
        }
        guard region.pending > 0, let deadline = region.nextDeadline, deadline > now else {
            query.region?.nextDeadline = nil
            return .over
        }
        return .wait
    }

    /// Asks members of the region that have answered for their own neighbours; false when there is nobody new.
    private mutating func explore(
        _ members: [KadPeer], of query: Query, _ region: inout RegionCheck, now: Instant,
        into effects: inout KadEffects
    ) -> Bool {
        var sent = false
        for peer in members where region.explored.count < configuration.maximumRegionPeers {
            guard query.lookup.hasAnswered(peer.kadKey), region.explored.insert(peer.kadKey).inserted else {
                continue
            }
            region.pending += 1
            sent = true
            request(
                KadMessage(finding: peer.id), to: peer, for: .explore(query.id),
                now: now, into: &effects)
        }
        return sent
    }

    private func suspectRadius(_ lookup: Lookup, now: Instant) -> Double? {
        let closest = lookup.closest(configuration.replication)
        guard closest.count == configuration.replication, let last = closest.last else { return nil }
        return suspectRadius(last.kadKey ^ lookup.target, now: now)
    }

    /// The distance within which k honest peers are expected, if the distance of the k-th closest is suspiciously
    /// small.
    func suspectRadius(_ distance: Bytes32, now: Instant) -> Double? {
        let k = configuration.replication
        guard let size = observations.size.size(now: now), size > Double(2 * k) else { return nil }
        let expected = distance.fraction * size
        let threshold = GammaDistribution.quantile(shape: k, probability: Self.checkedPart)
        guard expected * Self.sizeTolerance < threshold else { return nil }
        return Double(k) / size
    }

    /// Takes the neighbours that a member of the region has named; nothing when it failed.
    mutating func explored(_ query: inout Query, _ peers: [KadPeer]) {
        query.region?.pending -= 1
        query.lookup.add(usable(peers), round: query.lookup.deepestRound + 1)
    }
}
