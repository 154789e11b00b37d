import MeshCore
import MeshDHT
import MeshMultiformats
import Testing

@testable import MeshSimulator

/// The simulation as a driver of machines, and as a network that treats them as it is told.
@Suite struct EngineTests {
    private func parameters(
        _ seed: UInt64, _ change: (inout NetworkParameters) -> Void = { _ in }
    )
        -> SimulationParameters
    {
        var parameters = SimulationParameters(seed: seed)
        change(&parameters.network)
        return parameters
    }

    @Test func `nodes that join through members find the true closest, values and providers`() throws {
        let seed: UInt64 = 11
        var simulation = Simulation(parameters(seed))
        simulation.grow(to: 120)
        simulation.run(for: .seconds(30))
        for _ in 0..<10 {
            let (node, key) = (simulation.randomNode(), simulation.randomKey())
            let finished = simulation.finish(.closestPeers(key: key), on: node)
            let result = try #require(finished)
            let wanted = simulation.trueClosest(20, to: key, without: node).map { simulation.peer($0).id }
            guard case .closestPeers(let found) = result.outcome else {
                Issue.record("seed \(seed): \(result.outcome)")
                continue
            }
            #expect(found.map(\.id) == wanted, "seed \(seed)")
            let stored = simulation.finish(.putValue(key: key, value: [1, 2, 3]), on: node)
            guard case .stored(let acknowledged, _)? = stored?.outcome else {
                Issue.record("seed \(seed): \(String(describing: stored))")
                continue
            }
            #expect(acknowledged >= 15, "seed \(seed)")
            let asker = simulation.randomNode { $0 != node }
            let value = simulation.finish(.getValue(key: key, quorum: 1), on: asker)
            guard case .value(let bytes, _)? = value?.outcome else {
                Issue.record("seed \(seed): \(String(describing: value))")
                continue
            }
            #expect(bytes == [1, 2, 3])
        }
        #expect(simulation.counters.unpersistedAcknowledgements == 0)
        let balances = simulation.messagesBalance
        #expect(balances)
    }

    @Test func `equal seeds give equal digests, and others do not`() {
        func digest(_ seed: UInt64) -> [UInt64] {
            var simulation = Simulation(
                parameters(seed) {
                    $0.loss = 0.02
                    $0.duplication = 0.02
                })
            simulation.grow(to: 60, doublingTime: .seconds(5))
            var ids: [SimulatedQueryID] = []
            for _ in 0..<20 {
                let (key, node) = (simulation.randomKey(), simulation.randomNode())
                ids.append(simulation.start(.putValue(key: key, value: [7]), on: node))
                ids.append(simulation.start(.getValue(key: key, quorum: 1), on: simulation.randomNode()))
            }
            simulation.runUntilQueriesFinish(limit: .seconds(200))
            let balances = simulation.messagesBalance
            #expect(balances, "seed \(seed)")
            #expect(simulation.counters.lost > 0 && simulation.counters.late > 0, "seed \(seed)")
            return [simulation.digest, simulation.counters.delivered]
        }
        let first = digest(5)
        #expect(first == digest(5))
        #expect(first != digest(6))
    }

    @Test func `loss is made up for by sending again, and counted`() {
        var simulation = Simulation(parameters(21) { $0.loss = 0.1 })
        simulation.grow(to: 80, doublingTime: .seconds(10))
        simulation.run(for: .seconds(60))
        let counters = simulation.counters
        let part = Double(counters.lost) / Double(counters.sent)
        // A cold request has three packets that may be lost.
        #expect(part > 0.1 && part < 0.28, "\(part)")
        #expect(counters.retransmissions > 0)
        #expect(counters.failures * 20 < counters.requests, "\(counters)")
        let balances = simulation.messagesBalance
        #expect(balances)
    }

    @Test func `nothing passes a partition, and all of it after healing`() {
        var simulation = Simulation(parameters(31))
        simulation.grow(to: 60, doublingTime: .seconds(10))
        simulation.run(for: .seconds(20))
        for node in 0..<30 { simulation.setSide(1, of: NodeIndex(UInt32(node))) }
        // What is on its way arrives in the partition or not at all.
        let before = simulation.counters
        var recorder = Crossings()
        recorder.sides = (0..<60).map { $0 < 30 ? 1 : 0 }
        let behaviour = simulation.register(recorder)
        for node in 0..<60 { simulation.setBehaviour(behaviour, of: NodeIndex(UInt32(node))) }
        for _ in 0..<20 {
            let (key, node) = (simulation.randomKey(), simulation.randomNode())
            _ = simulation.start(.closestPeers(key: key), on: node)
        }
        simulation.runUntilQueriesFinish(limit: .seconds(100))
        let seen = simulation.behaviour(behaviour) as? Crossings
        #expect(seen?.crossings == 0 && (seen?.requests ?? 0) > 100, "\(String(describing: seen?.requests))")
        #expect((simulation.counters - before).blocked > 20)
        simulation.heal()
        for node in 0..<60 { simulation.setBehaviour(nil, of: NodeIndex(UInt32(node))) }
        let (key, node) = (simulation.randomKey(), NodeIndex(3))
        let far = NodeIndex(50)
        let stored = simulation.finish(.putValue(key: key, value: [1]), on: node)
        #expect(stored != nil)
        guard case .value? = simulation.finish(.getValue(key: key, quorum: 1), on: far)?.outcome else {
            Issue.record("the value was not found after healing")
            return
        }
    }

