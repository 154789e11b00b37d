/// The gamma distribution with a whole shape: how far away the i-th closest of randomly placed peers is.
///
/// With n peers the distance of the i-th closest, times n, follows it with the shape i, as the i-th event of a
/// Poisson process does. For whole shapes the regularised lower incomplete gamma function has a closed form.
enum GammaDistribution {
    /// P(shape, x): the probability that at least `shape` peers lie closer than `x` / n.
    ///
    /// Source: NIST DLMF 8.4.10.
    static func probability(shape: Int, below x: Double) -> Double {
        guard x > 0 else { return 0 }
        var term = 1.0
        var sum = 1.0
        for index in 1..<max(shape, 1) {
            term *= x / Double(index)
            sum += term
        }
        return max(0, 1 - exponential(-x) * sum)
    }

    /// The x at which ``probability(shape:below:)`` is `probability`, to nine digits.
    static func quantile(shape: Int, probability: Double) -> Double {
        var low = 0.0
        // Beyond ten standard deviations above the mean.
        var high = Double(shape) * 2 + 100
        // Each step halves the interval.
        for _ in 0..<48 {
            let middle = (low + high) / 2
            if self.probability(shape: shape, below: middle) < probability {
                low = middle
            } else {
                high = middle
            }
        }
        return (low + high) / 2
    }

    /// e to the power of `x`, zero where a double ends.
    ///
    /// The standard library has no exponential function, and the DHT no C library.
    static func exponential(_ x: Double) -> Double {
        guard x > -700 else { return 0 }
        let halvings = max(0, Int(x.magnitude.exponent) + 4)
        var reduced = x
        for _ in 0..<halvings { reduced /= 2 }
        // |reduced| < 1/8: twelve terms leave less than 2^-60.
        var term = 1.0
        var sum = 1.0
        for index in 1...12 {
            term *= reduced / Double(index)
            sum += term
        }
        for _ in 0..<halvings { sum *= sum }
        return sum
    }
}
