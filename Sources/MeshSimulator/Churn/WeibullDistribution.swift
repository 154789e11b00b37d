/// The Weibull distribution of session lengths: the chance to last longer than t is exp(-(t/λ)^k).
///
/// With a shape k below 1, those who have been here long stay longer. Measured sessions of peer-to-peer networks
/// have k from 0.34 to 0.59 and λ from 21 to 42 minutes. Source: Stutzbach and Rejaie, "Understanding churn in
/// peer-to-peer networks" (IMC 2006), section 5.
public struct WeibullDistribution: Hashable, Sendable {
    /// k.
    public let shape: Double
    /// λ, the time within which 63 % of new sessions end.
    public let scale: Duration

    /// The shapes that are accepted: below, single sessions outlast the universe; above, all last equally long.
    public static let shapes = 0.1...10.0
    /// The scales that are accepted, in minutes.
    public static let scaleMinutes = 0.1...100_000.0

    /// Creates the distribution of a shape within ``shapes`` and a scale within ``scaleMinutes``.
    public init(shape: Double, scale: Duration) {
        precondition(Self.shapes.contains(shape) && scale > .zero, "a Weibull distribution out of range")
        self.shape = shape
        self.scale = scale
    }

    /// Sessions of machines that downloaded the Debian image: k 0.38, λ 42.4 minutes.
    ///
    /// Source: Stutzbach and Rejaie, as above.
    public static let debian = WeibullDistribution(shape: 0.38, scale: .seconds(2544))

    /// The mean: λ Γ(1 + 1/k).
    public var mean: Duration { scale * ElementaryFunctions.gamma(1 + 1 / shape) }

    /// The chance that a session lasts longer than `duration`.
    public func survival(_ duration: Duration) -> Double {
        guard duration > .zero else { return 1 }
        return ElementaryFunctions.exp(-ElementaryFunctions.pow(duration / scale, shape))
    }

    /// The length of a session that begins.
    public func sample(using rng: inout some RandomNumberGenerator) -> Duration {
        scaled(rng.exponential())
    }

    /// What is left of the session of somebody who is met at random in a network in equilibrium.
    ///
    /// Long sessions are met more often, so this is longer than a new session when k is below 1. The rest R has the
    /// survival function of the sessions as density, hence (R/λ)^k is gamma distributed with the shape 1/k.
    public func sampleRemaining(using rng: inout some RandomNumberGenerator) -> Duration {
        scaled(Self.gammaSample(shape: 1 / shape, using: &rng))
    }

    private func scaled(_ variate: Double) -> Duration {
        guard variate > 0 else { return .zero }
        let factor = ElementaryFunctions.pow(variate, 1 / shape)
        // A duration counts attoseconds in 128 bits; nobody waits for more than 10^10 scales.
        return scale * min(factor, 1e10)
    }

    /// A gamma variate.
    ///
    /// Source: Marsaglia and Tsang, "A simple method for generating gamma variables" (2000).
    private static func gammaSample(shape: Double, using rng: inout some RandomNumberGenerator) -> Double {
        guard shape >= 1 else {
            let boost = ElementaryFunctions.exp(-rng.exponential() / shape)
            return gammaSample(shape: shape + 1, using: &rng) * boost
        }
        let centre = shape - 1.0 / 3
        let width = 1 / (9 * centre).squareRoot()
        while true {
            let normal = rng.normal()
            let root = 1 + width * normal
            guard root > 0 else { continue }
            let cube = root * root * root
            let bound = 0.5 * normal * normal + centre * (1 - cube + ElementaryFunctions.log(cube))
            if -rng.exponential() < bound { return centre * cube }
        }
    }
}
