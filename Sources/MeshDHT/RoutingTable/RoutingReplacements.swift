import MeshCore

/// Peers that wait for a place, and the liveness that decides who must make one.
extension RoutingTable {
    /// Keeps `peer` for the day when a place of its bucket becomes free; the oldest that waits makes room.
    public mutating func addReplacement(_ peer: KadPeer) {
        guard peer.kadKey != localKey, !contains(peer.kadKey) else { return }
        addReplacement(peer, to: bucket(of: peer.kadKey))
    }

    /// Removes and returns the peer that waits the shortest time for a place in the bucket of `key`.
    public mutating func takeReplacement(forBucketOf key: Bytes32) -> KadPeer? {
        replacements[bucket(of: key)].popLast()
    }

    /// Lets a peer that lost its place wait behind all others: what looked dead may have been the network.
    public mutating func addLastResort(_ peer: KadPeer) {
        let bucket = bucket(of: peer.kadKey)
        removeReplacement(peer.kadKey, from: bucket)
        guard replacements[bucket].count < maximumReplacements else { return }
        replacements[bucket].insert(peer, at: 0)
    }

    /// Removes and returns as many waiting peers as their buckets have free slots.
    public mutating func takeReplacementsForFreeSlots() -> [KadPeer] {
        var taken: [KadPeer] = []
        for bucket in fill.indices {
            let count = min(bucketSize - Int(fill[bucket]), replacements[bucket].count)
            taken += replacements[bucket].suffix(count).reversed()
            replacements[bucket].removeLast(count)
        }
        return taken
    }

    /// The number of peers that wait, of all buckets.
    public var replacementCount: Int { replacements.reduce(0) { $0 + $1.count } }

    /// Forgets the waiting peer with `key`.
    public mutating func removeReplacement(_ key: Bytes32) {
        removeReplacement(key, from: bucket(of: key))
    }

    /// Whether the bucket of `key` has no free slot and will not be split.
    public func isFull(bucketOf key: Bytes32) -> Bool {
        let bucket = bucket(of: key)
        return Int(fill[bucket]) == bucketSize && (bucket < fill.count - 1 || fill.count == 256)
    }

    /// The peer of the bucket of `key` that has been silent for longest, and when it was last alive.
    ///
    /// Peers that failed since they were last alive come first.
    public func leastRecentlySeen(inBucketOf key: Bytes32) -> (peer: KadPeer, lastSeen: Instant)? {
        let start = bucket(of: key) * bucketSize
        var oldest: Entry?
        for slot in start..<start + Int(fill[start / bucketSize]) {
            let entry = entries[slot]
            guard let current = oldest else {
                oldest = entry
                continue
            }
            let isWorse =
                entry.failureCount == current.failureCount
                ? entry.lastSeen < current.lastSeen : entry.failureCount > current.failureCount
            if isWorse { oldest = entry }
        }
        guard let oldest, let peer = oldest.peer else { return nil }
        return (KadPeer(storage: peer), oldest.lastSeen.instant)
    }

    /// The peers that were last alive before `time`, at most `limit` of them, bucket by bucket.
    public func peersSilent(since time: Instant, limit: Int) -> [KadPeer] {
        let time = CoarseTime(time)
        var silent: [KadPeer] = []
        for entry in entries where entry.lastSeen < time || entry.failureCount > 0 {
            guard silent.count < limit else { break }
            if let peer = entry.peer { silent.append(KadPeer(storage: peer)) }
        }
        return silent
    }

    /// Notes that a lookup went towards `key`.
    public mutating func noteLookup(towards key: Bytes32, now: Instant) {
        refreshed[bucket(of: key)] = CoarseTime(now)
    }

    /// The buckets through which no lookup has gone since `time`, ascending.
    public func bucketsNotRefreshed(since time: Instant) -> [Int] {
        let time = CoarseTime(time)
        return refreshed.indices.filter { refreshed[$0] < time || refreshed[$0] == CoarseTime() }
    }

    mutating func addReplacement(_ peer: KadPeer, to bucket: Int) {
        removeReplacement(peer.kadKey, from: bucket)
        guard maximumReplacements > 0 else { return }
        if replacements[bucket].count == maximumReplacements { replacements[bucket].removeFirst() }
        replacements[bucket].append(peer)
    }

    mutating func removeReplacement(_ key: Bytes32, from bucket: Int) {
        guard let index = replacements[bucket].firstIndex(where: { $0.kadKey == key }) else { return }
        replacements[bucket].remove(at: index)
    }
}
