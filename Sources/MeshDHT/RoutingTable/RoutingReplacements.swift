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
        takeNewestWaiting(of: bucket(of: key))
    }

    /// Lets a peer that lost its place wait behind all others: what looked dead may have been the network.
    public mutating func addLastResort(_ peer: KadPeer) {
        let bucket = bucket(of: peer.kadKey)
        removeReplacement(peer.kadKey, from: bucket)
        let count = Int(buckets[bucket].waitingCount)
        guard count < maximumReplacements else { return }
        if waiting.isEmpty { makeRoomForWaiting() }
        let first = (Int(buckets[bucket].firstWaiting) + maximumReplacements - 1) % maximumReplacements
        buckets[bucket].firstWaiting = UInt8(first)
        buckets[bucket].waitingCount += 1
        setWaiting(peer.storage, bucket: bucket, position: 0)
    }

    /// Removes and returns as many waiting peers as their buckets have free slots.
    public mutating func takeReplacementsForFreeSlots() -> [KadPeer] {
        var taken: [KadPeer] = []
        for bucket in buckets.indices {
            for _ in 0..<max(bucketSize - Int(buckets[bucket].count), 0) {
                guard let peer = takeNewestWaiting(of: bucket) else { break }
                taken.append(peer)
            }
        }
        return taken
    }

    /// The number of peers that wait, of all buckets.
    public var replacementCount: Int { buckets.reduce(0) { $0 + Int($1.waitingCount) } }

    /// Forgets the waiting peer with `key`.
    public mutating func removeReplacement(_ key: Bytes32) {
        removeReplacement(key, from: bucket(of: key))
    }

    /// Whether the bucket of `key` has no free slot and will not be split.
    public func isFull(bucketOf key: Bytes32) -> Bool {
        let bucket = bucket(of: key)
        return Int(buckets[bucket].count) == bucketSize
            && (bucket < buckets.count - 1 || buckets.count == 256)
    }

    /// The peer of the bucket of `key` that has been silent for longest, and when it was last alive.
    ///
    /// Peers that failed since they were last alive come first.
    public func leastRecentlySeen(inBucketOf key: Bytes32) -> (peer: KadPeer, lastSeen: Instant)? {
        let bucket = bucket(of: key)
        let start = bucket * bucketSize
        guard buckets[bucket].count > 0 else { return nil }
        var oldest = start
        for slot in start + 1..<start + Int(buckets[bucket].count) {
            let isWorse =
                entries[slot].failureCount == entries[oldest].failureCount
                ? entries[slot].lastSeen < entries[oldest].lastSeen
                : entries[slot].failureCount > entries[oldest].failureCount
            if isWorse { oldest = slot }
        }
        guard let peer = entries[oldest].peer else { return nil }
        return (KadPeer(storage: peer), entries[oldest].lastSeen.instant)
    }

    /// The peers that were last alive before `time`, at most `limit` of them, bucket by bucket.
    public func peersSilent(since time: Instant, limit: Int) -> [KadPeer] {
        let time = CoarseTime(time)
        var silent: [KadPeer] = []
        for slot in entries.indices where entries[slot].lastSeen < time || entries[slot].failureCount > 0 {
            guard silent.count < limit else { break }
            if let peer = entries[slot].peer { silent.append(KadPeer(storage: peer)) }
        }
        return silent
    }

    /// Notes that a lookup went towards `key`.
    public mutating func noteLookup(towards key: Bytes32, now: Instant) {
        buckets[bucket(of: key)].refreshed = CoarseTime(now)
    }

    /// The buckets through which no lookup has gone since `time`, ascending.
    public func bucketsNotRefreshed(since time: Instant) -> [Int] {
        let time = CoarseTime(time)
        return buckets.indices.filter {
            buckets[$0].refreshed < time || buckets[$0].refreshed == CoarseTime()
        }
    }

    // MARK: Rings

    mutating func addReplacement(_ peer: KadPeer, to bucket: Int) {
        guard maximumReplacements > 0 else { return }
        if waiting.isEmpty { makeRoomForWaiting() }
        removeReplacement(peer.kadKey, from: bucket)
        if Int(buckets[bucket].waitingCount) == maximumReplacements {
            // The newest takes the place of the oldest.
            let first = Int(buckets[bucket].firstWaiting) + 1
            buckets[bucket].firstWaiting = UInt8(first == maximumReplacements ? 0 : first)
            buckets[bucket].waitingCount -= 1
        }
        buckets[bucket].waitingCount += 1
        setWaiting(peer.storage, bucket: bucket, position: Int(buckets[bucket].waitingCount) - 1)
    }

    mutating func removeReplacement(_ key: Bytes32, from bucket: Int) {
        guard buckets[bucket].waitingCount > 0 else { return }
        let prefix = Self.prefix(key, bucket: bucket)
        let start = bucket * maximumReplacements
        // Places without a peer may hold any prefix.
        for slot in start..<start + maximumReplacements where waitingPrefixes[slot] == prefix {
            guard waiting[slot]?.id.kadKey == key else { continue }
            return removeWaiting(at: slot - start, of: bucket)
        }
    }

    /// Empties one place of the ring; those who came later move up.
    private mutating func removeWaiting(at index: Int, of bucket: Int) {
        let last = Int(buckets[bucket].waitingCount) - 1
        let first = Int(buckets[bucket].firstWaiting)
        let position = index >= first ? index - first : index - first + maximumReplacements
        for newer in position..<last {
            let slots = (waitingSlot(bucket, newer), waitingSlot(bucket, newer + 1))
            waiting.swapAt(slots.0, slots.1)
            waitingPrefixes.swapAt(slots.0, slots.1)
        }
        waiting[waitingSlot(bucket, last)] = nil
        buckets[bucket].waitingCount -= 1
    }

    /// Gives every bucket room for those that wait.
    mutating func makeRoomForWaiting() {
        let slotCount = buckets.count * maximumReplacements
        waiting.reserveCapacity(slotCount)
        waiting.append(contentsOf: repeatElement(nil, count: slotCount - waiting.count))
        waitingPrefixes.reserveCapacity(slotCount)
        waitingPrefixes.append(contentsOf: repeatElement(0, count: slotCount - waitingPrefixes.count))
    }

    /// Divides the waiting peers of a bucket that was split; the oldest stay the oldest.
    mutating func splitWaiting(of bucket: Int) {
        var all: [KadPeer] = []
        while let peer = takeNewestWaiting(of: bucket) { all.append(peer) }
        for peer in all.reversed() { addReplacement(peer, to: self.bucket(of: peer.kadKey)) }
    }

    private mutating func takeNewestWaiting(of bucket: Int) -> KadPeer? {
        guard buckets[bucket].waitingCount > 0 else { return nil }
        let slot = waitingSlot(bucket, Int(buckets[bucket].waitingCount) - 1)
        buckets[bucket].waitingCount -= 1
        let peer = waiting[slot].map(KadPeer.init(storage:))
        waiting[slot] = nil
        return peer
    }

    private mutating func setWaiting(_ peer: KadPeer.Storage, bucket: Int, position: Int) {
        let slot = waitingSlot(bucket, position)
        waiting[slot] = peer
        waitingPrefixes[slot] = Self.prefix(peer.id.kadKey, bucket: bucket)
    }

    /// Where the peer lies that `position` others have waited longer than.
    private func waitingSlot(_ bucket: Int, _ position: Int) -> Int {
        var index = Int(buckets[bucket].firstWaiting) + position
        if index >= maximumReplacements { index -= maximumReplacements }
        return bucket * maximumReplacements + index
    }
}
