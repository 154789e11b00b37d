import MeshCore
import MeshDHT
import MeshMultiformats

/// The phase of liveness: what the network still does for those who ask.
extension Scenario {
    /// How many queries start in a second, all over the network.
    private static let startsPerSecond = 200

    /// Measures lookups, and gets when there are records.
    public mutating func measure() {
        report.tablePeersMean = tablePeersMean
        switch parameters.adversary {
        case .none: measureLookups()
        case .colluding, .silent, .replay, .sybil, .eclipse: break
        }
        if !records.isEmpty { measureGets() }
        if parameters.provides > 0 { measureProvides() }
        if parameters.republishedKeys > 0 { measureRepublication() }
        if let get = report.get, parameters.adversary != .none || parameters.churn != .none {
            report.lookupSuccess = parameters.adversary == .none ? report.lookupSuccess : get.success
            if parameters.adversary != .none {
                report.hopsMean = get.closestHopsMean
                report.messagesPerLookup = get.messagesMean
            }
        }
        report.messagesDelivered = simulation.counters.delivered
        note(simulation.digest)
    }

    private var tablePeersMean: Double {
        var peers = 0
        for value in 0..<UInt32(simulation.nodeCount) where simulation.isRunning(NodeIndex(value)) {
            peers += simulation.withMachine(NodeIndex(value)) { $0.table.count }
        }
        return Double(peers) / Double(max(simulation.runningCount, 1))
    }

    // MARK: Lookups

    /// Lookups of random keys, compared with the true answer.
    private mutating func measureLookups() {
        progress("\(parameters.lookups) lookups")
        var meter = QueryMeter()
        var overlap = 0.0
        var plans: [(id: SimulatedQueryID, key: [UInt8])] = []
        for _ in 0..<parameters.lookups {
            let key = simulation.randomKey()
            plans.append((plan(.closestPeers(key: key), on: honestNode(), number: plans.count), key))
        }
        simulation.runUntilQueriesFinish(limit: .seconds(3600))
        for (id, key) in plans {
            guard let result = simulation.takeResult(of: id) else { continue }
            var named: [UInt32] = []
            if case .closestPeers(let peers) = result.outcome {
                named = peers.compactMap { simulation.node($0.id)?.value }
            }
            let wanted = simulation.trueClosest(parameters.replication, to: key, without: result.node)
            let common = wanted.count { named.contains($0.value) }
            overlap += wanted.isEmpty ? 0 : Double(common) / Double(wanted.count)
            meter.add(result, isRight: wanted.first.map { named.contains($0.value) } ?? false)
        }
        let summary = meter.summary
        report.closest = summary
        report.lookupSuccess = summary.success
        report.hopsMean = summary.closestHopsMean
        report.messagesPerLookup = summary.messagesMean
        report.overlapTrueClosest = overlap / Double(max(parameters.lookups, 1))
    }

    // MARK: Records

    /// Gets of the newest values by honest nodes that do not hold them, each record at least once.
    private mutating func measureGets() {
        let count = max(parameters.lookups, records.count)
        progress("\(count) gets of \(records.count) records")
        countHolders()
        let fresh = freshNodes()
        var plans: [(id: SimulatedQueryID, record: ScenarioRecord)] = []
        for index in 0..<count {
            let record = records[index % records.count]
            let asker = fresh.isEmpty ? stranger(to: record) : fresh[index % fresh.count]
            let query = SimulatedQuery.getValue(key: record.key, quorum: parameters.quorum)
            plans.append((plan(query, on: asker, number: index), record))
        }
        simulation.runUntilQueriesFinish(limit: .seconds(3600))
        var meter = QueryMeter()
        var found: Set<Int> = []
        var stale = 0
        for (id, record) in plans {
            guard let result = simulation.takeResult(of: id) else { continue }
            var sequence: UInt64?
            if case .value(let value, _) = result.outcome { sequence = SequencedRecords.sequence(of: value) }
            let isRight = sequence == record.sequence
            if isRight { found.insert(record.index) }
            if let sequence, sequence < record.sequence { stale += 1 }
            meter.add(result, isRight: isRight)
        }
        report.get = meter.summary
        report.recordsRetrievable = Double(found.count) / Double(records.count)
        report.staleAnswers = stale
    }

    mutating func plan(_ query: SimulatedQuery, on node: NodeIndex, number: Int) -> SimulatedQueryID {
        let delay = Duration.milliseconds(number * 1000 / Self.startsPerSecond)
        return simulation.plan(query, on: node, at: simulation.now + delay)
    }

    /// An honest node that neither published the record nor holds it.
    private mutating func stranger(to record: ScenarioRecord) -> NodeIndex {
        // In the smallest networks everybody holds everything.
        for _ in 0..<64 {
            let node = honestNode()
            if node != record.publisher, !holds(node, record) { return node }
        }
        return honestNode()
    }

    private func holds(_ node: NodeIndex, _ record: ScenarioRecord) -> Bool {
        simulation.withMachine(node) { machine in
            machine.records.record(SequencedRecords.place(of: record.key)) != nil
        }
    }

    /// Counts the honest running holders of each record.
    private mutating func countHolders() {
        let places = records.map { SequencedRecords.place(of: $0.key) }
        var counts = Array(repeating: 0, count: places.count)
        for value in 0..<UInt32(simulation.nodeCount) where !hostile.contains(value) {
            let node = NodeIndex(value)
            guard simulation.isRunning(node) else { continue }
            simulation.withMachine(node) { machine in
                guard machine.records.count > 0 else { return }
                for index in places.indices where machine.records.record(places[index]) != nil {
                    counts[index] += 1
                }
            }
        }
        report.holdersMean = Double(counts.reduce(0, +)) / Double(counts.count)
        report.recordsLost = Double(counts.count { $0 == 0 }) / Double(counts.count)
    }

    /// For the eclipse: nodes that bootstrap from one hostile and one honest peer each.
    private mutating func freshNodes() -> [NodeIndex] {
        guard case .eclipse = parameters.adversary else { return [] }
        let enemies = hostile.sorted()
        let count = min(parameters.lookups, Self.freshNodeShare)
        var fresh: [NodeIndex] = []
        for index in 0..<count {
            let enemy = NodeIndex(enemies[index % enemies.count])
            fresh.append(simulation.join(through: [enemy, honestNode()]))
        }
        simulation.run(for: Self.settling)
        return fresh
    }
}
