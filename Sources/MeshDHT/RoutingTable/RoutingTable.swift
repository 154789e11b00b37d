import MeshCore

/// The peers that a node knows, by the length of the prefix that their keys share with the node's own.
///
/// Bucket `i` holds peers that share exactly `i` bits; the last bucket holds all that share more, and is split
/// when it is full, so a node of a network of N peers has about log2(N/k) + 1 buckets. Storage is two arrays
/// with `bucketSize` slots a bucket: the 32 bits of a key behind those that the bucket shares, which decide nearly
/// every comparison, and entries of 16 bytes. Nothing here decides whom to trust: the machine inserts peers that
/// have answered, and only those.
///
/// Slots are positions in that storage; any change of the table invalidates them.
public struct RoutingTable: Sendable {
    /// What became of a peer that was offered.
    public enum Insertion: Hashable, Sendable {
        /// It is in the table now.
        case inserted
        /// It was there already; its addresses and liveness are refreshed.
        case refreshed
        /// Its bucket is full of other peers; it waits as a replacement.
        case bucketFull
        /// The table, or the bucket, has as many peers of its address group as it may.
        case diversityLimit
        /// It is the node itself.
        case refused
    }

    /// The key of the node that owns the table.
    public let localKey: Bytes32
    /// How many peers of one address group the table holds.
    public let diversity: DiversityLimit
    /// Whether private addresses are groups too.
    public let countsPrivateAddresses: Bool
    /// The number of peers.
    public private(set) var count = 0

    private let bucketSize8: UInt8
    private let maximumReplacements8: UInt8
    /// 32 bits of each key, for searches that load them 20 at once: as many lie behind the last bucket.
    var prefixes: [UInt32] = []
    var entries: [RoutingEntry] = []
    var buckets: [RoutingBucket] = []
    /// Peers without a place, `maximumReplacements` slots a bucket; empty until the first comes.
    var waiting: [KadPeer.Storage?] = []
    var waitingPrefixes: [UInt32] = []

    /// Creates an empty table; `bucketSize` is clamped to 1...255, `maximumReplacements` to 0...255.
    public init(
        localKey: Bytes32, bucketSize: Int, maximumReplacements: Int, diversity: DiversityLimit = .unlimited,
        countsPrivateAddresses: Bool = false
    ) {
        self.localKey = localKey
        self.diversity = diversity
        self.countsPrivateAddresses = countsPrivateAddresses
        bucketSize8 = UInt8(min(max(bucketSize, 1), 255))
        maximumReplacements8 = UInt8(min(max(maximumReplacements, 0), 255))
        appendBucket(refreshed: CoarseTime())
    }

    /// The most peers of a bucket: the k of Kademlia.
    public var bucketSize: Int { Int(bucketSize8) }

    /// The most peers that wait for a place in one bucket.
    public var maximumReplacements: Int { Int(maximumReplacements8) }

    /// The number of buckets that are in use.
    public var bucketCount: Int { buckets.count }

    /// The number of peers in bucket `index`.
    public func peerCount(inBucket index: Int) -> Int { Int(buckets[index].count) }

    /// The bucket that `key` belongs to.
    public func bucket(of key: Bytes32) -> Int {
        min((key ^ localKey).leadingZeroBitCount, buckets.count - 1)
    }

    /// Whether the peer with `key` is in the table.
    public func contains(_ key: Bytes32) -> Bool { slot(of: key) != nil }

    /// The peer with `key`, if it is in the table.
    public func peer(_ key: Bytes32) -> KadPeer? {
        slot(of: key).flatMap { entries[$0].peer }.map(KadPeer.init(storage:))
    }

    /// The peer in `slot`, which came from the table as it is now.
    public func peer(atSlot slot: UInt64) -> KadPeer? {
        entries[Int(slot)].peer.map(KadPeer.init(storage:))
    }

    /// Whether the peer in `slot` may be handed out as it is.
    func isPresentable(slot: UInt64) -> Bool { entries[Int(slot)].isPresentable }

    /// Whether the peer in `slot` is the one with `key`; rarely looks at the peer itself.
    func holds(_ key: Bytes32, inSlot slot: UInt64) -> Bool {
        let slot = Int(slot)
        guard prefixes[slot] == Self.prefix(key, bucket: slot / bucketSize) else { return false }
        return entries[slot].peer?.id.kadKey == key
    }

    /// All peers, bucket by bucket.
    public var peers: [KadPeer] { entries.compactMap { $0.peer.map(KadPeer.init(storage:)) } }

    /// Inserts or refreshes a peer that has answered at `now`.
    ///
    /// `isPresentable` says that its addresses may be handed out as they are. Addresses that would exceed the
    /// limits of diversity do not replace those of a known peer.
    public mutating func insert(_ peer: KadPeer, now: Instant, isPresentable: Bool = false) -> Insertion {
        let key = peer.kadKey
        guard key != localKey else { return .refused }
        if let slot = slot(of: key) {
            entries[slot].lastSeen = CoarseTime(now)
            clearFailures(slot)
            setPeer(peer, at: slot, isPresentable: isPresentable)
            return .refreshed
        }
        var bucket = bucket(of: key)
        while buckets[bucket].count == bucketSize8 {
            guard bucket == buckets.count - 1, buckets.count < 256 else {
                addReplacement(peer, to: bucket)
                return .bucketFull
            }
            splitLastBucket()
            bucket = self.bucket(of: key)
        }
        let group = limitedGroup(of: peer.storage)
        guard isWithinLimits(group, bucket: bucket, replacing: nil) else { return .diversityLimit }
        removeReplacement(key, from: bucket)
        let entry = RoutingEntry(
            peer: peer.storage, lastSeen: CoarseTime(now), groupTag: Self.tag(group), failureCount: 0,
            isPresentable: isPresentable)
        append(entry, key: key, to: bucket)
        return .inserted
    }

