import MeshCore
import MeshCrypto
import MeshDHT

/// What publications take in the simulated latencies.
extension Scenario {
    /// Announcements of fresh keys by random nodes.
    mutating func measureProvides() {
        progress("\(parameters.provides) announcements")
        var plans: [SimulatedQueryID] = []
        for number in 0..<parameters.provides {
            let query = SimulatedQuery.provide(key: simulation.randomKey())
            plans.append(plan(query, on: honestNode(), number: number))
        }
        simulation.runUntilQueriesFinish(limit: .seconds(3600))
        var meter = QueryMeter()
        var copies = 0
        // What an optimistic announcement promises when it returns.
        let enough = (3 * parameters.replication + 3) / 4
        for id in plans {
            guard let result = simulation.takeResult(of: id) else { continue }
            var sent = 0
            if case .provided(let count) = result.outcome { sent = count }
            copies += sent
            meter.add(result, isRight: sent >= min(enough, simulation.runningCount - 1))
        }
        report.provide = meter.summary
        report.copiesPerProvide = Double(copies) / Double(max(parameters.provides, 1))
    }

    /// One node comes back after a day with many keys on its disk, which are all due.
    mutating func measureRepublication() {
        progress("\(parameters.republishedKeys) keys to publish again")
        let node = honestNode()
        let index = Int(node.value)
        let keys = (0..<parameters.republishedKeys).map { _ in simulation.randomKey() }
        let epoch = simulation.parameters.epoch.seconds + simulation.now.nanoseconds / 1_000_000_000
        // A day after the last publication everything is older than the interval of 22 hours.
        let old = UnixTime(seconds: epoch - 86_400)
        let own = KadPeer(id: simulation.peer(node).id, addresses: [])
        simulation.stop(node)
        simulation.nodes[index].machine.restore(
            peers: [], records: [],
            providers: keys.map { ProviderRecord(key: $0, provider: own, received: old, isOwn: true) })
        simulation.restart(node)
        let start = simulation.now
        var last = start
        var done = Progress(simulation.nodes[index].machine.costs)
        // Regions follow each other within seconds; two quiet minutes are the end.
        while simulation.now.duration(since: last) < .seconds(120) {
            simulation.run(for: .seconds(10))
            let now = Progress(simulation.nodes[index].machine.costs)
            if now != done { last = simulation.now }
            done = now
            guard simulation.now.duration(since: start) < .seconds(22 * 3600) else { break }
        }
        var result = RepublishReport()
        result.keys = keys.count
        result.lookups = Int(done.lookups)
        result.messages = Int(done.messages)
        result.savedLookups = 1 - Double(done.lookups) / Double(max(keys.count, 1))
        result.simulatedSeconds = last.seconds - start.seconds
        countArrivals(of: keys, from: node, into: &result)
        report.republish = result
    }

    /// What the node's publications have cost so far.
    private struct Progress: Equatable {
        let lookups: UInt64
        let messages: UInt64

        init(_ costs: KademliaCosts) {
            lookups = costs[.sweep].count + costs[.republish].count
            messages = costs[.sweep].requests + costs[.republish].requests
        }
    }

    private mutating func countArrivals(
        of keys: [[UInt8]], from node: NodeIndex, into result: inout RepublishReport
    ) {
        let id = simulation.peer(node).id
        let step = max(keys.count / 1000, 1)
        var sampled = 0
        var holders = 0
        var arrived = 0
        for index in stride(from: 0, to: keys.count, by: step) {
            let place = SHA256.hash(keys[index])
            let closest = simulation.trueClosest(parameters.replication, to: keys[index], without: node)
            let count = closest.count { holder in
                simulation.withMachine(holder) { machine in
                    machine.providers.providers(place).contains { $0.provider.id == id }
                }
            }
            sampled += 1
            holders += count
            arrived += 4 * count >= 3 * closest.count ? 1 : 0
        }
        result.holdersMean = Double(holders) / Double(max(sampled, 1))
        result.keysAtTheirPlace = Double(arrived) / Double(max(sampled, 1))
    }
}
