import MeshCore
import MeshMultiformats

/// Finds nodes by identity: an open-addressing table over the first word of the key, which is uniform already.
///
/// A dictionary would do, but hashes anew what is a hash, and seeds that by process.
struct PeerDirectory: Sendable {
    private struct Slot: Sendable {
        /// The low half of the first word of the key.
        var check: UInt32
        /// The node plus one; 0 is free.
        var node: UInt32
    }

    private var slots: [Slot]
    private var shift: UInt64
    private(set) var count = 0

    init(capacity: Int) {
        let bits = max(Int.bitWidth - max(2 * capacity - 1, 1).leadingZeroBitCount, 4)
        slots = Array(repeating: Slot(check: 0, node: 0), count: 1 << bits)
        shift = UInt64(64 - bits)
    }

    /// The nodes whose key may be `key`: nearly always the one, or none.
    func candidate(_ key: Bytes32, where isNode: (UInt32) -> Bool) -> UInt32? {
        var place = Int(key.word0 >> shift)
        let check = UInt32(truncatingIfNeeded: key.word0)
        while slots[place].node != 0 {
            if slots[place].check == check, isNode(slots[place].node - 1) { return slots[place].node - 1 }
            place = (place + 1) & (slots.count - 1)
        }
        return nil
    }

    mutating func insert(_ node: UInt32, key: Bytes32, keyOf: (UInt32) -> Bytes32) {
        if 2 * (count + 1) > slots.count { grow(keyOf) }
        put(node, key)
        count += 1
    }

    private mutating func put(_ node: UInt32, _ key: Bytes32) {
        var place = Int(key.word0 >> shift)
        while slots[place].node != 0 { place = (place + 1) & (slots.count - 1) }
        slots[place] = Slot(check: UInt32(truncatingIfNeeded: key.word0), node: node + 1)
    }

    private mutating func grow(_ keyOf: (UInt32) -> Bytes32) {
        let old = slots
        slots = Array(repeating: Slot(check: 0, node: 0), count: 2 * old.count)
        shift -= 1
        for slot in old where slot.node != 0 { put(slot.node - 1, keyOf(slot.node - 1)) }
    }
}
