import MeshCore
import MeshMultiformats
import Testing

@testable import MeshDHT

/// Lookups along several paths that share no peer.
@Suite struct DisjointLookupTests {
    private func makeLookup(paths: Int, maximumRequests: Int = 60, maximumCandidates: Int = 40) -> Lookup {
        Lookup(
            target: TestPeers.id(0).kadKey,
            parameters: LookupParameters(
                resultCount: 5, parallelism: 4, requiredAnswers: 2, sufficientAnswers: 2,
                stragglerTimeout: .seconds(1), abandonTimeout: .seconds(3),
                maximumCandidates: maximumCandidates, maximumRequests: maximumRequests, disjointPaths: paths))
    }

    private func sortedPeers(_ count: UInt64, _ lookup: Lookup) -> [KadPeer] {
        (1...count).map { TestPeers.peer($0) }
            .sorted { ($0.kadKey ^ lookup.target) < ($1.kadKey ^ lookup.target) }
    }

    @Test func `own peers are dealt in turn and every path asks its own`() {
        var lookup = makeLookup(paths: 2)
        let peers = sortedPeers(8, lookup)
        lookup.add(Array(peers[4..<8]), round: 1)
        let asked = (0..<4).compactMap { _ in lookup.next(now: .zero) }
        #expect(asked.map(\.id) == [peers[4], peers[5], peers[6], peers[7]].map(\.id))
        #expect(lookup.next(now: .zero) == nil)
        // What peer 4 names stays on its path: peer 5's place among the requests does not go to it.
        lookup.failed(peers[5].kadKey)
        lookup.answered(peers[4].kadKey, closerPeers: [peers[0], peers[1]])
        #expect(lookup.next(now: .zero)?.id == peers[0].id)
        #expect(lookup.next(now: .zero) == nil)
    }

    @Test func `a peer named on two paths is asked once`() {
        var lookup = makeLookup(paths: 2)
        let peers = sortedPeers(6, lookup)
        lookup.add(Array(peers[4..<6]), round: 1)
        for _ in 0..<2 { _ = lookup.next(now: .zero) }
        lookup.answered(peers[4].kadKey, closerPeers: Array(peers[0..<4]))
        lookup.answered(peers[5].kadKey, closerPeers: Array(peers[0..<4]))
        var asked: [PeerID] = []
        while let peer = lookup.next(now: .zero) { asked.append(peer.id) }
        #expect(asked == peers[0..<4].map(\.id))
        #expect(lookup.requestCount == 6)
    }

    @Test func `the lookup ends when every path has answers of its own and gives the union`() {
        var lookup = makeLookup(paths: 2)
        let peers = sortedPeers(6, lookup)
        lookup.add(Array(peers[4..<6]), round: 1)
        for _ in 0..<2 { _ = lookup.next(now: .zero) }
        lookup.answered(peers[4].kadKey, closerPeers: Array(peers[0..<4]))
        lookup.answered(peers[5].kadKey, closerPeers: Array(peers[0..<4]))
        while lookup.next(now: .zero) != nil {}
        for peer in peers[0..<3] {
            lookup.answered(peer.kadKey, closerPeers: [])
            #expect(lookup.progress == .running)
        }
        lookup.answered(peers[3].kadKey, closerPeers: [])
        #expect(lookup.progress == .converged)
        #expect(lookup.closest(5).map(\.id) == peers.prefix(5).map(\.id))
        #expect(lookup.deepestRound == 2)
    }

    @Test func `asking all verifies the union once the paths are done`() {
        var lookup = makeLookup(paths: 2)
        let peers = sortedPeers(6, lookup)
        lookup.add(peers, round: 1)
        #expect(lookup.askAll() == true)
        var asked: [PeerID] = []
        while let peer = lookup.next(now: .zero) {
            asked.append(peer.id)
            lookup.answered(peer.kadKey, closerPeers: [])
        }
        #expect(asked == peers.prefix(5).map(\.id))
        #expect(lookup.progress == .converged)
    }

    @Test func `a path that is fed without end asks no more than its share`() {
        var lookup = makeLookup(paths: 4, maximumRequests: 40)
        var rng = SeededGenerator(seed: 3)
        let start = (0..<4).map { _ in TestPeers.peer(using: &rng) }
        lookup.add(start, round: 1)
        let liar = start[0].id
        var liars: Set<PeerID> = [liar]
        var requests = 0
        while let peer = lookup.next(now: .zero) {
            requests += liars.contains(peer.id) ? 1 : 0
            guard liars.contains(peer.id) else {
                lookup.failed(peer.kadKey)
                continue
            }
            // Every answer names somebody closer than all before.
            let distance = (peer.kadKey ^ lookup.target)
            var closer = TestPeers.peer(using: &rng)
            for _ in 0..<4096 where (closer.kadKey ^ lookup.target) >= distance {
                closer = TestPeers.peer(using: &rng)
            }
            liars.insert(closer.id)
            lookup.answered(
                peer.kadKey, closerPeers: [closer] + (0..<19).map { _ in TestPeers.peer(using: &rng) })
            for named in lookup.closest(100) where !start.contains(where: { $0.id == named.id }) {
                liars.insert(named.id)
            }
        }
        #expect(requests <= 10)
        #expect(lookup.requestCount <= 13)
        #expect(lookup.progress != .running)
    }

