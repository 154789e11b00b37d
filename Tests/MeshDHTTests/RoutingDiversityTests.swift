import MeshCore
import MeshMultiformats
import Testing

@testable import MeshDHT

/// Limits on peers of one address group in the routing table.
@Suite struct RoutingDiversityTests {
    private func makeTable(perTable: Int, perBucket: Int, countsPrivate: Bool = false) -> RoutingTable {
        RoutingTable(
            localKey: TestPeers.id(0).kadKey, bucketSize: 20, maximumReplacements: 4,
            diversity: .limited(perTable: perTable, perBucket: perBucket),
            countsPrivateAddresses: countsPrivate)
    }

    /// A peer of the bucket that shares `depth` bits, or of any, at an IPv4 address that starts with `network`.
    private func peer(
        _ network: String, bucket depth: Int?, using rng: inout SeededGenerator
    ) -> KadPeer {
        while true {
            let id = TestPeers.id(using: &rng)
            let shared = (id.kadKey ^ TestPeers.id(0).kadKey).leadingZeroBitCount
            if let depth, shared != depth { continue }
            let host = rng.next(upperBound: UInt32(250)) + 1
            return KadPeer(id: id, addresses: [TestPeers.address(text: "/ip4/\(network).7.\(host)/tcp/4001")])
        }
    }

    /// Fills the table with peers of many networks until bucket 0 is one of several.
    private func fill(_ table: inout RoutingTable, using rng: inout SeededGenerator) {
        var network = 0
        while table.bucketCount < 3 {
            _ = table.insert(peer("9.\(network)", bucket: nil, using: &rng), now: .zero)
            network += 1
        }
    }

    @Test func `a network has so many peers in a bucket and in the table`() {
        var rng = SeededGenerator(seed: 5)
        var table = makeTable(perTable: 3, perBucket: 2)
        #expect(table.insert(peer("8.1", bucket: 0, using: &rng), now: .zero) == .inserted)
        #expect(table.insert(peer("8.1", bucket: 1, using: &rng), now: .zero) == .inserted)
        // All are in one bucket still.
        #expect(table.insert(peer("8.1", bucket: 2, using: &rng), now: .zero) == .diversityLimit)
        #expect(table.insert(peer("8.2", bucket: 0, using: &rng), now: .zero) == .inserted)
        #expect(table.replacementCount == 0)
        #expect(table.count == 3)
    }

    @Test func `the limit of the table spans buckets and a peer that leaves makes room`() {
        var rng = SeededGenerator(seed: 6)
        var table = makeTable(perTable: 3, perBucket: 2)
        fill(&table, using: &rng)
        let spare = (0..<table.bucketCount).filter { table.peerCount(inBucket: $0) < 18 }
        guard let deep = spare.last, deep > 0 else {
            Issue.record("no room beyond the first bucket")
            return
        }
        for peer in table.peers.filter({ table.bucket(of: $0.kadKey) == 0 }).prefix(4) {
            _ = table.remove(peer.kadKey)
        }
        let first = peer("8.1", bucket: 0, using: &rng)
        #expect(table.insert(first, now: .zero) == .inserted)
        #expect(table.insert(peer("8.1", bucket: 0, using: &rng), now: .zero) == .inserted)
        #expect(table.insert(peer("8.1", bucket: 0, using: &rng), now: .zero) == .diversityLimit)
        let third = peer("8.1", bucket: deep, using: &rng)
        #expect(table.insert(third, now: .zero) == .inserted)
        #expect(table.insert(peer("8.1", bucket: deep, using: &rng), now: .zero) == .diversityLimit)
        _ = table.remove(first.kadKey)
        #expect(table.insert(peer("8.1", bucket: 0, using: &rng), now: .zero) == .inserted)
    }

