/// What an event of the queue means: a kind, a place in the slab or the list that the kind names, and a stamp by
/// which an event notices that it is no longer wanted.
struct SimulatedEvent: Equatable, Sendable {
    enum Kind: UInt8, Sendable {
        /// The request of an exchange reaches its target.
        case request
        /// The answer of an exchange reaches the one that asked.
        case answer
        /// An attempt of an exchange was not answered in time.
        case timeout
        /// A node wants to look at the clock.
        case deadline
        /// A planned action is due.
        case action
    }

    var kind: Kind
    var index: UInt32
    /// 24 bits.
    var stamp: UInt32

    static let stampMask: UInt32 = 0xff_ffff

    init(_ kind: Kind, _ index: UInt32, stamp: UInt32 = 0) {
        self.kind = kind
        self.index = index
        self.stamp = stamp & Self.stampMask
    }

    init(packed: UInt64) {
        // Only what `packed` made comes back.
        kind = Kind(rawValue: UInt8(truncatingIfNeeded: packed)) ?? .deadline
        stamp = UInt32(truncatingIfNeeded: packed >> 8) & Self.stampMask
        index = UInt32(truncatingIfNeeded: packed >> 32)
    }

    var packed: UInt64 { UInt64(index) << 32 | UInt64(stamp) << 8 | UInt64(kind.rawValue) }
}
