/// Where to find a slot by a 64-bit key: open addressing in two flat arrays of 12 bytes a cell.
///
/// Keys are unique. The hash is mixed with a secret, so that a peer that chooses keys cannot make them collide.
struct DatagramSlotIndex {
    private static let free = UInt32.max

    private var keys: [UInt64] = []
    private var slots: [UInt32] = []
    private(set) var count = 0
    private let secret: UInt64

    init(secret: UInt64) {
        self.secret = secret
    }

    /// The bytes that the index takes.
    var byteCount: Int { keys.capacity * 8 + slots.capacity * 4 }

    /// The slot of `key`, or nil.
    func find(_ key: UInt64) -> Int? {
        guard count > 0 else { return nil }
        let mask = keys.count - 1
        var cell = start(of: key, mask: mask)
        while slots[cell] != Self.free {
            if keys[cell] == key { return Int(slots[cell]) }
            cell = (cell + 1) & mask
        }
        return nil
    }

    /// Adds `key`, or gives it another slot.
    mutating func set(_ key: UInt64, _ slot: Int) {
        if (count + 1) * 4 > keys.count * 3 { resize(to: max(8, keys.count * 2)) }
        let mask = keys.count - 1
        var cell = start(of: key, mask: mask)
        while slots[cell] != Self.free {
            if keys[cell] == key { break }
            cell = (cell + 1) & mask
        }
        if slots[cell] == Self.free { count += 1 }
        keys[cell] = key
        slots[cell] = UInt32(slot)
    }

    /// Removes `key`, if it is there.
    mutating func remove(_ key: UInt64) {
        guard count > 0 else { return }
        let mask = keys.count - 1
        var cell = start(of: key, mask: mask)
        while slots[cell] != Self.free, keys[cell] != key { cell = (cell + 1) & mask }
        guard slots[cell] != Self.free else { return }
        count -= 1
        closeGap(cell, mask: mask)
        if keys.count > 64, count * 8 < keys.count { resize(to: keys.count / 2) }
    }

    /// Moves back what was displaced over `hole`, so that no search ends too early.
    private mutating func closeGap(_ hole: Int, mask: Int) {
        var hole = hole
        var cell = (hole + 1) & mask
        while slots[cell] != Self.free {
            let home = start(of: keys[cell], mask: mask)
            if (cell - home) & mask >= (cell - hole) & mask {
                keys[hole] = keys[cell]
                slots[hole] = slots[cell]
                hole = cell
            }
            cell = (cell + 1) & mask
        }
        slots[hole] = Self.free
    }

    private mutating func resize(to cellCount: Int) {
        let oldKeys = keys
        let oldSlots = slots
        keys = [UInt64](repeating: 0, count: cellCount)
        slots = [UInt32](repeating: Self.free, count: cellCount)
        count = 0
        for (key, slot) in zip(oldKeys, oldSlots) where slot != Self.free { set(key, Int(slot)) }
    }

    /// Multiply-xorshift with a secret (the finaliser of MurmurHash3).
    @inline(__always)
    private func start(of key: UInt64, mask: Int) -> Int {
        var hash = (key ^ secret) &* 0xff51_afd7_ed55_8ccd
        hash = (hash ^ (hash >> 33) ^ secret) &* 0xc4ce_b9fe_1a85_ec53
        return Int(truncatingIfNeeded: hash ^ (hash >> 29)) & mask
    }
}
