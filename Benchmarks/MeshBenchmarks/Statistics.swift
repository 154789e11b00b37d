/// Order statistics of a sample, in the unit of its values.
public struct Percentiles: Codable, Sendable {
    /// The median.
    public var p50: Double
    /// The value that 99 of 100 do not exceed.
    public var p99: Double

    /// The percentiles of `values`; zeros when it is empty.
    public init(_ values: [Double]) {
        let sorted = values.sorted()
        p50 = Self.quantile(sorted, 0.5)
        p99 = Self.quantile(sorted, 0.99)
    }

    /// The value at the rank `fraction` of a sorted sample (nearest rank).
    static func quantile(_ sorted: [Double], _ fraction: Double) -> Double {
        guard !sorted.isEmpty else { return 0 }
        let rank = Int((fraction * Double(sorted.count)).rounded(.up)) - 1
        return sorted[min(max(rank, 0), sorted.count - 1)]
    }

    /// The median of `values`; zero when it is empty.
    public static func median(_ values: [Double]) -> Double {
        quantile(values.sorted(), 0.5)
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
