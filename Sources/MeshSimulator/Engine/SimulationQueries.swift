import MeshCore
import MeshCrypto
import MeshDHT
import MeshMultiformats

/// Queries of simulated applications.
extension Simulation {
    /// Starts `query` on `node` now.
    public mutating func start(_ query: SimulatedQuery, on node: NodeIndex) -> SimulatedQueryID {
        let id = log.open(node: node.value)
        begin(query, on: Int(node.value), id.place)
        return id
    }

    /// Plans `query` on `node` for the time `time`.
    public mutating func plan(
        _ query: SimulatedQuery, on node: NodeIndex, at time: Instant
    ) -> SimulatedQueryID {
        let id = log.open(node: node.value)
        plan(.query(query, node: node.value, place: id.place), at: max(Ticks.notBefore(time), clock))
        return id
    }

    /// The result of a query that is over, which can be read until it is taken.
    public func result(of id: SimulatedQueryID) -> SimulatedResult? { log.result(of: id) }

    /// The result of a query that is over; its identifier is void from now on.
    public mutating func takeResult(of id: SimulatedQueryID) -> SimulatedResult? { log.take(id) }

    /// Starts `query` on `node` and runs until it is over, at most for `limit`.
    public mutating func finish(
        _ query: SimulatedQuery, on node: NodeIndex, limit: Duration = .seconds(180)
    ) -> SimulatedResult? {
        let id = start(query, on: node)
        let end = now + limit
        while log.result(of: id) == nil, now < end, step(until: end) {}
        return log.take(id)
    }

    /// The `count` running servers whose keys are closest to that of `key`, without `node`: the true answer.
    public mutating func trueClosest(
        _ count: Int, to key: [UInt8], without node: NodeIndex? = nil
    ) -> [NodeIndex] {
        if memberIndex.isStale {
            var members: [(key: Bytes32, node: UInt32)] = []
            members.reserveCapacity(runningCount)
            for index in sites.indices where sites[index].isRunning && sites[index].isServer {
                members.append((peers[index].kadKey, UInt32(index)))
            }
            memberIndex.rebuild(members)
        }
        return memberIndex.closest(count, to: SHA256.hash(key), without: node?.value)
    }

    mutating func begin(_ query: SimulatedQuery, on node: Int, _ place: UInt32) {
        log.begin(place, now: now)
        guard sites[node].isRunning else {
            return log.finish(place, .failed(.cancelled), QueryStatistics(), now: now)
        }
        let id = command(query, on: node)
        nodes[node].queries.append((id, place))
        carryOut(of: node)
    }

    private mutating func command(_ query: SimulatedQuery, on node: Int) -> QueryID {
        switch query {
        case .closestPeers(let key):
            nodes[node].machine.closestPeers(key: key, now: now, using: &random.machines, into: &effects)
        case .findPeer(let peer):
            nodes[node].machine.findPeer(
                peer, usesLocal: false, now: now, using: &random.machines, into: &effects)
        case .getValue(let key, let quorum):
            nodes[node].machine.getValue(
                key: key, quorum: quorum, usesLocal: false, now: now, using: &random.machines, into: &effects)
        case .putValue(let key, let value):
            nodes[node].machine.putValue(
                key: key, value: value, now: now, using: &random.machines, into: &effects)
        case .provide(let key):
            nodes[node].machine.provide(key: key, now: now, using: &random.machines, into: &effects)
        case .findProviders(let key, let limit):
            nodes[node].machine.findProviders(
                key: key, limit: limit, usesLocal: false, now: now, using: &random.machines, into: &effects)
        case .bootstrap:
            nodes[node].machine.bootstrap(now: now, using: &random.machines, into: &effects)
        }
    }
}
