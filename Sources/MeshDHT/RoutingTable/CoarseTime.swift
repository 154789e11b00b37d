import MeshCore

/// A point of the machine's clock in tenths of a second: four bytes that last for thirteen years.
struct CoarseTime: Hashable, Comparable, Sendable {
    private static let nanosecondsPerTick: UInt64 = 100_000_000

    var ticks: UInt32 = 0

    init() {}

    init(_ instant: Instant) {
        ticks = UInt32(clamping: instant.nanoseconds / Self.nanosecondsPerTick)
    }

    var instant: Instant { Instant(nanoseconds: UInt64(ticks) * Self.nanosecondsPerTick) }

    static func < (left: CoarseTime, right: CoarseTime) -> Bool { left.ticks < right.ticks }
}
