import MeshCore
import MeshMultiformats

@testable import MeshDHT

/// Networks that exist at once, and the attackers that join them.
extension SimulatedNetwork {
    /// Adds `count` nodes that know k random members of each of their buckets, as if they had joined long ago.
    func populate(_ count: Int) {
        let first = nodes.count
        for _ in 0..<count { addNode() }
        let peers = nodes.indices.dropFirst(first).map { KadPeer(id: id($0), addresses: [nodes[$0].address]) }
        for node in first..<nodes.count {
            for peer in peers.shuffled(using: &rng) {
                _ = nodes[node].machine.table.insert(peer, now: now, isPresentable: true)
            }
            nodes[node].machine.maintenance.refreshAt =
                now + settings.configuration.refreshInterval + .seconds(UInt64(node))
        }
    }

    /// Lets `node` look up so many random keys, which tells it the size of the network.
    func learnSize(_ node: Int, lookups: Int = 8) {
        for _ in 0..<lookups {
            var key: [UInt8] = []
            key.appendRandom(16, using: &rng)
            _ = closestPeers(to: key, from: node)
        }
    }

    /// Adds `count` identities closer to `key` than any node is, which everybody who might be asked knows, and which
    /// name each other and nobody else.
    ///
    /// With `acknowledges` they pretend to store. Gives the nodes.
    @discardableResult
    func surround(_ key: [UInt8], count: Int, acknowledges: Bool = true) -> [Int] {
        let place = KadKeys.place(of: key)
        let honest = nodes.indices.filter { nodes[$0].isUp }
        let limit = honest.map { id($0).kadKey ^ place }.min() ?? place
        var crowd: [Int] = []
        while crowd.count < count {
            let id = TestPeers.id(using: &rng)
            if id.kadKey ^ place < limit { crowd.append(addNode(id: id)) }
        }
        let peers = crowd.map { KadPeer(id: id($0), addresses: [nodes[$0].address]) }
            .sorted { $0.kadKey ^ place < $1.kadKey ^ place }
        for node in crowd {
            behaviours[node] = { message in
                let isStore = message.kind == .putValue
                if isStore, !acknowledges { return nil }
                return KadMessage(
                    kind: message.kind, key: message.key, record: isStore ? message.record : nil,
                    closerPeers: Array(peers.prefix(20)))
            }
        }
        for node in honest {
            for peer in peers { _ = nodes[node].machine.table.insert(peer, now: now, isPresentable: true) }
        }
        return crowd
    }

    /// The running honest nodes among the `count` really closest that have `key` on disk.
    func holderCount(of key: [UInt8], among count: Int = 20) -> Int {
        let place = KadKeys.place(of: key)
        let honest = nodes.indices.filter { nodes[$0].isUp && behaviours[$0] == nil }
        let closest = honest.sorted { id($0).kadKey ^ place < id($1).kadKey ^ place }.prefix(count)
        return closest.count { node in
            nodes[node].disk.records[key] != nil || nodes[node].disk.providers.contains { $0.key == key }
        }
    }
}
