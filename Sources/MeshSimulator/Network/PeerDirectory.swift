import MeshCore

/// Finds nodes by identity: an open-addressing table over the first word of the key, which is uniform already.
///
/// A dictionary would do, but hashes anew what is a hash, and seeds that by process. The first word decides: two of
/// 2^32 random keys agree in it with a probability of one half, and a simulation has fewer.
struct PeerDirectory: Sendable {
    private struct Slot: Sendable {
        var word: UInt64
        /// The node plus one; 0 is free.
        var node: UInt32
    }

    private var slots: [Slot]
    private var shift: UInt64
    private(set) var count = 0

    init(capacity: Int) {
        let bits = max(Int.bitWidth - max(2 * capacity - 1, 1).leadingZeroBitCount, 4)
        slots = Array(repeating: Slot(word: 0, node: 0), count: 1 << bits)
        shift = UInt64(64 - bits)
    }

    /// The node whose key is `key`.
    func node(_ key: Bytes32) -> UInt32? {
        var place = Int(key.word0 >> shift)
        while slots[place].node != 0 {
            if slots[place].word == key.word0 { return slots[place].node - 1 }
            place = (place + 1) & (slots.count - 1)
        }
        return nil
    }

    mutating func insert(_ node: UInt32, key: Bytes32) {
        if 2 * (count + 1) > slots.count { grow() }
        put(Slot(word: key.word0, node: node + 1))
        count += 1
    }

    private mutating func put(_ slot: Slot) {
        var place = Int(slot.word >> shift)
        while slots[place].node != 0 { place = (place + 1) & (slots.count - 1) }
        slots[place] = slot
    }

    private mutating func grow() {
        let old = slots
        slots = Array(repeating: Slot(word: 0, node: 0), count: 2 * old.count)
        shift -= 1
        for slot in old where slot.node != 0 { put(slot) }
    }
}
