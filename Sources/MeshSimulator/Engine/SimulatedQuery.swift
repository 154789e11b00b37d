import MeshCore
import MeshDHT
import MeshMultiformats

/// What a simulated application asks of its node.
public enum SimulatedQuery: Sendable {
    /// The k peers closest to a key.
    case closestPeers(key: [UInt8])
    /// The addresses of a peer, asked of others even if the node knows them.
    case findPeer(PeerID)
    /// The best value of a key, not from the node's own store.
    case getValue(key: [UInt8], quorum: Int)
    /// A value to store at the k closest.
    case putValue(key: [UInt8], value: [UInt8])
    /// The node as a provider of a key.
    case provide(key: [UInt8])
    /// Providers of a key, asked of others even if the node knows some.
    case findProviders(key: [UInt8], limit: Int)
    /// A full refresh of the table.
    case bootstrap
}

/// Names one query of a simulation until its result is taken.
public struct SimulatedQueryID: Hashable, Sendable {
    let place: UInt32
    let stamp: UInt32
}

/// How a query of a simulation ended.
public struct SimulatedResult: Sendable {
    /// Who asked.
    public var node: NodeIndex
    /// How the query ended; `.failed(.cancelled)` when its node was stopped.
    public var outcome: QueryOutcome
    /// What it cost.
    public var statistics: QueryStatistics
    /// When it started.
    public var started: Instant
    /// When it ended.
    public var finished: Instant
}

/// The queries of a simulation and their results, in places that are used again.
struct QueryLog: Sendable {
    struct Place: Sendable {
        var stamp: UInt32 = 0
        var node: UInt32 = 0
        var started = Instant.zero
        var result: SimulatedResult?
    }

    private(set) var places: [Place] = []
    private var free: [UInt32] = []
    private(set) var runningCount = 0

    mutating func open(node: UInt32) -> SimulatedQueryID {
        runningCount += 1
        if let place = free.popLast() {
            places[Int(place)].node = node
            return SimulatedQueryID(place: place, stamp: places[Int(place)].stamp)
        }
        places.append(Place(node: node))
        return SimulatedQueryID(place: UInt32(places.count - 1), stamp: 0)
    }

    mutating func begin(_ place: UInt32, now: Instant) {
        places[Int(place)].started = now
    }

    mutating func finish(
        _ place: UInt32, _ outcome: QueryOutcome, _ statistics: QueryStatistics, now: Instant
    ) {
        let open = places[Int(place)]
        runningCount -= 1
        places[Int(place)].result = SimulatedResult(
            node: NodeIndex(open.node), outcome: outcome, statistics: statistics, started: open.started,
            finished: now)
    }

    func result(of id: SimulatedQueryID) -> SimulatedResult? {
        guard Int(id.place) < places.count, places[Int(id.place)].stamp == id.stamp else { return nil }
        return places[Int(id.place)].result
    }

    mutating func take(_ id: SimulatedQueryID) -> SimulatedResult? {
        guard let result = result(of: id) else { return nil }
        places[Int(id.place)].result = nil
        places[Int(id.place)].stamp &+= 1
        free.append(id.place)
        return result
    }
}
