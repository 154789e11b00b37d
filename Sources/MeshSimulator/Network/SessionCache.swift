import MeshCore

/// Who has a session with whom: a few places for each node, in one array.
///
/// The place of a partner follows from its number, so a new session may displace an older one, as a bounded table of
/// sessions does. A session is idle from its last use on and expires.
struct SessionCache: Sendable {
    private let bits: UInt64
    private let lifetime: UInt64
    /// Partner plus one in the low half, last use in units of 67 ms in the high half; 0 is free.
    private var slots: [UInt64] = []

    /// Clock ticks of one unit, as a power of two.
    private static let unitBits: UInt64 = 12

    init(sessionsPerNode: Int, lifetime: Duration, capacity: Int) {
        bits = UInt64(Int.bitWidth - max(sessionsPerNode - 1, 0).leadingZeroBitCount)
        self.lifetime = Ticks.of(lifetime) >> Self.unitBits
        slots.reserveCapacity(capacity << Int(bits))
    }

    mutating func appendNode() {
        slots.append(contentsOf: repeatElement(0, count: 1 << Int(bits)))
    }

    /// Whether `node` has a session with `partner` that is not older than the partner's last start.
    func isWarm(_ node: Int, _ partner: UInt32, partnerStarted: UInt64, now: UInt64) -> Bool {
        let slot = slots[index(node, partner)]
        guard slot & 0xffff_ffff == UInt64(partner) + 1 else { return false }
        let used = slot >> 32
        return now >> Self.unitBits <= used + lifetime && used >= partnerStarted >> Self.unitBits
    }

    /// Notes that `node` and `partner` talk at `now`, from the side of `node`.
    mutating func note(_ node: Int, _ partner: UInt32, now: UInt64) {
        slots[index(node, partner)] = (now >> Self.unitBits) << 32 | (UInt64(partner) + 1)
    }

    /// Forgets the session of `node` with `partner`.
    mutating func remove(_ node: Int, _ partner: UInt32) {
        let place = index(node, partner)
        if slots[place] & 0xffff_ffff == UInt64(partner) + 1 { slots[place] = 0 }
    }

    /// Forgets all sessions of `node`.
    mutating func removeAll(_ node: Int) {
        let first = node << Int(bits)
        for place in first..<first + 1 << Int(bits) { slots[place] = 0 }
    }

    private func index(_ node: Int, _ partner: UInt32) -> Int {
        guard bits > 0 else { return node }
        // Fibonacci hashing (Knuth, volume 3, 6.4).
        let hash = UInt64(partner) &* 0x9e37_79b9_7f4a_7c15
        return node << Int(bits) + Int(hash >> (64 - bits))
    }
}
