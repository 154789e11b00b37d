import MeshCore

/// Deadlines of numbered slots in a wheel of 512 lists: all operations take a few nanoseconds and no memory.
///
/// A tick is 2^23 ns (8.4 ms), so a deadline is met up to one tick late; the wheel spans 4.3 s, and what lies beyond
/// waits in its last list for another turn.
struct DatagramTimerWheel {
    private static let tickShift: UInt64 = 23
    private static let listCount: UInt64 = 512
    private static let none: Int32 = -1

    private struct Node {
        var deadline = Instant.zero
        var next = DatagramTimerWheel.none
        var previous = DatagramTimerWheel.none
        /// The list that the slot is in, or none.
        var list = DatagramTimerWheel.none
    }

    private var nodes: [Node] = []
    private var heads: [Int32] = []
    private var occupied = InlineArray<8, UInt64>(repeating: 0)
    /// No list before this tick has an entry.
    private var cursor: UInt64 = 0
    private(set) var count = 0

    /// The earliest time at which a slot may be due, or nil without one.
    var nextDeadline: Instant? {
        guard let tick = nextTick else { return nil }
        return Instant(nanoseconds: (tick + 1) << Self.tickShift)
    }

    /// Gives `slot` the deadline `deadline`, instead of any earlier one.
    mutating func set(_ slot: Int, at deadline: Instant, now: Instant) {
        if heads.isEmpty { heads = [Int32](repeating: Self.none, count: Int(Self.listCount)) }
        while nodes.count <= slot { nodes.append(Node()) }
        cancel(slot)
        if count == 0 { cursor = now.nanoseconds >> Self.tickShift }
        nodes[slot].deadline = deadline
        insert(slot)
        count += 1
    }

    /// Removes the deadline of `slot`, if any.
    mutating func cancel(_ slot: Int) {
        guard slot < nodes.count, nodes[slot].list != Self.none else { return }
        unlink(slot)
        count -= 1
    }

    /// Removes and gives a slot whose deadline has passed, or nil.
    mutating func popExpired(now: Instant) -> Int? {
        let end = now.nanoseconds >> Self.tickShift
        while count > 0, let tick = nextTick, tick < end {
            cursor = tick
            let slot = Int(heads[Int(tick % Self.listCount)])
            unlink(slot)
            if nodes[slot].deadline.nanoseconds >> Self.tickShift >= end {
                // It was put here because the wheel did not reach further.
                insert(slot)
                continue
            }
            count -= 1
            return slot
        }
        return nil
    }

    private var nextTick: UInt64? {
        guard count > 0 else { return nil }
        let first = Int(cursor % Self.listCount)
        var word = first / 64
        var bits = occupied[word] & (UInt64.max << UInt64(first % 64))
        for step in 0...8 {
            if bits != 0 {
                let list = UInt64(word * 64 + bits.trailingZeroBitCount)
                let distance = (list &- cursor) % Self.listCount
                return cursor + distance
            }
            word = (word + 1) % 8
            bits = occupied[word]
            // Back at the first word: only what lies before the cursor is left.
            if step == 7 { bits &= ~(UInt64.max << UInt64(first % 64)) }
        }
        return nil
    }

    private mutating func insert(_ slot: Int) {
        let tick = nodes[slot].deadline.nanoseconds >> Self.tickShift
        let reachable = min(max(tick, cursor), cursor + Self.listCount - 1)
        let list = Int(reachable % Self.listCount)
        nodes[slot].list = Int32(list)
        nodes[slot].previous = Self.none
        nodes[slot].next = heads[list]
        if heads[list] != Self.none { nodes[Int(heads[list])].previous = Int32(slot) }
        heads[list] = Int32(slot)
        occupied[list / 64] |= 1 << UInt64(list % 64)
    }

    private mutating func unlink(_ slot: Int) {
        let node = nodes[slot]
        let list = Int(node.list)
        if node.previous != Self.none {
            nodes[Int(node.previous)].next = node.next
        } else {
            heads[list] = node.next
            if node.next == Self.none { occupied[list / 64] &= ~(1 << UInt64(list % 64)) }
        }
        if node.next != Self.none { nodes[Int(node.next)].previous = node.previous }
        nodes[slot].list = Self.none
    }
}