    @Test(arguments: [1, 2, 4, 8]) func `lists stay within their limits whatever is named`(paths: Int) {
        var lookup = makeLookup(paths: paths, maximumRequests: 30, maximumCandidates: 12)
        var rng = SeededGenerator(seed: UInt64(paths))
        lookup.add((0..<20).map { _ in TestPeers.peer(using: &rng) }, round: 1)
        while let peer = lookup.next(now: .zero) {
            var named = (0..<64).map { _ in TestPeers.peer(using: &rng) }
            named += named.prefix(8)
            named.append(peer)
            lookup.answered(peer.kadKey, closerPeers: named)
            let limit = 12 + lookup.requestCount
            #expect(lookup.paths.allSatisfy { $0.order.count <= limit }, "paths \(paths)")
            #expect(lookup.order.count <= paths * limit, "paths \(paths)")
            #expect(lookup.pool.count <= paths * limit + 64, "paths \(paths)")
            let distances = lookup.order.map { lookup.pool[$0.index].distance }
            #expect(zip(distances, distances.dropFirst()).allSatisfy { $0 < $1 }, "paths \(paths)")
            #expect(
                Set(lookup.freePlaces).union(lookup.order.map { UInt16($0.index) }).count
                    == lookup.pool.count,
                "paths \(paths)")
        }
        #expect(lookup.requestCount == 30 || lookup.progress == .converged, "paths \(paths)")
    }

    @Test func `few peers of one network come into the result however many are named`() {
        var lookup = makeLookup(paths: 1)
        lookup.parameters.maximumPerGroup = 2
        let peers = sortedPeers(12, lookup)
        func at(_ index: Int, _ network: String) -> KadPeer {
            peers[index].withAddresses([TestPeers.address(text: "/ip4/\(network).0.\(index)/tcp/4001")])
        }
        // A crowd of one network lies around the target; its farther members come first.
        let crowd = (0..<8).map { at($0, "8.1") }
        let others = (8..<12).map { at($0, "8.\($0)") }
        lookup.add([others[3]], round: 1)
        _ = lookup.next(now: .zero)
        lookup.answered(others[3].kadKey, closerPeers: [crowd[6], crowd[7], others[0]])
        _ = lookup.next(now: .zero)
        lookup.answered(crowd[6].kadKey, closerPeers: crowd + [others[1], others[2]])
        #expect(
            lookup.closest(5).map(\.id) == [crowd[0], crowd[1], others[0], others[1], others[2]].map(\.id))
        // Those who fail give their places to the next of their network.
        while let peer = lookup.next(now: .zero) { lookup.failed(peer.kadKey) }
        lookup.add(crowd, round: 1)
        #expect(lookup.closest(5).prefix(2).map(\.id) == [crowd[2], crowd[3]].map(\.id))
    }

    @Test func `private networks are limited only where they are said to be`() {
        var lookup = makeLookup(paths: 1)
        lookup.parameters.maximumPerGroup = 1
        let peers = sortedPeers(6, lookup)
        lookup.add(peers, round: 1)
        #expect(lookup.closest(5).count == 5)
        lookup = makeLookup(paths: 1)
        lookup.parameters.maximumPerGroup = 1
        lookup.parameters.countsPrivateAddresses = true
        lookup.add(peers, round: 1)
        #expect(lookup.closest(5).map(\.id) == [peers[0].id])
    }

    @Test func `a straggler of one path does not hold up the others`() {
        var lookup = makeLookup(paths: 2)
        let peers = sortedPeers(6, lookup)
        lookup.add(peers, round: 1)
        var asked = 0
        while lookup.next(now: .zero) != nil { asked += 1 }
        #expect(asked == 4)
        for peer in peers[1..<4] { lookup.answered(peer.kadKey, closerPeers: []) }
        // Path 0 has peers 0, 2 and 4; peer 0 is silent.
        #expect(lookup.progress == .running)
        #expect(lookup.nextDeadline == Instant(nanoseconds: 1_000_000_000))
        #expect(lookup.noteTime(Instant(nanoseconds: 1_000_000_000)).map(\.id) == [peers[0].id])
        #expect(lookup.next(now: Instant(nanoseconds: 1_000_000_000))?.id == peers[4].id)
        lookup.answered(peers[4].kadKey, closerPeers: [])
        #expect(lookup.progress == .converged)
        #expect(lookup.closest(3).map(\.id) == peers[1..<4].map(\.id))
    }
}

/// The share of lookups that survive colluding peers.
@Suite struct HostileLookupTests {
    /// The goals lie below 0.98 and 0.99 by what a sample of this size may miss.
    private static let sampleCount = 250

    @Test(arguments: [(50, 8, 0.96), (20, 4, 0.98), (0, 4, 1.0)])
    func `paths find a holder among colluding peers`(_ hostile: Int, _ paths: Int, _ goal: Double) {
        let seed: UInt64 = 11
        var network = HostileNetwork(count: 3000, hostilePercent: UInt32(hostile), seed: seed)
        var found = 0
        for _ in 0..<Self.sampleCount where network.lookUp(paths: paths, parallelism: 10).isFound {
            found += 1
        }
        let share = Double(found) / Double(Self.sampleCount)
        #expect(share >= goal, "\(hostile) % hostile, \(paths) paths, seed \(seed)")
    }

    @Test func `one path does not survive half of the network`() {
        var network = HostileNetwork(count: 3000, hostilePercent: 50, seed: 12)
        var found = 0
        for _ in 0..<Self.sampleCount where network.lookUp(paths: 1, parallelism: 1).isFound { found += 1 }
        #expect(Double(found) / Double(Self.sampleCount) < 0.8)
    }
}
