import MeshCore
import Testing

@testable import MeshDHT

/// What the results of lookups say about the size of the network.
@Suite struct NetworkSizeTests {
    private var now: Instant { .zero + .seconds(9000) }

    private func closest(_ count: Int, of peers: [Bytes32], to target: Bytes32) -> [Bytes32] {
        Array(peers.map { $0 ^ target }.sorted().prefix(count))
    }

    private func peers(_ count: Int, using rng: inout SeededGenerator) -> [Bytes32] {
        (0..<count).map { _ in Bytes32.random(using: &rng) }
    }

    @Test(arguments: [12, 300, 10_000], [UInt64(1), 2, 3])
    func `32 lookups tell the size to a fifth`(count: Int, seed: UInt64) throws {
        var rng = SeededGenerator(seed: seed)
        let peers = peers(count, using: &rng)
        var estimator = NetworkSizeEstimator()
        for number in 0..<32 {
            #expect((estimator.size(now: now) == nil) == (number < 5))
            let target = Bytes32.random(using: &rng)
            estimator.note(distances: closest(20, of: peers, to: target), target: target, now: now)
        }
        let size = try #require(estimator.size(now: now))
        #expect(abs(size / Double(count) - 1) < 0.2, "seed \(seed): \(size) of \(count)")
        #expect(estimator.size(now: now + .seconds(7201)) == nil)
    }

    @Test func `identities around a quarter of the keys, or around one key again and again, change little`()
        throws
    {
        var rng = SeededGenerator(seed: 4)
        let peers = peers(2000, using: &rng)
        var estimator = NetworkSizeEstimator()
        let target = Bytes32.random(using: &rng)
        let crowd = (0..<20).map { Bytes32(0, 0, 0, UInt64($0) + 1) }
        for number in 0..<32 {
            let other = Bytes32.random(using: &rng)
            let isSurrounded = number % 4 == 0
            estimator.note(
                distances: isSurrounded ? crowd : closest(20, of: peers, to: other), target: other, now: now)
            estimator.note(distances: crowd, target: target, now: now)
        }
        let size = try #require(estimator.size(now: now))
        #expect(size > 1500 && size < 3500, "\(size)")
    }

    @Test func `a network that grew is noticed`() throws {
        var rng = SeededGenerator(seed: 5)
        var estimator = NetworkSizeEstimator()
        for count in [100, 4000] {
            let peers = peers(count, using: &rng)
            for _ in 0..<32 {
                let target = Bytes32.random(using: &rng)
                estimator.note(distances: closest(20, of: peers, to: target), target: target, now: now)
            }
            let size = try #require(estimator.size(now: now))
            #expect(abs(size / Double(count) - 1) < 0.2, "\(size) of \(count)")
        }
    }
}