    /// Notes that the peer with `key` was alive at `now`; false when it is not in the table.
    public mutating func touch(_ key: Bytes32, now: Instant) -> Bool {
        guard let slot = slot(of: key) else { return false }
        entries[slot].lastSeen = CoarseTime(now)
        clearFailures(slot)
        return true
    }

    /// Gives the peer with `key` other addresses; false when it is not in the table.
    public mutating func setAddresses(of peer: KadPeer, isPresentable: Bool = false) -> Bool {
        guard let slot = slot(of: peer.kadKey) else { return false }
        setPeer(peer, at: slot, isPresentable: isPresentable)
        return true
    }

    /// Notes that a request to the peer with `key` failed; gives the failures in a row, 0 when it is unknown.
    public mutating func recordFailure(_ key: Bytes32) -> Int {
        guard let slot = slot(of: key) else { return 0 }
        if entries[slot].failureCount == 0 { buckets[slot / bucketSize].failingCount += 1 }
        if entries[slot].failureCount < .max { entries[slot].failureCount += 1 }
        return Int(entries[slot].failureCount)
    }

    /// Removes and returns the peer with `key`.
    public mutating func remove(_ key: Bytes32) -> KadPeer? {
        guard let slot = slot(of: key) else { return nil }
        let peer = entries[slot].peer.map(KadPeer.init(storage:))
        removeEntry(at: slot, of: slot / bucketSize)
        return peer
    }

    // MARK: Storage

    /// The 32 bits of `key` behind those that all keys of the bucket share.
    ///
    /// Buckets beyond the 32nd, which take 2^32 hashes to fill, compare the same bits; the full keys decide then.
    static func prefix(_ key: Bytes32, bucket: Int) -> UInt32 {
        UInt32(truncatingIfNeeded: key.word0 &>> UInt64(32 - min(bucket, 32)))
    }

    func slot(of key: Bytes32) -> Int? {
        let bucket = bucket(of: key)
        let prefix = Self.prefix(key, bucket: bucket)
        let start = bucket * bucketSize
        for slot in start..<start + Int(buckets[bucket].count) where prefixes[slot] == prefix {
            if entries[slot].peer?.id.kadKey == key { return slot }
        }
        return nil
    }

    private mutating func clearFailures(_ slot: Int) {
        guard entries[slot].failureCount > 0 else { return }
        entries[slot].failureCount = 0
        buckets[slot / bucketSize].failingCount -= 1
    }

    private mutating func setPeer(_ peer: KadPeer, at slot: Int, isPresentable: Bool) {
        guard entries[slot].peer !== peer.storage, !peer.addresses.isEmpty else { return }
        let group = limitedGroup(of: peer.storage)
        guard isWithinLimits(group, bucket: slot / bucketSize, replacing: slot) else { return }
        entries[slot].peer = peer.storage
        entries[slot].groupTag = Self.tag(group)
        entries[slot].isPresentable = isPresentable
    }

    private mutating func append(_ entry: RoutingEntry, key: Bytes32, to bucket: Int) {
        let slot = bucket * bucketSize + Int(buckets[bucket].count)
        prefixes[slot] = Self.prefix(key, bucket: bucket)
        entries[slot] = entry
        buckets[bucket].count += 1
        if entry.failureCount > 0 { buckets[bucket].failingCount += 1 }
        count += 1
    }

    /// Removes one entry; the last one of its bucket takes its slot.
    private mutating func removeEntry(at slot: Int, of bucket: Int) {
        if entries[slot].failureCount > 0 { buckets[bucket].failingCount -= 1 }
        let last = bucket * bucketSize + Int(buckets[bucket].count) - 1
        prefixes[slot] = prefixes[last]
        entries[slot] = entries[last]
        prefixes[last] = 0
        entries[last] = .empty
        buckets[bucket].count -= 1
        count -= 1
    }

    private mutating func appendBucket(refreshed time: CoarseTime) {
        let slotCount = (buckets.count + 1) * bucketSize
        prefixes.reserveCapacity(slotCount + BucketRanking.laneCount)
        prefixes.append(
            contentsOf: repeatElement(0, count: slotCount + BucketRanking.laneCount - prefixes.count))
        entries.reserveCapacity(slotCount)
        entries.append(contentsOf: repeatElement(.empty, count: bucketSize))
        buckets.reserveCapacity(buckets.count + 1)
        buckets.append(RoutingBucket(refreshed: time))
        if !waiting.isEmpty { makeRoomForWaiting() }
    }

    /// Moves the peers of the last bucket that share one bit more into a bucket of their own.
    private mutating func splitLastBucket() {
        let bucket = buckets.count - 1
        appendBucket(refreshed: buckets[bucket].refreshed)
        // Lookups so far went to the deeper half: towards the node itself.
        buckets[bucket].refreshed = CoarseTime()
        var slot = bucket * bucketSize
        while slot < bucket * bucketSize + Int(buckets[bucket].count) {
            guard let key = entries[slot].peer?.id.kadKey, self.bucket(of: key) > bucket else {
                slot += 1
                continue
            }
            let entry = entries[slot]
            removeEntry(at: slot, of: bucket)
            append(entry, key: key, to: bucket + 1)
        }
        splitWaiting(of: bucket)
    }
}
