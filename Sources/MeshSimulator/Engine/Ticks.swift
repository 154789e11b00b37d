import MeshCore

/// The grain of virtual time: 2^14 ns, about 16 µs.
///
/// Events of one tick happen in the order in which they were scheduled. No latency is near so short, and the slots of a
/// second of ticks fit into a processor's cache, which those of a second of microseconds do not.
enum Ticks {
    private static let nanosecondBits: UInt64 = 14

    /// The tick in which `instant` lies.
    static func of(_ instant: Instant) -> UInt64 { instant.nanoseconds >> nanosecondBits }

    /// The first tick that is not before `instant`.
    static func notBefore(_ instant: Instant) -> UInt64 {
        let (sum, overflow) = instant.nanoseconds.addingReportingOverflow(1 << nanosecondBits - 1)
        return (overflow ? .max : sum) >> nanosecondBits
    }

    /// Whole ticks of a duration that is not negative.
    static func of(_ duration: Duration) -> UInt64 {
        UInt64(max(duration.wholeNanoseconds, 0)) >> nanosecondBits
    }

    /// The number of ticks of `milliseconds`.
    static func of(milliseconds: Double) -> UInt64 {
        UInt64(milliseconds * (1_000_000 / Double(1 << nanosecondBits)))
    }

    /// The start of a tick.
    static func instant(_ tick: UInt64) -> Instant { Instant(nanoseconds: tick << nanosecondBits) }
}
