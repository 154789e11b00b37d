/// A point on a monotonic clock, in nanoseconds since an origin that the driver chose.
///
/// State machines never read a clock: the driver passes `now`. Simulations start at zero.
@frozen
public struct Instant: Hashable, Comparable, Sendable {
    /// Nanoseconds since the origin.
    public var nanoseconds: UInt64

    /// Creates the point `nanoseconds` after the origin.
    @inlinable
    public init(nanoseconds: UInt64) {
        self.nanoseconds = nanoseconds
    }

    /// The origin of the clock.
    public static let zero = Instant(nanoseconds: 0)

    /// Later than anything that happens.
    public static let distantFuture = Instant(nanoseconds: .max)

    /// The time from `earlier` to this point; zero when `earlier` is later.
    @inlinable
    public func duration(since earlier: Instant) -> Duration {
        nanoseconds <= earlier.nanoseconds ? .zero : .nanoseconds(nanoseconds - earlier.nanoseconds)
    }

    /// Orders by time.
    @inlinable
    public static func < (left: Instant, right: Instant) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    /// The point `duration` later, saturating at both ends of the clock.
    @inlinable
    public static func + (instant: Instant, duration: Duration) -> Instant {
        let delta = duration.wholeNanoseconds
        if delta >= 0 {
            let (sum, overflow) = instant.nanoseconds.addingReportingOverflow(UInt64(delta))
            return overflow ? .distantFuture : Instant(nanoseconds: sum)
        }
        let magnitude = delta.magnitude
        return Instant(nanoseconds: instant.nanoseconds > magnitude ? instant.nanoseconds - magnitude : 0)
    }
}

extension Duration {
    /// The duration in nanoseconds, saturated to what an `Int64` holds (292 years).
    @inlinable
    public var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        guard !overflow else { return seconds < 0 ? .min : .max }
        let (sum, sumOverflow) = product.addingReportingOverflow(attoseconds / 1_000_000_000)
        return sumOverflow ? (seconds < 0 ? .min : .max) : sum
    }

    /// The duration in milliseconds, with fractions.
    @inlinable
    public var milliseconds: Double { Double(wholeNanoseconds) / 1_000_000 }
}

/// A point in civil time: seconds since 1970-01-01T00:00:00Z, as records on the wire carry it.
@frozen
public struct UnixTime: Hashable, Comparable, Sendable {
    /// Seconds since the epoch, without leap seconds.
    public var seconds: UInt64

    /// Creates the point `seconds` after the epoch.
    @inlinable
    public init(seconds: UInt64) {
        self.seconds = seconds
    }

    /// Orders by time.
    @inlinable
    public static func < (left: UnixTime, right: UnixTime) -> Bool {
        left.seconds < right.seconds
    }

    /// The point `seconds` later, saturating.
    public func adding(seconds delta: UInt64) -> UnixTime {
        let (sum, overflow) = seconds.addingReportingOverflow(delta)
        return UnixTime(seconds: overflow ? .max : sum)
    }
}
