import MeshCore

/// Who has a session with whom: a few places for each node, in one array.
///
/// The place of a partner follows from its number, so a new session may displace an older one, as a bounded table of
/// sessions does. A session is idle from its last use on and expires.
struct SessionCache: Sendable {
    private let bits: UInt64
    private let lifetime: UInt64
    /// Partner plus one in the low half, last use in ticks of 65 ms in the high half; 0 is free.
    private var slots: [UInt64] = []

    private static let tickBits: UInt64 = 16

    init(sessionsPerNode: Int, lifetime: Duration, capacity: Int) {
        bits = UInt64(Int.bitWidth - max(sessionsPerNode - 1, 0).leadingZeroBitCount)
        self.lifetime = UInt64(max(lifetime.wholeNanoseconds / 1000, 0)) >> Self.tickBits
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
        return now >> Self.tickBits <= used + lifetime && used >= partnerStarted >> Self.tickBits
    }

    /// Notes that `node` and `partner` talk at `now`, from the side of `node`.
    mutating func note(_ node: Int, _ partner: UInt32, now: UInt64) {
        slots[index(node, partner)] = (now >> Self.tickBits) << 32 | (UInt64(partner) + 1)
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
