import MeshCore

/// The search for the peers closest to a key.
extension RoutingTable {
    /// Bits of a sort key that hold the position in the bucket; bucketSize fits in them.
    private static var positionMask: UInt64 { 0xff }

    /// Writes the slots of the `count` peers closest to `target` into `output`, the closest first.
    ///
    /// Nothing is allocated once `output` has room for one bucket beyond `count`. Each bucket is one
    /// band of distances, so buckets are visited from the nearest band outwards and only those that contribute
    /// are sorted. With `onlyHealthy`, peers whose last request failed are left out.
    public func closest(
        to target: Bytes32, count: Int, onlyHealthy: Bool = false, into output: inout [UInt64]
    ) {
        output.removeAll(keepingCapacity: true)
        let last = fill.count - 1
        let difference = target ^ localKey
        let home = min(difference.leadingZeroBitCount, last)
        append(bucket: home, target, onlyHealthy, to: &output)
        if home < last {
            // Beyond the home bucket, bit j of the difference tells whether the peers of bucket j are closer
            // than all that share more bits with us, or farther than all of them.
            for bucket in home + 1..<last where output.count < count && difference.bit(bucket) {
                append(bucket: bucket, target, onlyHealthy, to: &output)
            }
            if output.count < count { append(bucket: last, target, onlyHealthy, to: &output) }
            for bucket in (home + 1..<last).reversed() where output.count < count && !difference.bit(bucket) {
                append(bucket: bucket, target, onlyHealthy, to: &output)
            }
        }
        for bucket in (0..<home).reversed() where output.count < count {
            append(bucket: bucket, target, onlyHealthy, to: &output)
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
    private func append(bucket: Int, _ target: Bytes32, _ onlyHealthy: Bool, to output: inout [UInt64]) {
        let start = bucket * bucketSize
        let first = output.count
        // The distances of a bucket agree in their first `bucket` bits: shifting those out leaves the 56 bits
        // below to decide, and the lowest eight to say whose distance it is. Peers that agree in all of
        // those, which takes 2^56 hashes to make, come in the order of their slots.
        let shift = UInt64(min(bucket, 63))
        for position in 0..<Int(fill[bucket]) {
            if onlyHealthy, entries[start + position].failureCount > 0 { continue }
            let distance = (prefixes[start + position] ^ target.word0) << shift
            var index = output.count
            let sortKey = distance & ~Self.positionMask | UInt64(position)
            output.append(sortKey)
            while index > first, output[index - 1] > sortKey {
                output[index] = output[index - 1]
                index -= 1
            }
            output[index] = sortKey
        }
        for index in first..<output.count {
            output[index] = UInt64(start) + (output[index] & Self.positionMask)
        }
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