    @Test func `a stopped node answers nothing, and a restarted one has what it had on disk`() throws {
        var simulation = Simulation(parameters(41))
        simulation.grow(to: 40, doublingTime: .seconds(10))
        simulation.run(for: .seconds(20))
        let key = simulation.randomKey()
        _ = simulation.finish(.putValue(key: key, value: [9]), on: NodeIndex(0))
        let closest = simulation.trueClosest(1, to: key).first
        let holder = try #require(closest)
        var kept = simulation.machine(holder).records.count
        #expect(kept == 1)
        simulation.stop(holder)
        let received = simulation.traffic(of: holder).received
        _ = simulation.finish(.closestPeers(key: key), on: simulation.randomNode())
        let whileStopped = simulation.traffic(of: holder).received
        #expect(whileStopped == received)
        let next = simulation.trueClosest(1, to: key).first
        #expect(next != holder)
        simulation.restart(holder)
        kept = simulation.machine(holder).records.count
        #expect(kept == 1)
        simulation.run(for: .seconds(30))
        let (after, known) = (simulation.traffic(of: holder).received, simulation.machine(holder).table.count)
        #expect(after > received && known > 10)
    }

    @Test func `a node behind a NAT is reached by those whom it has asked, and by nobody else`() {
        var simulation = Simulation(parameters(51))
        simulation.grow(to: 30, doublingTime: .seconds(5))
        let hidden = simulation.join(mode: .client, isBehindNAT: true)
        simulation.run(for: .seconds(60))
        let blocked = simulation.counters.blocked
        // Nobody has it in a table, so a request has to be made up.
        let stranger = simulation.add()
        simulation.inject(KadMessage(kind: .ping), from: stranger, to: hidden)
        simulation.run(for: .seconds(2))
        #expect(simulation.counters.blocked == blocked + 1)
        let result = simulation.finish(.closestPeers(key: [1]), on: hidden)
        guard case .closestPeers(let found)? = result?.outcome else {
            Issue.record("\(String(describing: result))")
            return
        }
        #expect(found.count == 20)
    }

    @Test func `deadlines come in order and never before their time`() {
        var simulation = Simulation(parameters(61))
        simulation.grow(to: 20, doublingTime: .seconds(5))
        var last = simulation.now
        let before = simulation.counters.deadlines
        for _ in 0..<5000 where simulation.step(until: last + .seconds(2000)) {
            #expect(simulation.now >= last)
            last = simulation.now
        }
        // A refresh every 10 to 11 minutes wakes each node at least once in 2,000 s.
        simulation.run(until: .zero + .seconds(2000))
        #expect(simulation.counters.deadlines - before >= 20)
        for node in 0..<20 {
            let planned = simulation.nodes[node].scheduledDeadline
            #expect(planned != .max && Ticks.instant(planned) > simulation.now)
            let wanted = simulation.nodes[node].machine.nextDeadline
            #expect(wanted.map { Ticks.notBefore($0) >= planned } ?? false, "node \(node)")
        }
    }

    @Test func `every request gets an answer or a failure, whatever becomes of its target`() {
        var simulation = Simulation(
            parameters(71) {
                $0.loss = 0.3
                $0.duplication = 0.1
            })
        simulation.grow(to: 40, doublingTime: .seconds(5))
        for node in 10..<30 { simulation.stop(NodeIndex(UInt32(node))) }
        for _ in 0..<10 {
            let (key, node) = (simulation.randomKey(), simulation.randomNode())
            _ = simulation.start(.closestPeers(key: key), on: node)
        }
        simulation.run(for: .seconds(300))
        for node in 0..<40 where simulation.isRunning(NodeIndex(UInt32(node))) {
            let machine = simulation.machine(NodeIndex(UInt32(node)))
            #expect(machine.pendingRequestCount < 40, "node \(node) waits for \(machine.pendingRequestCount)")
        }
        #expect(simulation.openQueryCount == 0)
        let balances = simulation.messagesBalance
        #expect(balances)
    }

    @Test func `messages that go through their wire form, and reading ahead, give the same run`() {
        func digest(_ encodes: Bool, readsAhead: Bool) -> UInt64 {
            var parameters = parameters(81) { $0.encodesMessages = encodes }
            parameters.readsAhead = readsAhead
            var simulation = Simulation(parameters)
            simulation.grow(to: 40, doublingTime: .seconds(5))
            _ = simulation.finish(.putValue(key: [1], value: [2]), on: NodeIndex(7))
            _ = simulation.finish(.getValue(key: [1], quorum: 1), on: NodeIndex(30))
            return simulation.digest
        }
        let plain = digest(false, readsAhead: true)
        #expect(digest(true, readsAhead: true) == plain)
        #expect(digest(false, readsAhead: false) == plain)
    }
}

/// Counts requests that came from another side.
private struct Crossings: NodeBehaviour {
    var sides: [Int] = []
    var requests = 0
    var crossings = 0

    mutating func receive(
        _ request: KadMessage, at node: NodeIndex, from requester: NodeIndex, now: Instant,
        using rng: inout SeededGenerator
    ) -> RequestReaction {
        requests += 1
        if sides[Int(node.value)] != sides[Int(requester.value)] { crossings += 1 }
        return .honest
    }
}
