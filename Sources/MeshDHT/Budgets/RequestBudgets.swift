import MeshCore

/// How many requests each peer may make: one token bucket a peer, in 16 bytes.
///
/// A bucket is the time at which it will be full again, so one that is full needs no memory: the table holds
/// peers that have asked in the last seconds and nobody else. It begins with one line of four and doubles up to its
/// limit; when that is reached, the bucket of a line that is nearest to being full is forgotten.
struct RequestBudgets: Sendable {
    private struct Bucket: Sendable {
        var peer: UInt64
        /// In nanoseconds.
        var fullAt: UInt64
    }

    private static let lineLength = 4

    /// The time in which one request is earned, in nanoseconds; zero sets no limit.
    private let price: UInt64
    private let burst: UInt64
    private let maximumCount: Int
    private var buckets: [Bucket] = []

    /// With `perSecond` zero nothing is limited, and nothing remembered.
    init(perSecond: Int, burst: Int, maximumCount: Int) {
        price = perSecond > 0 ? 1_000_000_000 / UInt64(perSecond) : 0
        self.burst = UInt64(max(burst, 1))
        self.maximumCount = max(maximumCount, Self.lineLength)
    }

    /// The number of buckets that there is memory for.
    var capacity: Int { buckets.count }

    /// Takes a request from the budget of the peer with `key`; false when it has none left.
    mutating func take(_ key: Bytes32, now: Instant) -> Bool {
        guard price > 0 else { return true }
        let time = now.nanoseconds
        let index = place(of: key.word0, time)
        let bucket = buckets[index]
        let fullAt = (bucket.peer == key.word0 ? max(bucket.fullAt, time) : time) &+ price
        guard fullAt &- time <= burst &* price else { return false }
        buckets[index] = Bucket(peer: key.word0, fullAt: fullAt)
        return true
    }

    /// Gives the memory back when all buckets are full.
    mutating func removeFull(now: Instant) {
        if buckets.allSatisfy({ $0.fullAt <= now.nanoseconds }) { buckets = [] }
    }

    /// Where the bucket of `peer` is, or may be put.
    private mutating func place(of peer: UInt64, _ time: UInt64) -> Int {
        if buckets.isEmpty { buckets = Self.empty(Self.lineLength) }
        while true {
            let start = Self.line(of: peer, buckets.count)
            var worst = start
            for index in start..<start + Self.lineLength {
                if buckets[index].peer == peer { return index }
                if buckets[index].fullAt < buckets[worst].fullAt { worst = index }
            }
            if buckets[worst].fullAt <= time || 2 * buckets.count > maximumCount { return worst }
            grow(time)
        }
    }

    private mutating func grow(_ time: UInt64) {
        let old = buckets
        buckets = Self.empty(2 * old.count)
        for bucket in old where bucket.fullAt > time {
            let start = Self.line(of: bucket.peer, buckets.count)
            // A line is split into two, so there is room in each.
            if let free = buckets[start..<start + Self.lineLength].firstIndex(where: { $0.fullAt == 0 }) {
                buckets[free] = bucket
            }
        }
    }

    private static func empty(_ count: Int) -> [Bucket] {
        [Bucket](repeating: Bucket(peer: 0, fullAt: 0), count: count)
    }

    /// The first bucket of the line of `peer`: the lowest bits of its key that are in use.
    private static func line(of peer: UInt64, _ count: Int) -> Int {
        Int(truncatingIfNeeded: peer) & (count - 1) & ~(lineLength - 1)
    }
}
