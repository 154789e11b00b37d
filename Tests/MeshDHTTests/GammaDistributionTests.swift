import Testing

@testable import MeshDHT

/// Numbers against tables of the chi-square distribution, whose quantiles with 2a degrees of freedom are twice
/// those of the gamma distribution with the shape a (NIST/SEMATECH e-Handbook, 1.3.6.7.4).
@Suite struct GammaDistributionTests {
    @Test(arguments: [
        (20, 0.1, 29.051), (20, 0.001, 17.916), (20, 0.9, 51.805), (11, 0.9, 30.813), (11, 0.1, 14.041),
        (5, 0.05, 3.940), (1, 0.95, 5.991), (50, 0.99, 135.807), (3, 0.9, 10.645),
    ])
    func `quantiles are those of printed tables`(shape: Int, probability: Double, chiSquare: Double) {
        let x = GammaDistribution.quantile(shape: shape, probability: probability)
        #expect(abs(2 * x - chiSquare) < 0.0006, "\(2 * x)")
        #expect(abs(GammaDistribution.probability(shape: shape, below: x) - probability) < 1e-9)
    }

    @Test func `the exponential function has known values`() {
        for (x, value) in [
            (0.0, 1.0), (1, 2.718281828459045), (-1, 0.36787944117144233), (10, 22026.465794806718),
            (-20, 2.061153622438558e-09), (0.5, 1.6487212707001282), (-300, 5.14820022241901e-131),
        ] {
            #expect(abs(GammaDistribution.exponential(x) / value - 1) < 1e-11, "\(x)")
        }
        #expect(GammaDistribution.exponential(-1000) == 0)
    }

    @Test func `nobody is closer than zero`() {
        #expect(GammaDistribution.probability(shape: 20, below: 0) == 0)
        #expect(GammaDistribution.probability(shape: 20, below: -1) == 0)
    }
}
