import MeshCore
import MeshMultiformats
import Testing

@testable import MeshDHT

/// The routing table against a model that sorts everything.
@Suite struct RoutingTablePropertyTests {
    /// What the table must do, written without regard to cost.
    private struct Model {
        struct Entry {
            var peer: KadPeer
            var failures = 0
        }

        let local: Bytes32
        let bucketSize: Int
        var bucketCount = 1
        var entries: [Entry] = []

        func bucket(of key: Bytes32) -> Int { min((key ^ local).leadingZeroBitCount, bucketCount - 1) }

        mutating func insert(_ peer: KadPeer) -> RoutingTable.Insertion {
            guard peer.kadKey != local else { return .refused }
            if let index = index(of: peer.kadKey) {
                entries[index].failures = 0
                return .refreshed
            }
            while entries.filter({ bucket(of: $0.peer.kadKey) == bucket(of: peer.kadKey) }).count
                >= bucketSize
            {
                guard bucket(of: peer.kadKey) == bucketCount - 1 else { return .bucketFull }
                bucketCount += 1
            }
            entries.append(Entry(peer: peer))
            return .inserted
        }

        func index(of key: Bytes32) -> Int? { entries.firstIndex { $0.peer.kadKey == key } }

        func closest(to target: Bytes32, count: Int, onlyHealthy: Bool) -> [PeerID] {
            entries.filter { !onlyHealthy || $0.failures == 0 }
                .sorted { ($0.peer.kadKey ^ target) < ($1.peer.kadKey ^ target) }.prefix(count).map {
                    $0.peer.id
                }
        }
    }

    @Test(arguments: 0..<24) func `any history gives what the model gives`(seed: Int) {
        var rng = SeededGenerator(seed: UInt64(seed))
        let bucketSize = [1, 2, 5, 20][seed % 4]
        let local = TestPeers.id(using: &rng)
        let pool = (0..<150).map { _ in TestPeers.peer(using: &rng) } + [KadPeer(id: local, addresses: [])]
        var table = RoutingTable(localKey: local.kadKey, bucketSize: bucketSize, maximumReplacements: 3)
        var model = Model(local: local.kadKey, bucketSize: bucketSize)
        for step in 0..<600 {
            let peer = pool[Int(rng.next(upperBound: UInt32(pool.count)))]
            switch rng.next(upperBound: UInt32(10)) {
            case 0...4:
                #expect(table.insert(peer, now: .zero) == model.insert(peer), "seed \(seed), step \(step)")
            case 5, 6:
                let index = model.index(of: peer.kadKey)
                #expect((table.remove(peer.kadKey) != nil) == (index != nil), "seed \(seed), step \(step)")
                if let index { model.entries.remove(at: index) }
            case 7:
                let index = model.index(of: peer.kadKey)
                if let index { model.entries[index].failures += 1 }
                let expected = index.map { model.entries[$0].failures } ?? 0
                #expect(table.recordFailure(peer.kadKey) == expected, "seed \(seed), step \(step)")
            case 8:
                let index = model.index(of: peer.kadKey)
                if let index { model.entries[index].failures = 0 }
                #expect(table.touch(peer.kadKey, now: .zero) == (index != nil), "seed \(seed), step \(step)")
            default:
                compare(table, model, seed: seed, step: step, using: &rng)
            }
            #expect(table.count == model.entries.count, "seed \(seed), step \(step)")
        }
        #expect(table.bucketCount == model.bucketCount, "seed \(seed)")
    }

    private func compare(
        _ table: RoutingTable, _ model: Model, seed: Int, step: Int, using rng: inout SeededGenerator
    ) {
        let count = Int(rng.next(upperBound: UInt32(30)))
        let onlyHealthy = Bool.random(using: &rng)
        var target = Bytes32.random(using: &rng)
        if Bool.random(using: &rng) {
            // Near the node, and near a peer, where buckets meet.
            let depth = UInt64(rng.next(upperBound: UInt32(20)))
            target = Bytes32(table.localKey.word0 ^ (target.word0 >> depth), target.word1, 0, 0)
        }
        let found = table.closestPeers(to: target, count: count, onlyHealthy: onlyHealthy).map(\.id)
        #expect(
            found == model.closest(to: target, count: count, onlyHealthy: onlyHealthy),
            "seed \(seed), step \(step)")
    }

    @Test func `refresh keys fall into their buckets`() {
        var rng = SeededGenerator(seed: 77)
        let local = TestPeers.id(using: &rng).kadKey
        let keys = RefreshKeys.find(forBuckets: [0, 1, 2, 5], localKey: local, attempts: 4096, using: &rng)
        let buckets = keys.map { (KadKeys.place(of: $0) ^ local).leadingZeroBitCount }
        #expect(buckets == [0, 1, 2, 5])
        #expect(keys.allSatisfy { (try? Multihash(bytes: $0.span.bytes)) != nil })
        #expect(RefreshKeys.find(forBuckets: [60], localKey: local, attempts: 100, using: &rng).isEmpty)
        #expect(RefreshKeys.find(forBuckets: [], localKey: local, attempts: 100, using: &rng).isEmpty)
    }
}
