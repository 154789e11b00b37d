import MeshCore

/// The search for the peers closest to a key.
extension RoutingTable {
    /// Writes the slots of the `count` peers closest to `target` into `output`, the closest first.
    ///
    /// Nothing is allocated once `output` has room for one bucket beyond `count`. Each bucket is one
    /// band of distances, so buckets are visited from the nearest band outwards and only those that contribute
    /// are sorted. With `onlyHealthy`, peers whose last request failed are left out; so is the peer with the key
    /// `excluded`.
    public func closest(
        to target: Bytes32, count: Int, onlyHealthy: Bool = false, excluding excluded: Bytes32? = nil,
        into output: inout [UInt64]
    ) {
        output.removeAll(keepingCapacity: true)
        let last = buckets.count - 1
        let difference = target ^ localKey
        let home = min(difference.leadingZeroBitCount, last)
        let without = excluded.flatMap { slot(of: $0) } ?? -1
        append(bucket: home, target, onlyHealthy, without, to: &output)
        if output.count < count, home < last {
            // Beyond the home bucket, bit j of the difference tells whether the peers of bucket j are closer
            // than all that share more bits with us, or farther than all of them.
            for bucket in home + 1..<last where output.count < count && difference.bit(bucket) {
                append(bucket: bucket, target, onlyHealthy, without, to: &output)
            }
            if output.count < count { append(bucket: last, target, onlyHealthy, without, to: &output) }
            for bucket in (home + 1..<last).reversed() where output.count < count && !difference.bit(bucket) {
                append(bucket: bucket, target, onlyHealthy, without, to: &output)
            }
        }
        var bucket = home - 1
        while bucket >= 0, output.count < count {
            append(bucket: bucket, target, onlyHealthy, without, to: &output)
            bucket -= 1
        }
        if output.count > count { output.removeLast(output.count - count) }
    }

    /// The `count` peers closest to `target`, the closest first.
    public func closestPeers(to target: Bytes32, count: Int, onlyHealthy: Bool = false) -> [KadPeer] {
        var slots: [UInt64] = []
        closest(to: target, count: count, onlyHealthy: onlyHealthy, into: &slots)
        return slots.compactMap { peer(atSlot: $0) }
    }

    /// Appends the slots of one bucket in order of their distance from `target`.
    private func append(
        bucket: Int, _ target: Bytes32, _ onlyHealthy: Bool, _ without: Int, to output: inout [UInt64]
    ) {
        let start = bucket * bucketSize
        let count = Int(buckets[bucket].count)
        let isPlain =
            count <= BucketRanking.laneCount && !(without >= start && without < start + count)
            && !(onlyHealthy && buckets[bucket].failingCount > 0)
        if isPlain,
            BucketRanking.append(
                start, count, of: prefixes, target: Self.prefix(target, bucket: bucket), to: &output)
        {
            return
        }
        appendOneByOne(start, count, target, onlyHealthy, without, to: &output)
    }

    /// Appends those slots of a bucket that are wanted, by their full distances.
    private func appendOneByOne(
        _ start: Int, _ count: Int, _ target: Bytes32, _ onlyHealthy: Bool, _ without: Int,
        to output: inout [UInt64]
    ) {
        let first = output.count
        for slot in start..<start + count {
            if slot == without || (onlyHealthy && entries[slot].failureCount > 0) { continue }
            var index = output.count
            output.append(UInt64(slot))
            while index > first, isCloser(slot, than: Int(output[index - 1]), target) {
                output[index] = output[index - 1]
                index -= 1
            }
            output[index] = UInt64(slot)
        }
    }

    /// Whether the peer in `left` is closer to `target` than the one in `right`, of the same bucket.
    private func isCloser(_ left: Int, than right: Int, _ target: Bytes32) -> Bool {
        let prefix = Self.prefix(target, bucket: left / bucketSize)
        let leftDistance = prefixes[left] ^ prefix
        let rightDistance = prefixes[right] ^ prefix
        if leftDistance != rightDistance { return leftDistance < rightDistance }
        guard let leftKey = entries[left].peer?.id.kadKey, let rightKey = entries[right].peer?.id.kadKey
        else {
            return false
        }
        return leftKey ^ target < rightKey ^ target
    }
}

extension Bytes32 {
    /// Bit `index`, counted from the most significant one.
    fileprivate func bit(_ index: Int) -> Bool {
        let word =
            switch index >> 6 {
            case 0: word0
            case 1: word1
            case 2: word2
            default: word3
            }
        return word >> UInt64(63 - index & 63) & 1 == 1
    }
}
