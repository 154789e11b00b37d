import MeshCore
import MeshMultiformats
import Testing

@testable import MeshDHT

/// Whole networks of real machines under simulated latency.
@Suite struct NetworkTests {
    @Test(arguments: [UInt64(11)])
    func `300 nodes find peers, values and providers from anywhere to anywhere`(
        seed: UInt64
    ) throws {
        let network = SimulatedNetwork(seed: seed)
        network.grow(to: 300)
        for _ in 0..<300 {
            let (node, other) = network.randomPair()
            let end = network.findPeer(network.id(other), from: node)
            guard case .peer(let peer)? = end?.outcome else {
                Issue.record("seed \(seed): \(node) did not find \(other): \(String(describing: end))")
                continue
            }
            #expect(
                peer.id == network.id(other) && peer.addresses == [network.nodes[other].address],
                "seed \(seed)")
        }
        for number in 0..<60 {
            let (node, other) = network.randomPair()
            let (key, value) = (Array("key \(number)".utf8), Array("value \(number)".utf8))
            let stored = network.putValue(value, at: key, from: node)?.outcome
            // Most nodes know the size of the network, and are told the end after 15 of 20.
            guard case .stored(let acknowledged, _)? = stored, acknowledged >= 15 else {
                Issue.record("seed \(seed), key \(number): \(String(describing: stored))")
                continue
            }
            #expect(network.getValue(at: key, from: other)?.value == value, "seed \(seed), key \(number)")
        }
        for number in 0..<60 {
            let (node, other) = network.randomPair()
            let key = Array("content \(number)".utf8)
            guard case .provided(let sent)? = network.provide(key, from: node)?.outcome, sent >= 15 else {
                Issue.record("seed \(seed), key \(number): not provided")
                continue
            }
            network.run(for: .milliseconds(100))
            let providers = network.findProviders(key, limit: 1, from: other)
            #expect(providers.map(\.id) == [network.id(node)], "seed \(seed), key \(number)")
            #expect(
                providers.first?.addresses == [network.nodes[node].address], "seed \(seed), key \(number)")
        }
        var overlap = 0.0
        for number in 0..<100 {
            let node = network.random(below: 300)
            let key = Array("region \(number)".utf8)
            overlap += network.overlap(
                of: network.closestPeers(to: key, from: node), with: key, without: node)
        }
        #expect(overlap / 100 >= 0.99, "seed \(seed): overlap \(overlap / 100)")
        #expect(network.unpersistedAcknowledgements == 0)
    }

    @Test func `the same seed gives the same run`() {
        func digest(_ seed: UInt64) -> (UInt64, Int) {
            var settings = SimulatedNetwork.Settings()
            settings.lossPerThousand = 20
            let network = SimulatedNetwork(seed: seed, settings: settings)
            network.grow(to: 50)
            for number in 0..<10 { _ = network.putValue([1, 2], at: [UInt8(number) + 1], from: number) }
            for number in 0..<10 { _ = network.provide([UInt8(number) + 1], from: number) }
            for number in 0..<10 { _ = network.findProviders([UInt8(number) + 1], from: 40 - number) }
            return (network.digest, network.deliveredCount)
        }
        #expect(digest(5) == digest(5))
        #expect(digest(5) != digest(6))
    }

    @Test func `messages that go through their wire form give the same results`() {
        var settings = SimulatedNetwork.Settings()
        settings.encodesMessages = true
        let network = SimulatedNetwork(seed: 21, settings: settings)
        network.grow(to: 40)
        for number in 0..<40 {
            let (node, other) = network.randomPair()
            let key = Array("wire \(number)".utf8)
            guard case .peer? = network.findPeer(network.id(other), from: node)?.outcome else {
                Issue.record("\(node) did not find \(other)")
                continue
            }
            #expect(
                network.putValue(key, at: key, from: node)?.outcome
                    == .stored(acknowledged: 20, attempted: 20))
            #expect(network.getValue(at: key, from: other)?.value == key)
            _ = network.provide(key, from: node)
            network.run(for: .milliseconds(100))
            #expect(network.findProviders(key, limit: 1, from: other).first?.id == network.id(node))
        }
    }

    @Test(arguments: [UInt64(31), 32])
    func `a network that loses one message in twenty still finds everything`(
        seed: UInt64
    ) {
        var settings = SimulatedNetwork.Settings()
        settings.lossPerThousand = 50
        let network = SimulatedNetwork(seed: seed, settings: settings)
        network.grow(to: 100)
        network.run(for: .seconds(700))
        for number in 0..<50 {
            let (node, other) = network.randomPair()
            let key = Array("lossy \(number)".utf8)
            let end = network.findPeer(network.id(other), from: node)
            guard case .peer? = end?.outcome else {
                Issue.record("seed \(seed): \(node) did not find \(other): \(String(describing: end))")
                continue
            }
            guard case .stored(let acknowledged, _)? = network.putValue(key, at: key, from: node)?.outcome
            else {
                Issue.record("seed \(seed): not stored")
                continue
            }
            #expect(acknowledged >= 12, "seed \(seed): \(acknowledged)")
            #expect(network.getValue(at: key, from: other)?.value == key, "seed \(seed)")
        }
    }

    @Test func `an isolated node fails at once and says why`() {
        let network = SimulatedNetwork(seed: 41)
        let node = network.addNode()
        for outcome in [
            network.findPeer(TestPeers.id(9), from: node)?.outcome, network.bootstrap(node),
            network.putValue([1], at: [1], from: node)?.outcome, network.provide([1], from: node)?.outcome,
            network.finish(node) { $0.closestPeers(key: [1], now: $1, using: &$2, into: &$3) }?.outcome,
        ] {
            #expect(outcome == .failed(.routingTableEmpty))
        }
        #expect(network.now == .zero)
        #expect(network.nodes[node].bootstrapRequests > 0)
    }

    @Test func `what an isolated node put is published once somebody is there`() {
        let network = SimulatedNetwork(seed: 42)
        let node = network.addNode()
        #expect(network.putValue([7], at: [1], from: node)?.outcome == .failed(.routingTableEmpty))
        #expect(network.provide([2], from: node)?.outcome == .failed(.routingTableEmpty))
        let other = network.addNode()
        let third = network.addNode()
        network.connect(other, node)
        network.connect(third, node)
        network.run(for: .seconds(40))
        #expect(network.nodes[other].disk.records[[1]]?.value == [7])
        #expect(network.getValue(at: [1], from: third)?.value == [7])
        #expect(network.findProviders([2], from: third).map(\.id) == [network.id(node)])
    }

    @Test(arguments: [2, 3, 5, 12]) func `networks smaller than k work`(count: Int) {
        let network = SimulatedNetwork(seed: UInt64(50 + count))
        network.grow(to: count)
        for node in 0..<count {
            let key = [UInt8(node) + 1]
            let stored = QueryOutcome.stored(acknowledged: count - 1, attempted: count - 1)
            #expect(network.putValue([9, UInt8(node)], at: key, from: node)?.outcome == stored)
            #expect(network.provide(key, from: node)?.outcome == .provided(sent: count - 1))
            network.run(for: .milliseconds(100))
            for other in 0..<count where other != node {
                #expect(network.getValue(at: key, from: other)?.value == [9, UInt8(node)])
                #expect(network.findProviders(key, limit: 1, from: other).map(\.id) == [network.id(node)])
                guard case .peer? = network.findPeer(network.id(other), from: node, usesLocal: true)?.outcome
                else {
                    Issue.record("\(node) does not know \(other)")
                    continue
                }
            }
        }
    }

    @Test func `a client is found by name while it is connected, and stays out of tables`() {
        let network = SimulatedNetwork(seed: 61)
        network.grow(to: 30)
        let client = network.addNode(mode: .client)
        network.connect(client, 3)
        network.run(for: .seconds(1))
        _ = network.bootstrap(client)
        let end = network.findPeer(network.id(client), from: 17)
        guard case .peer(let peer)? = end?.outcome else {
            Issue.record("the client was not found: \(String(describing: end))")
            return
        }
        #expect(peer.addresses == [network.nodes[client].address])
        let holders = network.nodes.filter { $0.machine.table.contains(network.id(client).kadKey) }
        #expect(holders.isEmpty)
    }
}
