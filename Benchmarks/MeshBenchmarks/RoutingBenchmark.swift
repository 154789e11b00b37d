import MeshCore
import MeshDHT
import MeshMultiformats

/// The routing table by itself: searches, touches and insertions of a full table.
public enum RoutingBenchmark {
    /// Targets, strangers and known peers that calls take in turn; a power of two.
    private static let variety = 4096

    /// Offers `offered` random peers to a table with buckets of `replication` and measures each case for about
    /// `milliseconds`.
    public static func run(
        offered: Int, replication: Int, milliseconds: Int, seed: UInt64
    ) throws -> RoutingReport {
        let load = LoadAverage.lastMinute
        var rng = SeededGenerator(seed: seed)
        var table = RoutingTable(
            localKey: peer(&rng).kadKey, bucketSize: replication, maximumReplacements: 8)
        for _ in 0..<offered { _ = table.insert(peer(&rng), now: .zero) }
        let uniform = (0..<variety).map { _ in Bytes32.random(using: &rng) }
        let near = (0..<variety).map { _ in nearby(table.localKey, &rng) }
        let known = table.peers
        let strangers = strangers(to: table, &rng)
        var cases = RoutingCases(table: table, replication: replication, milliseconds: milliseconds)
        return RoutingReport(
            offered: offered, entries: table.count, buckets: table.bucketCount, replication: replication,
            seed: seed, loadAverage: load, closestNanoseconds: cases.closest(to: uniform),
            closestNearSelfNanoseconds: cases.closest(to: near),
            closestAfterTouchNanoseconds: cases.closest(to: uniform, afterTouching: known),
            closestPeersNanoseconds: cases.closestPeers(to: uniform),
            touchNanoseconds: cases.touch(known), insertNanoseconds: cases.insert(strangers),
            insertKnownNanoseconds: cases.insert(known), replaceNanoseconds: cases.replace(known))
    }

    private static func peer(_ rng: inout SeededGenerator) -> KadPeer {
        // The key need not belong to anybody: the table never verifies one.
        let id = PublicKey(ed25519: Bytes32.random(using: &rng)).peerID
        let host = UInt32.random(in: 0...0xff_ffff, using: &rng)
        let address = try? Multiaddr("/ip4/10.\(host >> 16).\(host >> 8 & 255).\(host & 255)/udp/4001/noise")
        return KadPeer(id: id, addresses: address.map { [$0] } ?? [])
    }

    /// A key that shares 4 to 12 bits with `key`.
    private static func nearby(_ key: Bytes32, _ rng: inout SeededGenerator) -> Bytes32 {
        var target = Bytes32.random(using: &rng)
        let kept = UInt64.max << UInt64(64 - Int.random(in: 4...12, using: &rng))
        target.word0 = key.word0 & kept | target.word0 & ~kept
        return target
    }

    /// Peers that belong to full buckets and are not in the table.
    private static func strangers(to table: RoutingTable, _ rng: inout SeededGenerator) -> [KadPeer] {
        var found: [KadPeer] = []
        while found.count < variety {
            let candidate = peer(&rng)
            let bucket = table.bucket(of: candidate.kadKey)
            guard bucket < table.bucketCount - 1, table.peerCount(inBucket: bucket) == table.bucketSize,
                !table.contains(candidate.kadKey)
            else { continue }
            found.append(candidate)
        }
        return found
    }
}

/// The cases over one table.
private struct RoutingCases {
    var table: RoutingTable
    let replication: Int
    let milliseconds: Int
    private var slots: [UInt64] = []
    private var turn = 0

    init(table: RoutingTable, replication: Int, milliseconds: Int) {
        self.table = table
        self.replication = replication
        self.milliseconds = milliseconds
        slots.reserveCapacity(8 * replication)
    }

    mutating func closest(to targets: [Bytes32]) -> Double {
        measure { cases, turn in
            cases.table.closest(
                to: targets[turn % targets.count], count: cases.replication, into: &cases.slots)
        }
    }

    mutating func closest(to targets: [Bytes32], afterTouching known: [KadPeer]) -> Double {
        measure { cases, turn in
            _ = cases.table.touch(known[turn % known.count].kadKey, now: Instant(nanoseconds: UInt64(turn)))
            cases.table.closest(
                to: targets[turn % targets.count], count: cases.replication, into: &cases.slots)
        }
    }

    mutating func closestPeers(to targets: [Bytes32]) -> Double {
        measure { cases, turn in
            keep(cases.table.closestPeers(to: targets[turn % targets.count], count: cases.replication))
        }
    }

    mutating func touch(_ known: [KadPeer]) -> Double {
        let keys = known.map(\.kadKey)
        return measure { cases, turn in
            _ = cases.table.touch(keys[turn % keys.count], now: Instant(nanoseconds: UInt64(turn) << 27))
        }
    }

    mutating func insert(_ peers: [KadPeer]) -> Double {
        measure { cases, turn in
            _ = cases.table.insert(peers[turn % peers.count], now: .zero)
        }
    }

    mutating func replace(_ known: [KadPeer]) -> Double {
        measure { cases, turn in
            let peer = known[turn % known.count]
            _ = cases.table.remove(peer.kadKey)
            _ = cases.table.insert(peer, now: .zero)
        }
    }

    private mutating func measure(_ body: (inout RoutingCases, Int) -> Void) -> Double {
        RepeatedWork(milliseconds: milliseconds) {
            turn &+= 1
            let number = turn
            body(&self, number)
        }.nanoseconds.rounded(digits: 1)
    }
}
