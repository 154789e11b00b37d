import MeshCore
import MeshMultiformats
import Testing

@testable import MeshDHT

/// Publishing region by region.
@Suite struct SweepTests {
    private func network(_ seed: UInt64, nodes: Int = 300) -> SimulatedNetwork {
        var settings = SimulatedNetwork.Settings()
        settings.configuration.refreshInterval = .seconds(500 * 3600)
        settings.configuration.reportsSteps = false
        let network = SimulatedNetwork(seed: seed, settings: settings)
        network.populate(nodes)
        return network
    }

    private func keys(_ count: Int) -> [[UInt8]] {
        (0..<count).map { Array("swept \($0)".utf8) }
    }

    private func provide(_ keys: [[UInt8]], _ network: SimulatedNetwork, from node: Int) -> Int {
        var count = 0
        _ = network.command(node) {
            count = $0.provide(keys: keys, now: $1, using: &$2, into: &$3)
            return QueryID(0)
        }
        return count
    }

    private func announced(_ key: [UInt8], in network: SimulatedNetwork) -> Int {
        network.nodes.count { $0.disk.providers.contains { $0.key == key && !$0.isOwn } }
    }

    @Test(arguments: [UInt64(1), 2])
    func `many keys reach their closest peers with one walk a region, again and again`(seed: UInt64) {
        let network = network(seed)
        let keys = keys(500)
        #expect(provide(keys, network, from: 5) == 500)
        network.run(for: .seconds(600))
        func meanHolders() -> Double {
            Double(keys.prefix(100).reduce(0) { $0 + network.holderCount(of: $1) }) / 100
        }
        #expect(meanHolders() > 19, "seed \(seed): \(meanHolders())")
        let walks = network.nodes[5].machine.costs[.sweep].count
        #expect(walks > 1 && walks <= 25, "seed \(seed): \(walks) walks")
        #expect(network.nodes[5].machine.costs[.republish].count == 0)
        // Whoever looks for a provider finds it.
        for key in keys.prefix(20) {
            let providers = network.findProviders(key, limit: 1, from: 200)
            #expect(providers.map(\.id) == [network.id(5)], "seed \(seed)")
        }
        let before = network.nodes[200].machine.refusals
        network.run(for: .seconds(23 * 3600))
        let second = network.nodes[5].machine.costs[.sweep].count - walks
        #expect(second > 1 && second <= 25, "seed \(seed): \(second) walks")
        #expect(network.nodes[200].machine.refusals.overBudget == before.overBudget)
        // Records die after 48 hours: those that are there after 50 were published again.
        network.run(for: .seconds(27 * 3600))
        #expect(meanHolders() > 19, "seed \(seed): \(meanHolders())")
    }

    @Test func `the walks of a cycle are spread over the interval`() {
        let network = network(3)
        _ = provide(keys(300), network, from: 5)
        network.run(for: .seconds(3600))
        var counts: [UInt64] = []
        for _ in 0..<11 {
            let before = network.nodes[5].machine.costs[.sweep].count
            network.run(for: .seconds(2 * 3600))
            counts.append(network.nodes[5].machine.costs[.sweep].count - before)
        }
        #expect(counts.max() ?? 99 <= 6, "\(counts)")
        #expect(counts.count { $0 > 0 } >= 6, "\(counts)")
    }

    @Test func `a restart keeps the schedule and makes up for what was missed`() {
        let network = network(4)
        let keys = keys(60)
        _ = provide(keys, network, from: 5)
        _ = network.putValue([3, 4], at: [1, 1], from: 5)
        network.run(for: .seconds(600))
        network.stop(5)
        network.run(for: .seconds(30 * 3600))
        network.restart(5)
        network.connect(5, 9)
        network.run(for: .seconds(600))
        #expect(network.nodes[5].machine.costs[.sweep].count > 0)
        // What was announced 30 hours ago would be gone 20 hours later.
        network.stop(5)
        network.run(for: .seconds(20 * 3600))
        for key in keys { #expect(announced(key, in: network) >= 15, "\(announced(key, in: network))") }
        #expect(network.getValue(at: [1, 1], from: 9)?.value == [3, 4])
    }

    @Test func `values are swept too, and a record that is no longer valid is dropped`() {
        let network = network(6, nodes: 60)
        for number in 0..<20 {
            _ = network.putValue([1, UInt8(number)], at: [4, UInt8(number)], from: 2)
        }
        network.run(for: .seconds(60 * 3600))
        for number in 0..<20 {
            #expect(network.holderCount(of: [4, UInt8(number)]) >= 18)
            #expect(network.nodes[2].disk.records[[4, UInt8(number)]]?.isOwn == true)
        }
    }

    @Test func `holders hand a record on when its publisher is gone, and it dies at its age`() {
        let network = network(7, nodes: 200)
        let key = Array("orphan".utf8)
        _ = network.putValue([5, 5], at: key, from: 3)
        network.run(for: .seconds(10))
        network.stop(3)
        // Every hour and a half, a fifth of those that hold it are gone.
        for _ in 0..<8 {
            network.run(for: .seconds(5400))
            let holders = network.nodes.indices.filter {
                network.nodes[$0].isUp && network.nodes[$0].disk.records[key] != nil
            }
            for node in holders.prefix(holders.count / 5) { network.stop(node) }
        }
        network.run(for: .seconds(5400))
        #expect(network.holderCount(of: key) >= 16, "\(network.holderCount(of: key))")
        network.run(for: .seconds(35 * 3600))
        #expect(network.holderCount(of: key, among: 200) == 0)
    }

    @Test func `positions follow from the time and back`() {
        let interval: UInt64 = 22 * 3600 * 1_000_000_000
        var rng = SeededGenerator(seed: 8)
        for _ in 0..<1000 {
            let time = rng.next(upperBound: UInt64(1) << 62)
            let position = SweepPosition(nanoseconds: time, interval: interval)
            let back = position.nanoseconds(interval: interval)
            #expect(back >= time && back - time <= 2)
        }
        let position = SweepPosition(cycle: 3, word: 9)
        #expect(position.after(Bytes32(9, .max, .max, .max)) == SweepPosition(cycle: 3, word: 10))
        #expect(position.after(Bytes32(.max, .max, .max, .max)) == SweepPosition(cycle: 4, word: 0))
    }

    @Test(arguments: [UInt64(1), 2, 3]) func `sorted places are a sorted set`(seed: UInt64) {
        var rng = SeededGenerator(seed: seed)
        var places = SortedPlaces()
        var expected: Set<Bytes32> = []
        for _ in 0..<4000 {
            let place = Bytes32(rng.next(upperBound: UInt64(1500)), 0, 0, 0)
            if rng.next(upperBound: UInt32(3)) == 0 {
                #expect(places.remove(place) == (expected.remove(place) != nil))
            } else {
                #expect(places.insert(place) == expected.insert(place).inserted)
            }
        }
        let sorted = expected.sorted()
        #expect(places.all == sorted && places.count == sorted.count, "seed \(seed)")
        #expect(places.first == sorted.first && places.last == sorted.last)
        for word in stride(from: UInt64(0), to: 1500, by: 7) {
            let place = Bytes32(word, 0, 0, 0)
            #expect(places.first(from: place) == sorted.first { $0 >= place })
            #expect(places.last(before: place) == sorted.last { $0 < place })
        }
    }
}
