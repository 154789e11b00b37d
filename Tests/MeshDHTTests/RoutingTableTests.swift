import MeshCore
import MeshMultiformats
import Testing

@testable import MeshDHT

/// The routing table: buckets, liveness, replacements.
@Suite struct RoutingTableTests {
    private let local = TestPeers.id(0)

    @Test func `a peer is inserted once and refreshed afterwards`() {
        var table = makeTable(bucketSize: 4)
        let peer = TestPeers.peer(1)
        #expect(table.insert(peer, now: .zero) == .inserted)
        #expect(table.insert(peer, now: second(1)) == .refreshed)
        let moved = peer.withAddresses([TestPeers.address(99)])
        #expect(table.insert(moved, now: second(2)) == .refreshed)
        #expect(table.peer(peer.kadKey)?.addresses == moved.addresses)
        #expect(table.insert(peer.withAddresses([]), now: second(3)) == .refreshed)
        #expect(table.peer(peer.kadKey)?.addresses == moved.addresses)
        #expect(table.count == 1)
        #expect(table.insert(KadPeer(id: local, addresses: []), now: .zero) == .refused)
    }

    @Test func `a full bucket keeps its live peer and lets the new one wait`() {
        var table = makeTable(bucketSize: 3)
        let peers = peersOfBucketZero(5)
        for peer in peersOfDeepBuckets(8) { _ = table.insert(peer, now: .zero) }
        for peer in peers.prefix(3) { #expect(table.insert(peer, now: .zero) == .inserted) }
        #expect(table.insert(peers[3], now: second(1)) == .bucketFull)
        #expect(table.insert(peers[4], now: second(2)) == .bucketFull)
        #expect(peers.prefix(3).allSatisfy { table.contains($0.kadKey) })
        #expect(table.isFull(bucketOf: peers[3].kadKey))
        #expect(table.remove(peers[0].kadKey)?.id == peers[0].id)
        #expect(table.takeReplacement(forBucketOf: peers[0].kadKey)?.id == peers[4].id)
        #expect(table.takeReplacement(forBucketOf: peers[0].kadKey)?.id == peers[3].id)
        #expect(table.takeReplacement(forBucketOf: peers[0].kadKey) == nil)
    }

    @Test func `a peer that gets a place no longer waits for one`() {
        var table = makeTable(bucketSize: 1)
        for peer in peersOfDeepBuckets(4) { _ = table.insert(peer, now: .zero) }
        let peers = peersOfBucketZero(2)
        for peer in peers { _ = table.insert(peer, now: .zero) }
        _ = table.remove(peers[0].kadKey)
        #expect(table.insert(peers[1], now: .zero) == .inserted)
        #expect(table.takeReplacement(forBucketOf: peers[1].kadKey) == nil)
    }

    @Test func `replacements are limited and the oldest makes room`() {
        var table = makeTable(bucketSize: 1, maximumReplacements: 2)
        for peer in peersOfDeepBuckets(4) { _ = table.insert(peer, now: .zero) }
        let peers = peersOfBucketZero(5)
        for peer in peers { _ = table.insert(peer, now: .zero) }
        #expect(table.takeReplacement(forBucketOf: peers[0].kadKey)?.id == peers[4].id)
        #expect(table.takeReplacement(forBucketOf: peers[0].kadKey)?.id == peers[3].id)
        #expect(table.takeReplacement(forBucketOf: peers[0].kadKey) == nil)
    }

    @Test func `the least recently seen is the one that failed, then the most silent`() {
        var table = makeTable(bucketSize: 3)
        let peers = peersOfBucketZero(3)
        for (index, peer) in peers.enumerated() { _ = table.insert(peer, now: second(UInt64(index) + 1)) }
        #expect(table.leastRecentlySeen(inBucketOf: peers[0].kadKey)?.peer.id == peers[0].id)
        #expect(table.touch(peers[0].kadKey, now: second(9)) == true)
        #expect(table.leastRecentlySeen(inBucketOf: peers[0].kadKey)?.peer.id == peers[1].id)
        #expect(table.recordFailure(peers[2].kadKey) == 1)
        #expect(table.recordFailure(peers[2].kadKey) == 2)
        #expect(table.leastRecentlySeen(inBucketOf: peers[0].kadKey)?.peer.id == peers[2].id)
        #expect(table.touch(peers[2].kadKey, now: second(9)) == true)
        #expect(table.recordFailure(peers[2].kadKey) == 1)
        #expect(table.peersSilent(since: second(3), limit: 9).map(\.id) == [peers[1].id, peers[2].id])
        #expect(table.peersSilent(since: second(3), limit: 1).map(\.id) == [peers[1].id])
    }

    @Test func `unhealthy peers are not handed out but still asked`() {
        var table = makeTable(bucketSize: 3)
        let peers = peersOfBucketZero(3)
        for peer in peers { _ = table.insert(peer, now: .zero) }
        _ = table.recordFailure(peers[1].kadKey)
        #expect(table.closestPeers(to: peers[1].kadKey, count: 3, onlyHealthy: true).count == 2)
        #expect(table.closestPeers(to: peers[1].kadKey, count: 3).first?.id == peers[1].id)
    }

    @Test func `keys that agree in all deciding bits are ordered by the rest`() {
        let local = Bytes32.zero
        var table = RoutingTable(localKey: local, bucketSize: 20, maximumReplacements: 0)
        var rng = SeededGenerator(seed: 8)
        for _ in 0..<400 { _ = table.insert(TestPeers.peer(using: &rng), now: .zero) }
        let target = table.peers[3].kadKey
        let close = Bytes32(target.word0, target.word1, target.word2, ~target.word3)
        #expect(table.closestPeers(to: close, count: 1).first?.kadKey == target)
    }

    @Test func `buckets without lookups are named for the refresh`() {
        var table = makeTable(bucketSize: 2)
        for peer in peersOfBucketZero(2) + peersOfDeepBuckets(6) { _ = table.insert(peer, now: .zero) }
        #expect(table.bucketsNotRefreshed(since: second(1)) == Array(0..<table.bucketCount))
        table.noteLookup(towards: peersOfBucketZero(1)[0].kadKey, now: second(5))
        #expect(table.bucketsNotRefreshed(since: second(1)) == Array(1..<table.bucketCount))
        #expect(table.bucketsNotRefreshed(since: second(6)) == Array(0..<table.bucketCount))
    }

    @Test func `a peer that lost its place waits behind all others`() {
        var table = makeTable(bucketSize: 1, maximumReplacements: 2)
        for peer in peersOfDeepBuckets(4) { _ = table.insert(peer, now: .zero) }
        let peers = peersOfBucketZero(4)
        for peer in peers.prefix(2) { _ = table.insert(peer, now: .zero) }
        _ = table.remove(peers[0].kadKey)
        table.addLastResort(peers[0])
        #expect(table.takeReplacementsForFreeSlots().map(\.id) == [peers[1].id])
        #expect(table.takeReplacementsForFreeSlots().map(\.id) == [peers[0].id])
        for peer in peers.suffix(2) { table.addReplacement(peer) }
        table.addLastResort(peers[0])
        for expected in [peers[3].id, peers[2].id, nil] {
            #expect(table.takeReplacement(forBucketOf: peers[0].kadKey)?.id == expected)
        }
    }

    @Test func `a search allocates nothing once its buffer has grown`() {
        var table = makeTable(bucketSize: 20)
        var rng = SeededGenerator(seed: 9)
        for _ in 0..<2000 { _ = table.insert(TestPeers.peer(using: &rng), now: .zero) }
        var slots: [UInt64] = []
        table.closest(to: .random(using: &rng), count: 20, into: &slots)
        slots.reserveCapacity(40)
        let capacity = slots.capacity
        for _ in 0..<1000 { table.closest(to: .random(using: &rng), count: 20, into: &slots) }
        #expect(slots.capacity == capacity && slots.count == 20)
    }

    private func makeTable(bucketSize: Int, maximumReplacements: Int = 4) -> RoutingTable {
        RoutingTable(
            localKey: local.kadKey, bucketSize: bucketSize, maximumReplacements: maximumReplacements)
    }

    private func second(_ count: UInt64) -> Instant { Instant(nanoseconds: count * 1_000_000_000) }

    private func peersOfBucketZero(_ count: Int) -> [KadPeer] { peers(count) { $0 == 0 } }

    private func peersOfDeepBuckets(_ count: Int) -> [KadPeer] { peers(count) { $0 > 0 } }

    private func peers(_ count: Int, where condition: (Int) -> Bool) -> [KadPeer] {
        var found: [KadPeer] = []
        var number: UInt64 = 1
        while found.count < count {
            let peer = TestPeers.peer(number)
            if condition((peer.kadKey ^ local.kadKey).leadingZeroBitCount) { found.append(peer) }
            number += 1
        }
        return found
    }
}
