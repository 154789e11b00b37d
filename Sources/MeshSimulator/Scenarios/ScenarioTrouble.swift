import MeshCore
import MeshDHT
import MeshMultiformats

/// The phase of safety: churn, hostile nodes, or a day without anything.
extension Scenario {
    /// How long the nodes that remain have for one refresh, which starts within 11 minutes.
    private static let refreshTime = Duration.seconds(720)
    /// Peers that a fresh node of the eclipse scenario knows: one hostile, one honest.
    static let freshNodeShare = 50

    /// Makes trouble for the hours that the parameters say.
    public mutating func trouble() {
        let before = simulation.counters
        let start = simulation.now
        let nodes = simulation.runningCount
        switch (parameters.churn, parameters.adversary) {
        case (.half, _): vanish()
        case (.weibull(let sessions), _): churn(sessions)
        case (.none, .none): pass(parameters.hours)
        case (.none, .colluding(let share)), (.none, .eclipse(let share)):
            choose(share)
            turn(into: ColludingNodes(hostileMembers, answerSize: parameters.replication))
            pass(parameters.hours)
        case (.none, .silent(let share)):
            choose(share)
            turn(into: SilentNodes(places: allPlaces))
            pass(parameters.hours)
        case (.none, .replay(let share)):
            choose(share)
            replay()
            pass(parameters.hours)
        case (.none, .sybil(let count)): surround(with: count)
        }
        let hours = simulation.now.duration(since: start) / .seconds(3600)
        if hours > 0 {
            let did = simulation.counters - before
            let sent = Double(did.sent) / Double(nodes) / hours
            report.messagesPerNodePerHour = sent
            // A session takes two packets beside the messages.
            report.datagramsSentPerNodePerSecond =
                Double(did.sent + 2 * did.handshakes) / Double(nodes) / hours / 3600
        }
        note(simulation.digest)
    }

    private mutating func pass(_ hours: Double) {
        let slices = max(Int(hours.rounded(.up)), 1)
        for slice in 0..<slices where hours > 0 {
            simulation.run(for: .seconds(hours * 3600 / Double(slices)))
            progress("\(slice + 1) of \(slices) hours")
        }
    }

    // MARK: Churn

    private mutating func vanish() {
        let doomed = simulation.runningCount / 2
        progress("\(doomed) nodes vanish")
        for _ in 0..<doomed {
            let node = simulation.randomNode()
            simulation.stop(node)
            simulation.forget(node)
        }
        report.departures = doomed
        simulation.run(for: Self.refreshTime)
    }

    private mutating func churn(_ sessions: WeibullDistribution) {
        var schedule = SessionSchedule(sessions: sessions, seed: parameters.seed &+ 0x5e55)
        for value in 0..<UInt32(simulation.nodeCount) {
            schedule.addInEquilibrium(NodeIndex(value), now: simulation.now)
        }
        let end = simulation.now + .seconds(parameters.hours * 3600)
        var told = simulation.now
        while simulation.now < end {
            let next = min(schedule.nextDeparture ?? end, end)
            simulation.run(until: next)
            while let node = schedule.popDeparture(now: next) {
                simulation.stop(node)
                simulation.forget(node)
                report.departures += 1
                schedule.addNew(simulation.join(), now: next)
            }
            if told + .seconds(3600) <= next {
                told = next
                progress(
                    "\(Int((end.seconds - next.seconds) / 3600)) hours to go, \(report.departures) departures"
                )
            }
            if next >= end { break }
        }
    }

    // MARK: Hostile nodes

    /// Draws the hostile nodes.
    private mutating func choose(_ share: Double) {
        let count = Int((share * Double(simulation.nodeCount)).rounded())
        while hostile.count < count {
            hostile.insert(simulation.randomNode().value)
        }
        progress("\(count) nodes turn hostile")
    }

    /// The hostile nodes, in an order that does not depend on the process.
    private var hostileMembers: [(node: NodeIndex, peer: KadPeer)] {
        hostile.sorted().map { (NodeIndex($0), simulation.peer(NodeIndex($0))) }
    }

    private var allPlaces: [Bytes32] {
        (0..<UInt32(simulation.nodeCount)).map { simulation.peer(NodeIndex($0)).kadKey }
    }

    private mutating func turn(into behaviour: some NodeBehaviour) {
        let id = simulation.register(behaviour)
        for node in hostile.sorted() { simulation.setBehaviour(id, of: NodeIndex(node)) }
    }

    /// Lets hostile nodes hold on to what is stored, has everything stored anew, and has them push the old.
    private mutating func replay() {
        let old = records.map {
            KadRecord(key: $0.key, value: SequencedRecords.value($0.index, sequence: $0.sequence))
        }
        turn(into: ReplayingNodes(records: old))
        for index in records.indices {
            records[index].sequence += 1
            let value = SequencedRecords.value(records[index].index, sequence: records[index].sequence)
            let publisher = honestNode()
            _ = simulation.finish(.putValue(key: records[index].key, value: value), on: publisher)
        }
        // Every hostile node that lies among the closest pushes at all of the closest.
        for (index, record) in old.enumerated() {
            let closest = simulation.trueClosest(2 * parameters.replication, to: records[index].key)
            let push = KadMessage(kind: .putValue, key: record.key, record: record)
            for sender in closest where hostile.contains(sender.value) {
                for target in closest where target != sender {
                    simulation.inject(push, from: sender, to: target)
                }
            }
        }
        simulation.run(for: .seconds(60))
    }

    /// Lets sybils join that lie closer to the first record than all but a few honest nodes.
    private mutating func surround(with count: Int) {
        guard let record = records.first else { return }
        let place = SequencedRecords.place(of: record.key)
        // With log2 n + 1 bits in common, half an honest node is expected to lie as close.
        let bits = Int.bitWidth - parameters.nodes.leadingZeroBitCount + 1
        var rng = SeededGenerator(seed: parameters.seed &+ 0x5b11)
        progress("\(count) sybils share \(bits) bits with the key")
        for _ in 0..<count {
            let id = SyntheticPeers.id(near: place, sharing: bits, using: &rng)
            hostile.insert(simulation.join(id: id).value)
            simulation.run(for: .seconds(1))
        }
        turn(into: ColludingNodes(hostileMembers, answerSize: parameters.replication))
        simulation.run(for: Self.refreshTime)
        pass(parameters.hours)
    }

    /// A running node that is not hostile.
    mutating func honestNode() -> NodeIndex {
        let hostile = hostile
        return simulation.randomNode { !hostile.contains($0.value) }
    }
}
