import MeshCore
import MeshMultiformats
import Testing

@testable import MeshDHT

/// Hostile peers that want a node to know nobody but them, and what small or private networks need.
@Suite struct EclipseTests {
    /// Adds nodes that answer, and name only each other.
    private func addColluders(_ count: Int, to network: SimulatedNetwork) -> [Int] {
        let crowd = (0..<count).map { _ in network.addNode() }
        let peers = crowd.map { KadPeer(id: network.id($0), addresses: [network.nodes[$0].address]) }
        for node in crowd {
            network.behaviours[node] = { message in
                let place = KadKeys.place(of: message.key)
                let closest = peers.sorted { $0.kadKey ^ place < $1.kadKey ^ place }.prefix(20)
                return KadMessage(kind: message.kind, key: message.key, closerPeers: Array(closest))
            }
        }
        return crowd
    }

    @Test(arguments: [UInt64(1), 2])
    func `a fresh node with one hostile and one honest bootstrap peer finds everything`(seed: UInt64) {
        let network = SimulatedNetwork(seed: seed)
        network.populate(250)
        let keys = (0..<20).map { Array("kept \($0)".utf8) }
        for key in keys { _ = network.putValue(key, at: key, from: 3) }
        network.run(for: .seconds(5))
        let crowd = addColluders(120, to: network)
        let node = network.addNode()
        network.connect(node, crowd[0])
        network.connect(node, 17)
        network.run(for: .milliseconds(300))
        _ = network.bootstrap(node)
        let table = network.nodes[node].machine.table.peers
        let honest = table.count { (network.index(of: $0.id) ?? .max) < 250 }
        #expect(honest >= 40, "seed \(seed): \(honest) of \(table.count)")
        let found = keys.count { network.getValue(at: $0, from: node)?.value == $0 }
        #expect(found >= 19, "seed \(seed): \(found)")
    }

    @Test func `nobody is handed out whom the server has not asked`() {
        let harness = MachineHarness()
        harness.admit((1...5).map { TestPeers.peer($0) })
        // Heard of in an answer, in an identify of a peer that has not answered yet, and as a provider.
        harness.command { $0.closestPeers(key: [1], now: $1, using: &$2, into: &$3) }
        for request in harness.requests {
            harness.answer(
                request,
                KadMessage(kind: .findNode, key: [1], closerPeers: (50...60).map { TestPeers.peer($0) }))
        }
        harness.identify(TestPeers.peer(70))
        _ = harness.ask(
            KadMessage(kind: .addProvider, key: [9], providerPeers: [TestPeers.peer(80)]),
            from: TestPeers.id(80))
        let verified = Set((1...5).map { TestPeers.id($0) })
        for number in UInt64(0)..<200 {
            let key = number < 100 ? TestPeers.id(number).multihash : [UInt8(number)]
            let answer = harness.ask(KadMessage(kind: .findNode, key: key), from: TestPeers.id(501))
            for peer in answer?.closerPeers ?? [] {
                // The target itself may be handed out as it introduced itself.
                let isTarget = peer.id.multihash == key
                #expect(verified.contains(peer.id) || isTarget, "\(number)")
                #expect(!isTarget || verified.contains(peer.id) || [0, 70].contains(number), "\(number)")
            }
        }
        let named = harness.ask(KadMessage(kind: .getProviders, key: [9]), from: TestPeers.id(502))
        #expect(named?.closerPeers.allSatisfy { verified.contains($0.id) } == true)
    }

    @Test func `a network with k of 4 finds and keeps what it stores`() {
        var settings = SimulatedNetwork.Settings()
        settings.configuration.replication = 4
        settings.configuration.resiliency = 2
        let network = SimulatedNetwork(seed: 5, settings: settings)
        network.grow(to: 60)
        for number in 0..<20 {
            let (node, other) = network.randomPair()
            let key = Array("small \(number)".utf8)
            _ = network.putValue(key, at: key, from: node)
            _ = network.provide(key, from: node)
            network.run(for: .seconds(1))
            let holders = network.nodes.count { $0.disk.records[key] != nil }
            #expect(holders >= 4 && holders <= 7, "\(holders)")
            #expect(network.getValue(at: key, from: other)?.value == key)
            #expect(network.findProviders(key, limit: 1, from: other).map(\.id) == [network.id(node)])
            guard case .peer? = network.findPeer(network.id(other), from: node)?.outcome else {
                Issue.record("\(node) did not find \(other)")
                continue
            }
        }
    }

    @Test func `a provider behind a relay is found with its relayed addresses`() {
        let harness = MachineHarness { $0.addressScope = .publicOnly }
        let relayed = TestPeers.address(
            text: "/ip4/5.6.7.8/tcp/4001/p2p/\(TestPeers.id(3))/p2p-circuit")
        let hidden = TestPeers.address(text: "/ip4/192.168.1.4/tcp/4001")
        let provider = KadPeer(id: TestPeers.id(80), addresses: [hidden, relayed])
        _ = harness.ask(
            KadMessage(kind: .addProvider, key: [9], providerPeers: [provider]), from: provider.id)
        let answer = harness.ask(KadMessage(kind: .getProviders, key: [9]))
        #expect(answer?.providerPeers.map(\.addresses) == [[relayed]])
        // Also for the asker's side.
        let asker = MachineHarness(mode: .client) { $0.addressScope = .publicOnly }
        asker.admit([KadPeer(id: TestPeers.id(1), addresses: [TestPeers.address(text: "/ip4/9.9.9.9/tcp/1")])]
        )
        asker.command { $0.findProviders(key: [9], limit: 1, now: $1, using: &$2, into: &$3) }
        for request in asker.requests {
            asker.answer(request, KadMessage(kind: .getProviders, key: [9], providerPeers: [provider]))
        }
        #expect(asker.outcomes == [.providers([KadPeer(id: provider.id, addresses: [relayed])])])
    }

    @Test func `the costs of queries are counted by kind`() {
        let network = SimulatedNetwork(seed: 6)
        network.grow(to: 40)
        for number in 0..<5 {
            _ = network.putValue([1, 2], at: [3, UInt8(number)], from: 1)
            _ = network.getValue(at: [3, UInt8(number)], from: 2)
            _ = network.getValue(at: [4, UInt8(number)], from: 2)
        }
        let put = network.nodes[1].machine.costs[.putValue]
        let get = network.nodes[2].machine.costs[.getValue]
        #expect(put.count == 5 && put.succeeded == 5 && put.requests >= 100)
        #expect(get.count == 10 && get.succeeded == 5 && get.requests >= get.answers)
        #expect(put.durations.reduce(0, +) == 5 && get.durations.reduce(0, +) == 10)
        // A lookup takes at least one way there and back of 10 ms.
        #expect(get.durations.prefix(4).allSatisfy { $0 == 0 })
        #expect(network.nodes[1].machine.costs[.refresh].count > 0)
    }
}
