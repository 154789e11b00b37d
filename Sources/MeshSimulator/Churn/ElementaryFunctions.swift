/// Logarithm, exponential, power and gamma function of doubles, in plain arithmetic.
///
/// The simulator imports no C library, whose last bits differ between systems: a digest must not. Errors are a few
/// units in the last place.
enum ElementaryFunctions {
    /// ln 2 in two parts, of which the first has zeros at its end, so that multiples of it are exact.
    ///
    /// Source: fdlibm, e_log.c.
    private static let logarithmOfTwo = (high: 6.931_471_803_691_238e-1, low: 1.908_214_929_270_587_7e-10)

    /// The natural logarithm of a positive finite number.
    static func logarithm(_ value: Double) -> Double {
        precondition(value > 0 && value.isFinite, "a logarithm takes positive finite numbers")
        var exponent = Double(value.exponent)
        var mantissa = value.significand
        if mantissa > 1.414_213_562_373_095_1 {
            mantissa /= 2
            exponent += 1
        }
        // ln m = 2 artanh((m - 1) / (m + 1)); the argument is at most 0.172, so that 11 terms suffice.
        let ratio = (mantissa - 1) / (mantissa + 1)
        let square = ratio * ratio
        var sum = 0.0
        var divisor = 23.0
        while divisor >= 3 {
            sum = (sum + 1 / divisor) * square
            divisor -= 2
        }
        let fraction = 2 * (ratio + ratio * sum)
        return exponent * logarithmOfTwo.high + (fraction + exponent * logarithmOfTwo.low)
    }

    /// e raised to `value`: infinite above 709.7, zero below -745.
    static func exponential(_ value: Double) -> Double {
        guard value < 709.7 else { return .infinity }
        guard value > -745 else { return 0 }
        let exponent = (value / (logarithmOfTwo.high + logarithmOfTwo.low)).rounded()
        let rest = (value - exponent * logarithmOfTwo.high) - exponent * logarithmOfTwo.low
        // The rest is at most 0.347 either way: 15 terms of the series.
        var sum = 1.0
        for divisor in stride(from: 15.0, through: 1.0, by: -1.0) { sum = 1 + sum * rest / divisor }
        return sum * Double(sign: .plus, exponent: Int(exponent), significand: 1)
    }

    /// `base`, which is not negative, raised to `exponent`.
    static func power(_ base: Double, _ exponent: Double) -> Double {
        guard base > 0 else { return exponent == 0 ? 1 : 0 }
        return exponential(exponent * logarithm(base))
    }

    /// The gamma function of a positive number up to 140.
    ///
    /// Source: Lanczos's approximation with g = 7 and nine coefficients (Numerical Recipes, 3rd edition, 6.1); its
    /// relative error is below 1e-13.
    static func gamma(_ value: Double) -> Double {
        precondition(value > 0 && value <= 140, "the gamma function takes numbers above 0 and up to 140")
        // Below 1 the approximation loses digits: Γ(x) = Γ(x + 1) / x.
        guard value >= 1 else { return gamma(value + 1) / value }
        let coefficients = [
            676.520_368_121_885_1, -1_259.139_216_722_402_8, 771.323_428_777_653_1, -176.615_029_162_140_6,
            12.507_343_278_686_905, -0.138_571_095_265_720_12, 9.984_369_578_019_572e-6,
            1.505_632_735_149_311_6e-7,
        ]
        let shifted = value - 1
        var series = 0.999_999_999_999_809_9
        for (index, coefficient) in coefficients.enumerated() {
            series += coefficient / (shifted + Double(index) + 1)
        }
        let base = shifted + 7.5
        let circle = 2.506_628_274_631_000_5
        return circle * exponential((shifted + 0.5) * logarithm(base) - base) * series
    }
}
