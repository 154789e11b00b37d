import MeshCore
import MeshDHT
import MeshMultiformats
import Testing

@testable import MeshSimulator

/// The parts of the simulated network, one by one.
@Suite struct EngineNetworkTests {
    /// Quantiles of the round trips of 20,000 random pairs, in milliseconds.
    private func roundTrips(_ model: LatencyModel, seed: UInt64, at parts: [Double]) -> [Double] {
        var rng = SeededGenerator(seed: seed)
        var values: [Double] = []
        for _ in 0..<20_000 {
            values.append(model.roundTrip(model.place(using: &rng), model.place(using: &rng)))
        }
        values.sort()
        return parts.map { values[Int($0 * Double(values.count - 1))] }
    }

    @Test(arguments: [UInt64(1), 2])
    func `round trips have the medians of the data sets that the models stand for`(seed: UInt64) {
        // Medians: Dabek et al., SIGCOMM 2004, section 3; the spread is what the specification states.
        let king = roundTrips(.king, seed: seed, at: [0.1, 0.5, 0.9])
        #expect(abs(king[1] - 159) < 4, "seed \(seed): \(king)")
        #expect(abs(king[0] - 82) < 5 && abs(king[2] - 243) < 7, "seed \(seed): \(king)")
        let planetLab = roundTrips(.planetLab, seed: seed, at: [0.5])
        #expect(abs(planetLab[0] - 76) < 4, "seed \(seed): \(planetLab)")
    }

    @Test func `a packet takes half of a round trip and a little more, and packets overtake each other`() {
        var rng = SeededGenerator(seed: 3)
        let model = LatencyModel.king
        let (left, right) = (model.place(using: &rng), model.place(using: &rng))
        let shortest = Ticks.of(milliseconds: model.roundTrip(left, right) / 2)
        let ways = (0..<1000).map { _ in model.oneWay(left, right, using: &rng) }
        let mean = Double(ways.reduce(0, +)) / 1000 / Double(shortest)
        #expect(ways.allSatisfy { $0 >= shortest && $0 <= shortest + shortest * 15 / 100 + 1 })
        #expect(abs(mean - 1.05) < 0.01)
        #expect(Set(ways).count > 100)
    }

    @Test func `a session ends with time, with a restart and when another takes its place`() {
        var sessions = SessionCache(sessionsPerNode: 1, lifetime: .seconds(180), capacity: 2)
        sessions.appendNode()
        sessions.appendNode()
        let minute = Ticks.of(Duration.seconds(60))
        sessions.note(0, 1, now: minute)
        #expect(sessions.isWarm(0, 1, partnerStarted: 0, now: 3 * minute))
        #expect(!sessions.isWarm(1, 0, partnerStarted: 0, now: 3 * minute), "the other side has its own")
        #expect(!sessions.isWarm(0, 1, partnerStarted: 0, now: 5 * minute))
        #expect(!sessions.isWarm(0, 1, partnerStarted: 2 * minute, now: 3 * minute))
        sessions.note(0, 7, now: 2 * minute)
        #expect(!sessions.isWarm(0, 1, partnerStarted: 0, now: 2 * minute), "one place for each node")
        sessions.remove(0, 1)
        #expect(sessions.isWarm(0, 7, partnerStarted: 0, now: 2 * minute))
        sessions.removeAll(0)
        #expect(!sessions.isWarm(0, 7, partnerStarted: 0, now: 2 * minute))
    }

    @Test func `nodes are found by identity, and strangers are not`() {
        var rng = SeededGenerator(seed: 5)
        var directory = PeerDirectory(capacity: 4)
        let ids = (0..<2000).map { _ in SyntheticPeers.id(using: &rng) }
        for (index, id) in ids.enumerated() { directory.insert(UInt32(index), key: id.kadKey) }
        #expect(ids.enumerated().allSatisfy { directory.node($0.element.kadKey) == UInt32($0.offset) })
        for _ in 0..<2000 { #expect(directory.node(Bytes32.random(using: &rng)) == nil) }
    }

    @Test func `synthetic addresses are public, valid and spread over the networks that are asked for`()
        throws
    {
        var rng = SeededGenerator(seed: 7)
        var groups: Set<[UInt8]> = []
        for _ in 0..<2000 {
            let address = try #require(SyntheticPeers.address(groupCount: 100, using: &rng))
            #expect(address.isPublicIP, "\(address)")
            groups.insert(Array(address.bytes[1...2]))
        }
        #expect(groups.count == 100)
        for group in 0..<32_768 {
            let address = try #require(SyntheticPeers.address(group: group, host: 1))
            #expect(address.isPublicIP, "\(address)")
        }
        let text = SyntheticPeers.address(group: 0, host: 258)?.description
        #expect(text == "/ip4/11.0.1.2/udp/4001/noise")
    }

    @Test func `the true closest are those of a sorted list`() {
        var rng = SeededGenerator(seed: 9)
        var index = MemberIndex()
        let keys = (0..<500).map { _ in Bytes32.random(using: &rng) }
        index.rebuild(keys.enumerated().map { ($0.element, UInt32($0.offset)) })
        for _ in 0..<100 {
            let target = Bytes32.random(using: &rng)
            let sorted = keys.indices.sorted { (keys[$0] ^ target) < (keys[$1] ^ target) }
            let wanted = sorted.filter { $0 != sorted[3] }.prefix(20).map { NodeIndex(UInt32($0)) }
            #expect(index.closest(20, to: target, without: UInt32(sorted[3])) == Array(wanted))
        }
    }
}
