import MeshCore
import MeshMultiformats
import Testing

@testable import MeshDHT

/// Old never replaces new, whatever way it comes; and nothing grows younger.
@Suite struct RecordOrderTests {
    private let key = Array("/versioned/order".utf8)

    private func put(_ value: [UInt8], received: UnixTime? = nil) -> KadMessage {
        KadMessage(
            kind: .putValue, key: key, record: KadRecord(key: key, value: value, timeReceived: received))
    }

    private func stored(_ harness: MachineHarness) -> StoredRecord? {
        harness.machine.records.record(KadKeys.place(of: key))
    }

    @Test func `a replayed older value is refused and counted`() {
        let harness = MachineHarness()
        #expect(harness.ask(put([5, 1])) != nil)
        for version in UInt8(0)..<5 { #expect(harness.ask(put([version, 1])) == nil) }
        #expect(stored(harness)?.value == [5, 1])
        #expect(harness.machine.refusals.outdatedRecords == 5)
        #expect(harness.ask(put([6, 1])) != nil)
        #expect(stored(harness)?.value == [6, 1])
    }

    @Test func `of two values that are equally good all nodes keep the same`() {
        let values: [[UInt8]] = [[5, 7], [5, 9], [5, 8]]
        for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2], [1, 2, 0]] {
            let harness = MachineHarness()
            for index in order { _ = harness.ask(put(values[index])) }
            #expect(stored(harness)?.value == [5, 9], "\(order)")
        }
        // Without a namespace nothing tells which is better: the newest is.
        let harness = MachineHarness()
        for value in [[UInt8(9)], [3], [7]] {
            let message = KadMessage(kind: .putValue, key: [1], record: KadRecord(key: [1], value: value))
            #expect(harness.ask(message) != nil)
        }
        #expect(harness.machine.records.record(KadKeys.place(of: [1]))?.value == [7])
    }

    @Test func `neither the node's own publication nor a restart brings an older value back`() {
        let harness = MachineHarness()
        _ = harness.ask(put([5, 1]))
        harness.command { $0.putValue(key: key, value: [4, 1], now: $1, using: &$2, into: &$3) }
        #expect(harness.outcomes == [.failed(.outdatedRecord)])
        let old = StoredRecord(
            key: key, value: [3, 1], received: UnixTime(seconds: 1_799_999_000), isOwn: true)
        harness.machine.restore(peers: [], records: [old], providers: [])
        #expect(stored(harness)?.value == [5, 1])
    }

    @Test func `an older value of the network does not replace the own one`() {
        let harness = MachineHarness()
        harness.admit((1...6).map { TestPeers.peer($0) })
        _ = harness.ask(put([5, 1]))
        harness.command {
            $0.getValue(key: key, quorum: 0, usesLocal: false, now: $1, using: &$2, into: &$3)
        }
        for request in harness.requests {
            harness.answer(
                request,
                KadMessage(kind: .getValue, key: key, record: KadRecord(key: key, value: [4, 1])))
        }
        #expect(stored(harness)?.value == [5, 1])
    }

    @Test func `the time of receipt makes a record older and never younger`() {
        let harness = MachineHarness()
        harness.now = .zero + .seconds(100_000)
        let present = UnixTime(seconds: 1_800_100_000)
        let dayAgo = UnixTime(seconds: 1_800_100_000 - 86_400)
        _ = harness.ask(put([5, 1], received: dayAgo))
        #expect(stored(harness)?.received == dayAgo)
        // The same value from its publisher is new again, and stays so.
        _ = harness.ask(put([5, 1]))
        #expect(stored(harness)?.received == present)
        _ = harness.ask(put([5, 1], received: dayAgo))
        #expect(stored(harness)?.received == present)
        // A time that cannot be is ignored.
        for seconds in [UInt64(5), 1_900_000_000] {
            let other = MachineHarness()
            other.now = harness.now
            _ = other.ask(put([5, 1], received: UnixTime(seconds: seconds)))
            #expect(stored(other)?.received == present)
        }
    }

    @Test func `the closest peer on the way that lacked a value gets it with its age`() throws {
        let harness = MachineHarness()
        harness.admit((1...6).map { TestPeers.peer($0) })
        harness.now = .zero + .seconds(50_000)
        let received = UnixTime(seconds: 1_800_040_000)
        harness.command {
            $0.getValue(key: key, quorum: 1, usesLocal: false, now: $1, using: &$2, into: &$3)
        }
        let requests = harness.requests
        harness.answer(requests[3], KadMessage(kind: .getValue, key: key))
        harness.answer(requests[1], KadMessage(kind: .getValue, key: key))
        #expect(harness.outcomes.isEmpty)
        harness.answer(
            requests[2],
            KadMessage(
                kind: .getValue, key: key, record: KadRecord(key: key, value: [5, 1], timeReceived: received))
        )
        #expect(harness.outcomes == [.value([5, 1], holders: 1)])
        let cached = harness.requests.filter { $0.message.kind == .putValue }
        let place = KadKeys.place(of: key)
        let lacking = [requests[1].peer, requests[3].peer]
        #expect(cached.map(\.peer) == [lacking.min { $0.kadKey ^ place < $1.kadKey ^ place }])
        #expect(cached.first?.message.record?.timeReceived == received)
        // The node remembers it for a minute.
        harness.command { $0.getValue(key: key, quorum: 1, now: $1, using: &$2, into: &$3) }
        #expect(harness.outcomes == [.value([5, 1], holders: 1)] && harness.requests.isEmpty)
        harness.now = harness.now + .seconds(61)
        harness.command { $0.getValue(key: key, quorum: 1, now: $1, using: &$2, into: &$3) }
        #expect(harness.outcomes.isEmpty)
    }

    @Test func `a copy far from its key dies earlier than those at it`() {
        let harness = MachineHarness()
        let place = KadKeys.place(of: key)
        let full = harness.machine.configuration.recordLifetime
        #expect(harness.machine.lifetimePart(of: place) == 1)
        // A network in which so many peers are closer to the key than this node.
        let distance = (place ^ harness.machine.localKey).fraction
        for (closer, part) in [(10.0, 1.0), (20, 1), (40, 0.5), (160, 0.125), (1e6, 1.0 / 64)] {
            harness.machine.observations.size = NetworkSizeEstimator(size: closer / distance)
            #expect(abs(harness.machine.lifetimePart(of: place) - part) < 0.001, "\(closer)")
        }
        harness.machine.observations.size = NetworkSizeEstimator(size: 80 / distance)
        _ = harness.ask(put([5, 1]))
        harness.advance(full / 4 - .seconds(700))
        #expect(stored(harness) != nil)
        harness.advance(.seconds(1400))
        #expect(stored(harness) == nil)
    }
}

extension NetworkSizeEstimator {
    /// An estimator that has seen nothing but networks of this size.
    fileprivate init(size: Double) {
        self.init()
        for number in 0..<8 {
            let distances = (1...5).map { rank in
                Bytes32(UInt64(Double(rank) / (size + 1) * 0x1p64), 0, 0, 0)
            }
            note(distances: distances, target: Bytes32(UInt64(number), 0, 0, 0), now: .zero)
        }
    }
}
