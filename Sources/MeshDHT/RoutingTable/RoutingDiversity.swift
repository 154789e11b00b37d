import MeshCore

/// How many peers of one address group the table holds.
extension RoutingTable {
    /// The group of a peer, or none when it is not limited.
    func limitedGroup(of peer: KadPeer.Storage) -> AddressGroup {
        guard case .limited = diversity else { return .none }
        return AddressGroup(rawValue: peer.group.counted(privateToo: countsPrivateAddresses))
    }

    /// Sixteen bits of a group, never those of none: different groups rarely share them.
    static func tag(_ group: AddressGroup) -> UInt16 {
        guard group != .none else { return 0 }
        return max(UInt16(truncatingIfNeeded: group.rawValue ^ group.rawValue >> 16), 1)
    }

    /// Whether one more peer of `group` may come into `bucket`, when the one in the slot `replaced` leaves.
    func isWithinLimits(_ group: AddressGroup, bucket: Int, replacing replaced: Int?) -> Bool {
        guard case .limited(let perTable, let perBucket) = diversity, group != .none else { return true }
        let tag = Self.tag(group)
        let start = bucket * bucketSize
        var inTable = 0
        var inBucket = 0
        for slot in entries.indices where entries[slot].groupTag == tag {
            guard slot != replaced, let peer = entries[slot].peer, peer.group == group else { continue }
            inTable += 1
            if slot >= start, slot < start + bucketSize { inBucket += 1 }
        }
        return inTable < perTable && inBucket < perBucket
    }
}
