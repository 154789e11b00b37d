import MeshCore
import MeshSimulator
import Testing

@Suite struct WeibullTests {
    private static let seed: UInt64 = 20_061_025
    private static let count = 40_000

    /// The share of `samples` that exceed `minutes`.
    private func share(of samples: [Duration], above minutes: Double) -> Double {
        Double(samples.count { $0 > .seconds(minutes * 60) }) / Double(samples.count)
    }

    @Test(arguments: [(0.38, 42.4), (0.34, 21.3), (0.59, 41.9), (1.0, 30.0), (2.5, 10.0)])
    func `sessions last as the distribution says`(shape: Double, minutes: Double) {
        var rng = SeededGenerator(seed: Self.seed)
        let sessions = WeibullDistribution(shape: shape, scale: .seconds(minutes * 60))
        let samples = (0..<Self.count).map { _ in sessions.sample(using: &rng) }
        for quantile in [0.1, 0.5, 1, 2, 5] {
            let limit = Duration.seconds(minutes * 60 * quantile)
            let above = Double(samples.count { $0 > limit }) / Double(Self.count)
            // Four standard deviations of a binomial share.
            #expect(abs(above - sessions.survival(limit)) < 0.01, "seed \(Self.seed), quantile \(quantile)")
        }
        // exp(-1) of all sessions outlast the scale, whatever the shape.
        #expect(abs(sessions.survival(sessions.scale) - 0.367_879_441_171_442) < 1e-12)
    }

    @Test func `the means are those of the measured networks`() {
        // λ Γ(1 + 1/k) with Python's math.gamma.
        let expected = [
            (0.38, 42.4, 163.382_434_001), (0.34, 21.3, 118.756_009_547), (0.59, 41.9, 64.461_021_695),
        ]
        for (shape, minutes, mean) in expected {
            let sessions = WeibullDistribution(shape: shape, scale: .seconds(minutes * 60))
            #expect(abs(sessions.mean / .seconds(60) - mean) < 1e-6)
        }
    }

    @Test func `who is met at random has the rest of a long session before him`() {
        var rng = SeededGenerator(seed: Self.seed)
        // With shape 1/2, (R/λ)^(1/2) is gamma distributed with shape 2: P(R > t) = exp(-x) (1 + x), x = sqrt(t/λ).
        let sessions = WeibullDistribution(shape: 0.5, scale: .seconds(3600))
        let samples = (0..<Self.count).map { _ in sessions.sampleRemaining(using: &rng) }
        for (minutes, expected) in [
            (15.0, 0.909_796), (60.0, 0.735_759), (240.0, 0.406_006), (960.0, 0.091_578),
        ] {
            #expect(abs(share(of: samples, above: minutes) - expected) < 0.01, "seed \(Self.seed)")
        }
    }

    @Test func `sessions without memory have the same rest as length`() {
        var rng = SeededGenerator(seed: Self.seed)
        let sessions = WeibullDistribution(shape: 1, scale: .seconds(1800))
        let rests = (0..<Self.count).map { _ in sessions.sampleRemaining(using: &rng) }
        for (minutes, expected) in [(15.0, 0.606_531), (30.0, 0.367_879), (60.0, 0.135_335)] {
            #expect(abs(share(of: rests, above: minutes) - expected) < 0.01, "seed \(Self.seed)")
        }
    }

    @Test func `sessions of nearly equal length end when they may`() {
        var rng = SeededGenerator(seed: Self.seed)
        // The rest of sessions that all last about one scale is uniform: shapes above 1 take the other branch.
        let sessions = WeibullDistribution(shape: 10, scale: .seconds(6000))
        let rests = (0..<Self.count).map { _ in sessions.sampleRemaining(using: &rng) }
        let mean = sessions.mean / .seconds(60)
        for share in [0.2, 0.5, 0.7] {
            #expect(abs(self.share(of: rests, above: share * mean) - (1 - share)) < 0.02, "seed \(Self.seed)")
        }
    }
}
