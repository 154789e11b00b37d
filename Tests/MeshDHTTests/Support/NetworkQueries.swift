import MeshCore
import MeshMultiformats

@testable import MeshDHT

/// Commands of simulated nodes that run to their end.
extension SimulatedNetwork {
    func bootstrap(_ node: Int) -> QueryOutcome? {
        finish(node) { $0.bootstrap(now: $1, using: &$2, into: &$3) }?.outcome
    }

    func findPeer(_ peer: PeerID, from node: Int, usesLocal: Bool = false) -> Finished? {
        finish(node) { $0.findPeer(peer, usesLocal: usesLocal, now: $1, using: &$2, into: &$3) }
    }

    func closestPeers(to key: [UInt8], from node: Int) -> [PeerID] {
        let end = finish(node) { $0.closestPeers(key: key, now: $1, using: &$2, into: &$3) }
        guard let end, case .closestPeers(let peers) = end.outcome else { return [] }
        return peers.map { $0.id }
    }

    func putValue(_ value: [UInt8], at key: [UInt8], from node: Int) -> Finished? {
        finish(node) { $0.putValue(key: key, value: value, now: $1, using: &$2, into: &$3) }
    }

    func getValue(
        at key: [UInt8], quorum: Int = 1, from node: Int, usesLocal: Bool = false
    ) -> (value: [UInt8], holders: Int)? {
        let end = finish(node) {
            $0.getValue(key: key, quorum: quorum, usesLocal: usesLocal, now: $1, using: &$2, into: &$3)
        }
        guard let end, case .value(let value, let holders) = end.outcome else { return nil }
        return (value, holders)
    }

    func provide(_ key: [UInt8], from node: Int) -> Finished? {
        finish(node) { $0.provide(key: key, now: $1, using: &$2, into: &$3) }
    }

    func findProviders(_ key: [UInt8], limit: Int = 20, from node: Int) -> [KadPeer] {
        let end = finish(node) {
            $0.findProviders(key: key, limit: limit, usesLocal: false, now: $1, using: &$2, into: &$3)
        }
        guard let end, case .providers(let providers) = end.outcome else { return [] }
        return providers
    }

    /// How much of the truly closest k the result of a lookup holds, from 0 to 1.
    func overlap(of found: [PeerID], with key: [UInt8], without node: Int) -> Double {
        let truth = trueClosest(settings.configuration.replication, to: key, without: node)
        guard !truth.isEmpty else { return 1 }
        return Double(truth.filter { found.contains($0) }.count) / Double(truth.count)
    }

    /// Two different running nodes.
    func randomPair() -> (Int, Int) {
        while true {
            let (first, second) = (random(below: nodes.count), random(below: nodes.count))
            if first != second, nodes[first].isUp, nodes[second].isUp { return (first, second) }
        }
    }

    /// Entries of running nodes' tables that name nodes which are not running.
    var deadEntryCount: Int {
        nodes.filter(\.isUp).reduce(0) { sum, node in
            sum + node.machine.table.peers.filter { !isUp($0.id) }.count
        }
    }

    private func isUp(_ peer: PeerID) -> Bool { index(of: peer).map { nodes[$0].isUp } ?? false }
}
