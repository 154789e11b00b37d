/// Times of pieces of work on the monotonic clock, in milliseconds.
enum Stopwatch {
    /// Runs `work` and gives how long it took beside its result.
    static func time<Result>(_ work: () throws -> Result) rethrows -> (milliseconds: Double, result: Result) {
        let start = ContinuousClock.now
        let result = try work()
        return (milliseconds(ContinuousClock.now - start), result)
    }

    /// A duration as milliseconds with fractions.
    static func milliseconds(_ duration: Duration) -> Double {
        let parts = duration.components
        return Double(parts.seconds) * 1_000 + Double(parts.attoseconds) / 1e15
    }
}

/// Figures that a piece of work gave in every repetition, by name.
struct Samples {
    private var values: [String: [Double]] = [:]

    /// Runs `work` once to warm up when it is repeated, then `repetitions` times.
    init(repetitions: Int, _ work: () throws -> [String: Double]) rethrows {
        if repetitions > 1 { _ = try work() }
        for _ in 0..<max(repetitions, 1) {
            for (name, value) in try work() { values[name, default: []].append(value) }
        }
    }

    /// The median of every figure, with four decimals.
    var medians: [String: Double] {
        values.mapValues { values in
            let sorted = values.sorted()
            return (sorted[sorted.count / 2] * 10_000).rounded() / 10_000
        }
    }
}
