import MeshCore
import MeshMultiformats
import Testing

@testable import MeshDHT

/// Networks whose nodes come and go, and records that age.
@Suite struct ChurnTests {
    @Test(arguments: [UInt64(71)]) func `dead peers leave the tables and lookups survive them`(seed: UInt64) {
        let network = SimulatedNetwork(seed: seed)
        network.grow(to: 120)
        for number in 0..<30 {
            _ = network.putValue([1, 2], at: Array("before \(number)".utf8), from: number)
        }
        for node in stride(from: 0, to: 120, by: 3) { network.stop(node) }
        let deadBefore = network.deadEntryCount
        var found = 0
        for _ in 0..<40 {
            let (node, other) = network.randomPair()
            if case .peer? = network.findPeer(network.id(other), from: node)?.outcome { found += 1 }
        }
        #expect(found == 40, "seed \(seed)")
        network.run(for: .seconds(2400))
        #expect(
            network.deadEntryCount * 50 <= deadBefore,
            "seed \(seed): \(network.deadEntryCount) of \(deadBefore)")
        for number in 0..<30 {
            let (node, _) = network.randomPair()
            #expect(
                network.getValue(at: Array("before \(number)".utf8), from: node)?.value == [1, 2],
                "seed \(seed)")
        }
        var overlap = 0.0
        for number in 0..<40 {
            let (node, _) = network.randomPair()
            let key = Array("after \(number)".utf8)
            overlap += network.overlap(
                of: network.closestPeers(to: key, from: node), with: key, without: node)
        }
        #expect(overlap / 40 >= 0.99, "seed \(seed): overlap \(overlap / 40)")
    }

    @Test func `half of the nodes vanish at once and lookups still end well`() {
        let network = SimulatedNetwork(seed: 72)
        network.grow(to: 100)
        for number in 0..<30 {
            _ = network.putValue([3, 4], at: Array("half \(number)".utf8), from: number)
        }
        for node in stride(from: 1, to: 100, by: 2) { network.stop(node) }
        for number in 0..<30 {
            let (node, other) = network.randomPair()
            #expect(
                network.getValue(at: Array("half \(number)".utf8), from: node)?.value == [3, 4],
                "key \(number)")
            guard case .peer? = network.findPeer(network.id(other), from: node)?.outcome else {
                Issue.record("\(node) did not find \(other)")
                continue
            }
        }
    }

    @Test func `a slow peer does not hold up a lookup`() {
        let network = SimulatedNetwork(seed: 73)
        network.grow(to: 60)
        for node in [5, 15, 25, 35, 45, 55] { network.stop(node) }
        for number in 0..<20 {
            let (node, _) = network.randomPair()
            let key = Array("slow \(number)".utf8)
            let end = network.finish(node) { $0.closestPeers(key: key, now: $1, using: &$2, into: &$3) }
            let limit = Duration.milliseconds(1200)
            #expect(end.map { $0.statistics.duration < limit } ?? false, "\(String(describing: end))")
        }
    }

    @Test func `a restarted node rejoins from its disk without bootstrap peers`() {
        let network = SimulatedNetwork(seed: 81)
        network.grow(to: 60)
        #expect(network.putValue([5, 5], at: [1, 1], from: 40)?.outcome != nil)
        #expect(network.provide([1, 2], from: 40)?.outcome != nil)
        network.stop(40)
        network.stop(0)
        network.run(for: .seconds(30))
        network.restart(40)
        #expect(network.nodes[40].machine.table.count == 0)
        network.run(for: .seconds(30))
        #expect(network.nodes[40].machine.table.count > 20)
        #expect(network.nodes[40].machine.records.record(KadKeys.place(of: [1, 1]))?.isOwn == true)
        #expect(network.nodes[40].machine.providers.providers(KadKeys.place(of: [1, 2])).count == 1)
        for other in stride(from: 1, to: 60, by: 7) where other != 40 {
            guard case .peer? = network.findPeer(network.id(other), from: 40)?.outcome else {
                Issue.record("not found: \(other)")
                continue
            }
        }
    }

    @Test func `an acknowledged record is on the disks that acknowledged it`() {
        let network = SimulatedNetwork(seed: 82)
        network.grow(to: 40)
        guard case .stored(let acknowledged, _)? = network.putValue([8], at: [4, 2], from: 7)?.outcome else {
            Issue.record("not stored")
            return
        }
        let holders = network.nodes.filter { $0.disk.records[[4, 2]]?.value == [8] }
        #expect(holders.count == acknowledged + 1)
        #expect(network.unpersistedAcknowledgements == 0)
    }

    @Test func `records expire after their lifetime unless their publisher is there`() {
        var settings = SimulatedNetwork.Settings()
        settings.configuration.refreshInterval = .seconds(6 * 3600)
        settings.configuration.livenessSilence = .seconds(6 * 3600)
        let network = SimulatedNetwork(seed: 91, settings: settings)
        network.grow(to: 30)
        let (kept, orphaned) = ([UInt8(1), 1], [UInt8(2), 2])
        _ = network.putValue([1, 1], at: kept, from: 3)
        _ = network.provide(kept, from: 3)
        _ = network.putValue([2, 2], at: orphaned, from: 4)
        _ = network.provide(orphaned, from: 4)
        network.run(for: .seconds(10))
        network.stop(4)
        network.run(for: .seconds(47 * 3600))
        #expect(network.getValue(at: orphaned, from: 9)?.value == [2, 2])
        network.run(for: .seconds(2 * 3600))
        #expect(network.getValue(at: orphaned, from: 9) == nil)
        #expect(network.findProviders(orphaned, from: 9).isEmpty)
        network.run(for: .seconds(48 * 3600))
        #expect(network.getValue(at: kept, from: 9)?.value == [1, 1])
        #expect(network.findProviders(kept, from: 9).map(\.id) == [network.id(3)])
        for node in network.nodes where node.isUp {
            #expect(node.disk.records[orphaned] == nil)
            #expect(node.disk.providers.allSatisfy { $0.key != orphaned })
        }
    }

    @Test func `what was published in a small network is found when it has grown`() {
        let network = SimulatedNetwork(seed: 94)
        network.grow(to: 2)
        let key = Array("early".utf8)
        #expect(network.putValue([4], at: key, from: 0)?.outcome == .stored(acknowledged: 1, attempted: 1))
        #expect(network.provide(key, from: 0)?.outcome == .provided(sent: 1))
        network.grow(to: 90)
        network.run(for: .seconds(30))
        let closest = network.trueClosest(20, to: key, without: 0).compactMap { network.index(of: $0) }
        let holders = closest.filter { network.nodes[$0].disk.records[key] != nil }
        #expect(holders.count >= 8, "\(holders.count)")
        network.stop(1)
        for node in [10, 30, 50, 70, 89] {
            #expect(network.getValue(at: key, from: node)?.value == [4])
            #expect(network.findProviders(key, limit: 1, from: node).map(\.id) == [network.id(0)])
        }
    }

    @Test func `providers that stop are forgotten`() {
        var settings = SimulatedNetwork.Settings()
        settings.configuration.refreshInterval = .seconds(6 * 3600)
        settings.configuration.livenessSilence = .seconds(6 * 3600)
        let network = SimulatedNetwork(seed: 92, settings: settings)
        network.grow(to: 25)
        _ = network.provide([6, 6], from: 3)
        network.run(for: .seconds(3600))
        _ = network.command(3) {
            $0.stopProviding(key: [6, 6], now: $1, into: &$3)
            return QueryID(0)
        }
        network.run(for: .seconds(49 * 3600))
        #expect(network.findProviders([6, 6], from: 9).isEmpty)
    }

    @Test func `a better value corrects the holders of a worse one`() {
        let network = SimulatedNetwork(seed: 93)
        network.grow(to: 60)
        let key = Array("/versioned/name".utf8)
        _ = network.putValue([1, 1], at: key, from: 5)
        let holders = network.nodes.indices.filter { network.nodes[$0].disk.records[key] != nil }
        // Half of the holders miss the second version.
        for node in holders.dropFirst(2).prefix(9) where node != 6 { network.stop(node) }
        #expect(network.putValue([2, 1], at: key, from: 6)?.outcome != nil)
        for node in holders where !network.nodes[node].isUp { network.restart(node) }
        network.run(for: .seconds(60))
        let staleBefore = network.nodes.filter { $0.disk.records[key]?.value == [1, 1] }.count
        for node in [20, 30, 40] {
            #expect(network.getValue(at: key, quorum: 0, from: node)?.value == [2, 1])
        }
        network.run(for: .seconds(5))
        let staleAfter = network.nodes.filter { $0.disk.records[key]?.value == [1, 1] }.count
        #expect(staleBefore > 0)
        #expect(staleAfter < staleBefore)
        #expect(network.putValue([1, 9], at: key, from: 6)?.outcome == .failed(.outdatedRecord))
    }
}
