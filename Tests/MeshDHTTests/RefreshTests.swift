import MeshCore
import MeshMultiformats
import Testing

@testable import MeshDHT

/// What a machine does of its own accord.
@Suite struct RefreshTests {
    @Test func `bootstrap looks up the node, then every bucket but the last, three at a time`() {
        let harness = makeHarness()
        let local = harness.machine.localKey
        harness.command { $0.bootstrap(now: $1, using: &$2, into: &$3) }
        #expect(Set(harness.requests.map(\.message.key)) == [harness.machine.localPeer.multihash])
        var buckets: Set<Int> = []
        var mostAtOnce = 0
        let outcome = answerAll(harness) { keys in
            for key in keys { buckets.insert((KadKeys.place(of: key) ^ local).leadingZeroBitCount) }
            mostAtOnce = max(mostAtOnce, keys.count)
        }
        #expect(harness.machine.table.bucketCount > 2)
        #expect(buckets == Set(0..<harness.machine.table.bucketCount - 1))
        #expect(mostAtOnce <= 3)
        #expect(outcome == .bootstrapped(peers: harness.machine.table.count))
    }

    @Test func `the table is refreshed every ten minutes, buckets with lookups excepted`() {
        let harness = makeHarness()
        _ = bootstrapped(harness)
        harness.advance(.seconds(500))
        _ = answerAll(harness) { _ in }
        // A lookup goes through the first bucket.
        let local = harness.machine.localKey
        let key = (0...255).map { [UInt8($0)] }.first {
            (KadKeys.place(of: $0) ^ local).leadingZeroBitCount == 0
        }
        harness.command { $0.closestPeers(key: key ?? [], now: $1, using: &$2, into: &$3) }
        _ = answerAll(harness) { _ in }
        harness.advance(.seconds(170))
        var buckets: Set<Int> = []
        var asked = Set(harness.requests.map(\.message.key))
        _ = answerAll(harness) { keys in
            asked.formUnion(keys)
            for key in keys { buckets.insert((KadKeys.place(of: key) ^ local).leadingZeroBitCount) }
        }
        #expect(asked.contains(harness.machine.localPeer.multihash))
        #expect(!buckets.contains(0))
        #expect(buckets == Set(1..<harness.machine.table.bucketCount - 1))
    }

    @Test func `a peer that was silent for long is asked at the refresh`() {
        let harness = MachineHarness { $0.livenessSilence = .seconds(100) }
        harness.admit((1...60).map { TestPeers.peer($0) })
        harness.advance(.seconds(700))
        let checked = harness.requests.filter { harness.machine.pending[$0.token]?.purpose == .check }
        #expect(checked.count == 32)
    }

    @Test func `a bootstrap while another runs ends with it, unless it is cancelled`() {
        let harness = makeHarness()
        harness.command { $0.bootstrap(now: $1, using: &$2, into: &$3) }
        let lookups = harness.requests
        for _ in 0..<2 {
            let id = harness.command { $0.bootstrap(now: $1, using: &$2, into: &$3) }
            #expect(harness.requests.isEmpty && harness.outcomes.isEmpty)
            guard harness.machine.maintenance.refresh?.reportTo.count == 3 else { continue }
            harness.effects.list = []
            harness.machine.cancel(id, now: harness.now, into: &harness.effects)
            #expect(harness.outcomes == [.failed(.cancelled)])
        }
        var outcomes: [QueryOutcome] = []
        var open = lookups
        while let request = open.popLast() {
            harness.answer(request, KadMessage(kind: request.message.kind))
            outcomes += harness.outcomes
            open += harness.requests
        }
        let expected = QueryOutcome.bootstrapped(peers: harness.machine.table.count)
        #expect(outcomes == [expected, expected])
    }

    private func makeHarness() -> MachineHarness {
        let harness = MachineHarness { $0.replication = 8 }
        harness.admit((1...60).map { TestPeers.peer($0) })
        harness.advance(.seconds(1))
        return harness
    }

    private func bootstrapped(_ harness: MachineHarness) -> QueryOutcome? {
        harness.command { $0.bootstrap(now: $1, using: &$2, into: &$3) }
        return answerAll(harness) { _ in }
    }

    /// Answers everything with nothing and gives the first outcome; `look` sees the keys of all lookups in flight.
    private func answerAll(_ harness: MachineHarness, _ look: (Set<[UInt8]>) -> Void) -> QueryOutcome? {
        var outcome: QueryOutcome?
        var open = harness.requests
        while let request = open.popLast() {
            harness.answer(request, KadMessage(kind: request.message.kind))
            outcome = outcome ?? harness.outcomes.first
            open += harness.requests
            let lookups = open.filter { request in
                guard case .lookup? = harness.machine.pending[request.token]?.purpose else { return false }
                return request.message.key != harness.machine.localPeer.multihash
            }
            look(Set(lookups.map(\.message.key)))
        }
        return outcome
    }
}