    @Test func `private addresses count only where they are said to`() {
        var rng = SeededGenerator(seed: 7)
        var free = makeTable(perTable: 1, perBucket: 1)
        var counted = makeTable(perTable: 1, perBucket: 1, countsPrivate: true)
        let peers = (0..<3).map { _ in peer("10.0", bucket: nil, using: &rng) }
        #expect(peers.map { free.insert($0, now: .zero) } == [.inserted, .inserted, .inserted])
        #expect(
            peers.map { counted.insert($0, now: .zero) } == [.inserted, .diversityLimit, .diversityLimit])
    }

    @Test func `a known peer does not move into a network that is full`() {
        var rng = SeededGenerator(seed: 8)
        var table = makeTable(perTable: 1, perBucket: 1)
        let resident = peer("8.1", bucket: nil, using: &rng)
        let mover = peer("8.2", bucket: nil, using: &rng)
        _ = table.insert(resident, now: .zero)
        _ = table.insert(mover, now: .zero)
        #expect(table.insert(mover.withAddresses(resident.addresses), now: .zero) == .refreshed)
        #expect(table.peer(mover.kadKey)?.addresses == mover.addresses)
        let other = [TestPeers.address(text: "/ip4/8.2.1.1/tcp/9")]
        #expect(table.setAddresses(of: mover.withAddresses(other)) == true)
        #expect(table.peer(mover.kadKey)?.addresses == other)
    }
}

/// The ranking of one bucket against a sort.
@Suite struct BucketRankingTests {
    @Test(arguments: 0..<8) func `any bucket is ranked as it is sorted`(seed: Int) {
        var rng = SeededGenerator(seed: UInt64(seed))
        var output: [UInt64] = [77]
        for _ in 0..<400 {
            let prefixes = (0..<60).map { _ in UInt32(truncatingIfNeeded: rng.next()) }
            let start = Int(rng.next(upperBound: UInt32(40)))
            let count = Int(rng.next(upperBound: UInt32(21)))
            let target = UInt32(truncatingIfNeeded: rng.next())
            output = [77]
            let sorted = (start..<start + count).sorted { prefixes[$0] ^ target < prefixes[$1] ^ target }
            #expect(
                BucketRanking.append(start, count, of: prefixes, target: target, to: &output), "seed \(seed)")
            #expect(output == [77] + sorted.map { UInt64($0) }, "seed \(seed)")
        }
    }

    @Test func `distances that agree are left to other bits`() {
        var prefixes = [UInt32](repeating: 0, count: 20)
        for index in prefixes.indices { prefixes[index] = UInt32(index) << 8 }
        var output: [UInt64] = []
        #expect(BucketRanking.append(0, 20, of: prefixes, target: 5, to: &output) == true)
        // The lowest bit is not looked at.
        prefixes[13] = prefixes[4] | 1
        #expect(BucketRanking.append(0, 20, of: prefixes, target: 5, to: &output) == false)
        #expect(BucketRanking.append(0, 13, of: prefixes, target: 5, to: &output) == true)
        #expect(output.count == 33)
        // The farthest of all distances is no reason to doubt.
        prefixes[13] = ~5
        #expect(BucketRanking.append(0, 20, of: prefixes, target: 5, to: &output) == true)
        #expect(BucketRanking.append(0, 14, of: prefixes, target: 5, to: &output) == true)
    }

    @Test func `keys that agree in the bits of the table are ordered by the rest`() {
        var table = RoutingTable(localKey: .zero, bucketSize: 20, maximumReplacements: 0)
        var rng = SeededGenerator(seed: 8)
        for _ in 0..<400 { _ = table.insert(TestPeers.peer(using: &rng), now: .zero) }
        // As if a pair of peers had been searched for that agrees in 32 bits.
        let bucket = 0..<20
        for slot in bucket { table.prefixes[slot] = 7 }
        let target = Bytes32.random(using: &rng)
        let near = Bytes32(target.word0 | 1 << 63, target.word1, target.word2, target.word3)
        let expected = table.peers.filter { table.bucket(of: $0.kadKey) == 0 }
            .sorted { $0.kadKey ^ near < $1.kadKey ^ near }.map(\.id)
        #expect(table.closestPeers(to: near, count: 20).map(\.id) == expected)
    }
}
