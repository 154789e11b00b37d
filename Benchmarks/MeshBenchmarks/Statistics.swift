import Histogram

/// Order statistics of a sample, in the unit that the report names.
public struct Percentiles: Codable, Sendable {
    /// The median.
    public var p50: Double
    /// The value that 99 of 100 do not exceed.
    public var p99: Double

    /// Creates percentiles that were computed elsewhere.
    public init(p50: Double, p99: Double) {
        self.p50 = p50
        self.p99 = p99
    }
}

/// A sample of durations in an HdrHistogram: three significant digits, whatever their number and range.
struct LatencyHistogram: Sendable {
    /// The longest duration that is told apart from longer ones.
    private static let maximumNanoseconds: UInt64 = 3_600_000_000_000

    private var histogram = Histogram<UInt64>(
        lowestDiscernibleValue: 1, highestTrackableValue: maximumNanoseconds,
        numberOfSignificantValueDigits: .three)

    /// The number of durations.
    var count: Int { Int(histogram.totalCount) }

    mutating func record(nanoseconds: UInt64) {
        _ = histogram.record(min(max(nanoseconds, 1), Self.maximumNanoseconds))
    }

    mutating func record(_ duration: Duration) {
        record(nanoseconds: UInt64(max(0, duration.wholeNanoseconds)))
    }

    /// The value that `percent` of the sample does not exceed; zero when the sample is empty.
    func milliseconds(_ percent: Double) -> Double {
        guard histogram.totalCount > 0 else { return 0 }
        return Double(histogram.valueAtPercentile(percent)) / 1e6
    }

    /// The shortest duration.
    var minimumMilliseconds: Double { milliseconds(0) }

    var inMilliseconds: Percentiles {
        Percentiles(p50: milliseconds(50).rounded(digits: 4), p99: milliseconds(99).rounded(digits: 4))
    }

    var inMicroseconds: Percentiles {
        Percentiles(
            p50: (milliseconds(50) * 1000).rounded(digits: 2),
            p99: (milliseconds(99) * 1000).rounded(digits: 2))
    }
}

extension Double {
    /// The value rounded to `digits` decimals, for reports.
    func rounded(digits: Int) -> Double {
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        return (self * scale).rounded() / scale
    }
}
