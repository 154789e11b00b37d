/// Which stream ids the peer has used: the newest, and a bitmap of those just before it.
///
/// Strict monotonicity would end connections to go-libp2p: its `OpenStream` takes the id and sends the SYN in
/// two steps, so two goroutines may send them in the other order. An id is accepted once, in any order within
/// the last ``window`` ids.
struct YamuxInboundIDs: Sendable {
    /// How far an id may lag behind the newest: the backlog of go-yamux, which bounds its concurrent opens,
    /// twice.
    static let window: UInt32 = 512

    /// The ordinal of the newest id, counted from 1; 0 before the first.
    private var newest: UInt32 = 0
    /// One bit for each ordinal, at the ordinal modulo the window.
    private var seen = [UInt64](repeating: 0, count: Int(window) / 64)

    /// Notes the id, whose parity the caller has checked; false when it was used before or lags too far.
    mutating func insert(_ id: UInt32) -> Bool {
        // Ids 1, 3, 5… and 2, 4, 6… both become 1, 2, 3…
        let ordinal = id / 2 + id % 2
        if ordinal > newest {
            let skipped = min(ordinal - newest, Self.window)
            for step in 0..<skipped { setBit(of: ordinal - step, to: false) }
            newest = ordinal
        } else if newest - ordinal >= Self.window || bit(of: ordinal) {
            return false
        }
        setBit(of: ordinal, to: true)
        return true
    }

    private func bit(of ordinal: UInt32) -> Bool {
        let position = Int(ordinal % Self.window)
        return seen[position / 64] >> UInt64(position % 64) & 1 == 1
    }

    private mutating func setBit(of ordinal: UInt32, to value: Bool) {
        let position = Int(ordinal % Self.window)
        let mask: UInt64 = 1 << UInt64(position % 64)
        if value { seen[position / 64] |= mask } else { seen[position / 64] &= ~mask }
    }
}
