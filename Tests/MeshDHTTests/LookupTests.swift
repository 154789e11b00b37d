import MeshCore
import MeshMultiformats
import Testing

@testable import MeshDHT

/// The lookup machine, driven by hand.
@Suite struct LookupTests {
    private let parameters = LookupParameters(
        resultCount: 5, parallelism: 3, requiredAnswers: 2, sufficientAnswers: 2,
        stragglerTimeout: .seconds(1), abandonTimeout: .seconds(3), maximumCandidates: 40, maximumRequests: 30
    )

    @Test func `nobody known ends the lookup at once`() {
        var lookup = makeLookup()
        #expect(lookup.progress == .exhausted)
        #expect(lookup.next(now: .zero) == nil)
    }

    @Test func `the closest are asked first, at most alpha at a time`() {
        var lookup = makeLookup()
        let peers = sortedPeers(8, lookup)
        for peer in peers.reversed() { lookup.add(peer, round: 1) }
        for peer in peers.prefix(3) { #expect(lookup.next(now: .zero)?.id == peer.id) }
        #expect(lookup.next(now: .zero) == nil)
        #expect(lookup.answered(peers[2].kadKey, closerPeers: []) == true)
        #expect(lookup.next(now: .zero)?.id == peers[3].id)
        #expect(lookup.progress == .running)
    }

    @Test func `a lookup converges when the closest have answered and none closer is pending`() {
        var lookup = makeLookup()
        let peers = sortedPeers(8, lookup)
        for peer in peers.dropFirst() { lookup.add(peer, round: 1) }
        for _ in 0..<3 { _ = lookup.next(now: .zero) }
        lookup.answered(peers[2].kadKey, closerPeers: [])
        lookup.answered(peers[3].kadKey, closerPeers: [])
        #expect(lookup.progress == .running)
        lookup.answered(peers[1].kadKey, closerPeers: [peers[0]])
        #expect(lookup.progress == .running)
        #expect(lookup.next(now: .zero)?.id == peers[0].id)
        lookup.answered(peers[0].kadKey, closerPeers: [])
        #expect(lookup.progress == .converged)
        #expect(lookup.closest(5).map(\.id) == peers.prefix(5).map(\.id))
        #expect(lookup.deepestRound == 2 && lookup.round(of: peers[0].kadKey) == 2)
    }

    @Test func `failed peers are passed over and never asked again`() {
        var lookup = makeLookup()
        let peers = sortedPeers(4, lookup)
        for peer in peers { lookup.add(peer, round: 1) }
        for _ in 0..<3 { _ = lookup.next(now: .zero) }
        #expect(lookup.failed(peers[0].kadKey) == true)
        #expect(lookup.failed(peers[0].kadKey) == false)
        #expect(lookup.answered(peers[0].kadKey, closerPeers: []) == false)
        lookup.add(peers[0], round: 1)
        lookup.answered(peers[1].kadKey, closerPeers: [peers[0]])
        lookup.answered(peers[2].kadKey, closerPeers: [peers[0]])
        #expect(lookup.progress == .converged)
        #expect(lookup.closest(5).map(\.id) == peers.dropFirst().map(\.id))
        #expect(lookup.failureCount == 1 && lookup.answerCount == 2)
    }

    @Test func `fewer peers than required exhaust the lookup`() {
        var lookup = makeLookup()
        let peers = sortedPeers(1, lookup)
        lookup.add(peers[0], round: 1)
        _ = lookup.next(now: .zero)
        #expect(lookup.progress == .running)
        lookup.answered(peers[0].kadKey, closerPeers: [])
        #expect(lookup.progress == .exhausted)
    }

    @Test func `a straggler gives its place away and does not hold up convergence`() {
        var lookup = makeLookup()
        let peers = sortedPeers(5, lookup)
        for peer in peers { lookup.add(peer, round: 1) }
        for _ in 0..<3 { _ = lookup.next(now: .zero) }
        #expect(lookup.nextDeadline == milliseconds(1000))
        #expect(lookup.noteTime(milliseconds(999)).isEmpty)
        lookup.answered(peers[1].kadKey, closerPeers: [])
        lookup.answered(peers[2].kadKey, closerPeers: [])
        #expect(lookup.progress == .running)
        #expect(lookup.noteTime(milliseconds(1000)).map(\.id) == [peers[0].id])
        #expect(lookup.progress == .converged)
        #expect(lookup.closest(5).map(\.id) == peers.dropFirst().map(\.id))
        #expect(lookup.next(now: milliseconds(1000))?.id == peers[3].id)
        #expect(lookup.answered(peers[0].kadKey, closerPeers: []) == true)
        #expect(lookup.closest(1).map(\.id) == [peers[0].id])
    }

    @Test func `stragglers do not occupy the places of others`() {
        var lookup = makeLookup()
        let peers = sortedPeers(8, lookup)
        for peer in peers { lookup.add(peer, round: 1) }
        for _ in 0..<3 { _ = lookup.next(now: .zero) }
        #expect(lookup.next(now: .zero) == nil)
        #expect(lookup.noteTime(milliseconds(1000)).count == 3)
        for peer in peers[3..<6] { #expect(lookup.next(now: milliseconds(1000))?.id == peer.id) }
        #expect(lookup.next(now: milliseconds(1000)) == nil)
    }

    @Test func `the only peer is waited for until the driver gives it up`() {
        var lookup = makeLookup()
        let peer = sortedPeers(1, lookup)[0]
        lookup.add(peer, round: 1)
        _ = lookup.next(now: .zero)
        _ = lookup.noteTime(milliseconds(1000))
        #expect(lookup.progress == .running && lookup.nextDeadline == milliseconds(3000))
        _ = lookup.noteTime(milliseconds(3000))
        #expect(lookup.progress == .running && lookup.nextDeadline == nil)
        #expect(lookup.isPending(peer.kadKey))
        lookup.failed(peer.kadKey)
        #expect(lookup.progress == .exhausted)
    }

    @Test func `with one answer stragglers are waited for only until they are abandoned`() {
        var lookup = makeLookup()
        let peers = sortedPeers(2, lookup)
        for peer in peers { lookup.add(peer, round: 1) }
        for _ in 0..<2 { _ = lookup.next(now: .zero) }
        lookup.answered(peers[0].kadKey, closerPeers: [])
        _ = lookup.noteTime(milliseconds(1000))
        #expect(lookup.progress == .running)
        _ = lookup.noteTime(milliseconds(3000))
        #expect(lookup.progress == .exhausted)
    }

    @Test func `asking all goes on to the k closest`() {
        var lookup = makeLookup()
        let peers = sortedPeers(6, lookup)
        for peer in peers { lookup.add(peer, round: 1) }
        for peer in peers.prefix(2) {
            _ = lookup.next(now: .zero)
            lookup.answered(peer.kadKey, closerPeers: [])
        }
        #expect(lookup.progress == .converged)
        #expect(lookup.askAll() == true)
        #expect(lookup.askAll() == false)
        #expect(lookup.progress == .running)
        for peer in peers[2..<5] {
            #expect(lookup.next(now: .zero)?.id == peer.id)
            lookup.answered(peer.kadKey, closerPeers: [])
        }
        #expect(lookup.progress == .converged)
        #expect(lookup.next(now: .zero) == nil)
    }

    @Test func `candidates and requests are limited`() {
        var limited = parameters
        limited.maximumCandidates = 6
        limited.maximumRequests = 2
        var lookup = Lookup(target: TestPeers.id(0).kadKey, parameters: limited)
        let peers = sortedPeers(30, lookup)
        for peer in peers.reversed() { lookup.add(peer, round: 1) }
        #expect(lookup.closest(30).map(\.id) == peers.prefix(6).map(\.id))
        lookup.add(peers[10], round: 1)
        #expect(lookup.closest(30).count == 6)
        for peer in peers.prefix(2) {
            #expect(lookup.next(now: .zero)?.id == peer.id)
            lookup.failed(peer.kadKey)
        }
        #expect(lookup.next(now: .zero) == nil)
        #expect(lookup.progress == .exhausted)
    }

    @Test(arguments: 0..<40) func `any order of answers ends with the closest that live`(seed: Int) {
        var rng = SeededGenerator(seed: UInt64(seed))
        let lookupTarget = Bytes32.random(using: &rng)
        var lookup = Lookup(
            target: lookupTarget,
            parameters: LookupParameters(
                resultCount: 5, parallelism: 3, requiredAnswers: 5, sufficientAnswers: 5,
                stragglerTimeout: .seconds(1), abandonTimeout: .seconds(3), maximumCandidates: 200,
                maximumRequests: 200))
        let peers = (0..<60).map { _ in TestPeers.peer(using: &rng) }
            .sorted { ($0.kadKey ^ lookupTarget) < ($1.kadKey ^ lookupTarget) }
        let dead = Set(peers.filter { _ in rng.next(upperBound: UInt32(4)) == 0 }.map(\.id))
        for peer in peers.suffix(6) { lookup.add(peer, round: 1) }
        var inFlight: [KadPeer] = []
        while true {
            while let peer = lookup.next(now: .zero) { inFlight.append(peer) }
            #expect(inFlight.count <= 3, "seed \(seed)")
            guard lookup.progress == .running, !inFlight.isEmpty else { break }
            let peer = inFlight.remove(at: Int(rng.next(upperBound: UInt32(inFlight.count))))
            if dead.contains(peer.id) {
                lookup.failed(peer.kadKey)
            } else {
                // Everybody knows the peers around itself, and a few closer ones.
                let index = peers.firstIndex { $0.id == peer.id } ?? 0
                lookup.answered(
                    peer.kadKey, closerPeers: Array(peers[max(0, index - 12)..<min(60, index + 3)]))
            }
        }
        guard !peers.suffix(6).allSatisfy({ dead.contains($0.id) }) else { return }
        let living = peers.filter { !dead.contains($0.id) }.prefix(5).map(\.id)
        #expect(lookup.progress == .converged, "seed \(seed)")
        #expect(lookup.closest(5).map(\.id) == living, "seed \(seed)")
    }

    private func makeLookup() -> Lookup { Lookup(target: TestPeers.id(0).kadKey, parameters: parameters) }

    private func milliseconds(_ count: UInt64) -> Instant { Instant(nanoseconds: count * 1_000_000) }

    private func sortedPeers(_ count: UInt64, _ lookup: Lookup) -> [KadPeer] {
        (1...count).map { TestPeers.peer($0) }
            .sorted { ($0.kadKey ^ lookup.target) < ($1.kadKey ^ lookup.target) }
    }
}
