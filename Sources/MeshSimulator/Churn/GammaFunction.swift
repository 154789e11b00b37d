extension ElementaryFunctions {
    /// The gamma function of a positive number up to 140.
    ///
    /// Source: Lanczos's approximation with g = 7 and nine coefficients (Numerical Recipes, 3rd edition, 6.1).
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
        return circle * exp((shifted + 0.5) * log(base) - base) * series
    }
}
