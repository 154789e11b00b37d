import MeshCore

/// The peers that a node knows, by the length of the prefix that their keys share with the node's own.
///
/// Bucket `i` holds peers that share exactly `i` bits; the last bucket holds all that share more, and is split
/// when it is full, so a node of a network of N peers has about log2(N/k) + 1 buckets. Storage is two arrays
/// with `bucketSize` slots a bucket: 64-bit key prefixes, which decide nearly every comparison, and entries of
/// 16 bytes. Nothing here decides whom to trust: the machine inserts peers that have answered, and only those.
///
/// Slots are positions in that storage; any change of the table invalidates them.
public struct RoutingTable: Sendable {
    /// One peer and what is known of its liveness.
    struct Entry: Sendable {
        /// Nil in slots that are not in use.
        var peer: KadPeer.Storage?
        /// When the peer answered or asked last.
        var lastSeen: CoarseTime
        /// Requests that failed since.
        var failureCount: UInt8

        static let empty = Entry(peer: nil, lastSeen: CoarseTime(), failureCount: 0)
    }

    /// What became of a peer that was offered.
    public enum Insertion: Hashable, Sendable {
        /// It is in the table now.
        case inserted
        /// It was there already; its addresses and liveness are refreshed.
        case refreshed
        /// Its bucket is full of other peers; it waits as a replacement.
        case bucketFull
        /// It is the node itself.
        case refused
    }

    /// The key of the node that owns the table.
    public let localKey: Bytes32
    /// The most peers of a bucket: the k of Kademlia.
    public let bucketSize: Int
    /// The most peers that wait for a place in one bucket.
    public let maximumReplacements: Int
    /// The number of peers.
    public private(set) var count = 0

    var prefixes: [UInt64] = []
    var entries: [Entry] = []
    var fill: [UInt8] = []
    /// Peers without a place, by bucket, the newest last.
    var replacements: [[KadPeer]] = []
    /// When a lookup last went through the key range of a bucket.
    var refreshed: [CoarseTime] = []

    /// Creates an empty table; `bucketSize` is clamped to 1...255.
    public init(localKey: Bytes32, bucketSize: Int, maximumReplacements: Int) {
        self.localKey = localKey
        self.bucketSize = min(max(bucketSize, 1), 255)
        self.maximumReplacements = max(maximumReplacements, 0)
        appendBucket(refreshed: CoarseTime())
    }

    /// The number of buckets that are in use.
    public var bucketCount: Int { fill.count }

    /// The number of peers in bucket `index`.
    public func peerCount(inBucket index: Int) -> Int { Int(fill[index]) }

    /// The bucket that `key` belongs to.
    public func bucket(of key: Bytes32) -> Int {
        min((key ^ localKey).leadingZeroBitCount, fill.count - 1)
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

    /// All peers, bucket by bucket.
    public var peers: [KadPeer] { entries.compactMap { $0.peer.map(KadPeer.init(storage:)) } }

    /// Inserts or refreshes a peer that has answered at `now`.
    public mutating func insert(_ peer: KadPeer, now: Instant) -> Insertion {
        let key = peer.kadKey
        guard key != localKey else { return .refused }
        let time = CoarseTime(now)
        if let slot = slot(of: key) {
            entries[slot].lastSeen = time
            entries[slot].failureCount = 0
            if !peer.addresses.isEmpty, entries[slot].peer !== peer.storage {
                entries[slot].peer = peer.storage
            }
            return .refreshed
        }
        while true {
            let bucket = bucket(of: key)
            if fill[bucket] < bucketSize {
                removeReplacement(key, from: bucket)
                append(Entry(peer: peer.storage, lastSeen: time, failureCount: 0), key: key, to: bucket)
                return .inserted
            }
            guard bucket == fill.count - 1, fill.count < 256 else {
                addReplacement(peer, to: bucket)
                return .bucketFull
            }
            splitLastBucket()
        }
    }

    /// Notes that the peer with `key` was alive at `now`; false when it is not in the table.
    public mutating func touch(_ key: Bytes32, now: Instant) -> Bool {
        guard let slot = slot(of: key) else { return false }
        entries[slot].lastSeen = CoarseTime(now)
        entries[slot].failureCount = 0
        return true
    }

    /// Gives the peer with `key` other addresses; false when it is not in the table.
    public mutating func setAddresses(of peer: KadPeer) -> Bool {
        guard let slot = slot(of: peer.kadKey) else { return false }
        if !peer.addresses.isEmpty { entries[slot].peer = peer.storage }
        return true
    }

    /// Notes that a request to the peer with `key` failed; gives the failures in a row, 0 when it is unknown.
    public mutating func recordFailure(_ key: Bytes32) -> Int {
        guard let slot = slot(of: key) else { return 0 }
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

    func slot(of key: Bytes32) -> Int? {
        let bucket = bucket(of: key)
        let start = bucket * bucketSize
        for slot in start..<start + Int(fill[bucket]) where prefixes[slot] == key.word0 {
            if entries[slot].peer?.id.kadKey == key { return slot }
        }
        return nil
    }

    private mutating func append(_ entry: Entry, key: Bytes32, to bucket: Int) {
        let slot = bucket * bucketSize + Int(fill[bucket])
        prefixes[slot] = key.word0
        entries[slot] = entry
        fill[bucket] += 1
        count += 1
    }

    /// Removes one entry; the last one of its bucket takes its slot.
    private mutating func removeEntry(at slot: Int, of bucket: Int) {
        let last = bucket * bucketSize + Int(fill[bucket]) - 1
        prefixes[slot] = prefixes[last]
        entries[slot] = entries[last]
        prefixes[last] = 0
        entries[last] = .empty
        fill[bucket] -= 1
        count -= 1
    }

    private mutating func appendBucket(refreshed time: CoarseTime) {
        prefixes.reserveCapacity(prefixes.count + bucketSize)
        entries.reserveCapacity(entries.count + bucketSize)
        prefixes.append(contentsOf: repeatElement(0, count: bucketSize))
        entries.append(contentsOf: repeatElement(.empty, count: bucketSize))
        fill.append(0)
        replacements.append([])
        refreshed.append(time)
    }

    /// Moves the peers of the last bucket that share one bit more into a bucket of their own.
    private mutating func splitLastBucket() {
        let bucket = fill.count - 1
        appendBucket(refreshed: refreshed[bucket])
        var slot = bucket * bucketSize
        while slot < bucket * bucketSize + Int(fill[bucket]) {
            guard let key = entries[slot].peer?.id.kadKey, self.bucket(of: key) > bucket else {
                slot += 1
                continue
            }
            let entry = entries[slot]
            removeEntry(at: slot, of: bucket)
            append(entry, key: key, to: bucket + 1)
        }
        let waiting = replacements[bucket]
        replacements[bucket] = waiting.filter { self.bucket(of: $0.kadKey) == bucket }
        replacements[bucket + 1] = waiting.filter { self.bucket(of: $0.kadKey) > bucket }
    }
}
