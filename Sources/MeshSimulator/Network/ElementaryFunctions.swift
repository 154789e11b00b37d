/// Logarithm and exponential that give the same bits on every machine.
///
/// Those of the C library may differ in the last bit from one version to the next, and a digest over a simulation
/// would notice. Only additions, multiplications and divisions of IEEE 754 are used; errors are below 1e-14.
public enum ElementaryFunctions {
    private static let ln2 = 0.693_147_180_559_945_3

    /// The natural logarithm of a positive finite number.
    public static func log(_ x: Double) -> Double {
        guard x > 0, x.isFinite else { return x > 0 ? x : -.infinity }
        var exponent = Double(x.exponent)
        var significand = x.significand
        // Between 1/sqrt 2 and sqrt 2 the series below converges by 34 a term.
        if significand > 1.414_213_562_373_095 {
            significand /= 2
            exponent += 1
        }
        let z = (significand - 1) / (significand + 1)
        let square = z * z
        var power = z
        var sum = 0.0
        var divisor = 1.0
        for _ in 0..<12 {
            sum += power / divisor
            power *= square
            divisor += 2
        }
        return exponent * ln2 + 2 * sum
    }

    /// e to the power of `x`.
    public static func exp(_ x: Double) -> Double {
        guard x > -700 else { return 0 }
        guard x < 700 else { return .infinity }
        let exponent = (x / ln2).rounded()
        let rest = x - exponent * ln2
        var term = 1.0
        var sum = 1.0
        var divisor = 1.0
        while divisor < 20 {
            term *= rest / divisor
            sum += term
            divisor += 1
        }
        return Double(sign: .plus, exponent: Int(exponent), significand: 1) * sum
    }

    /// `base` to the power of `exponent`, for a positive base.
    public static func pow(_ base: Double, _ exponent: Double) -> Double { exp(exponent * log(base)) }
}

extension RandomNumberGenerator {
    /// A number from 0, without 1.
    mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// A number of the exponential distribution with mean 1.
    mutating func exponential() -> Double { -ElementaryFunctions.log(1 - unit()) }

    /// A number of the normal distribution with mean 0 and deviation 1.
    ///
    /// Marsaglia's polar method.
    mutating func normal() -> Double {
        while true {
            let (x, y) = (2 * unit() - 1, 2 * unit() - 1)
            let square = x * x + y * y
            if square > 0, square < 1 {
                return x * (-2 * ElementaryFunctions.log(square) / square).squareRoot()
            }
        }
    }
}
