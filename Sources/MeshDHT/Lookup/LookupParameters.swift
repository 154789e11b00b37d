import MeshCore

/// The constants of one iterative lookup.
public struct LookupParameters: Hashable, Sendable {
    /// The number of peers that a lookup finds: k.
    public var resultCount: Int
    /// The most requests in flight: α.
    public var parallelism: Int
    /// How many of the closest peers must have answered: β, or k for a lookup that verifies its whole result.
    public var requiredAnswers: Int
    /// With so many answers in all, a lookup that has nobody left to ask does not wait for stragglers: β.
    public var sufficientAnswers: Int
    /// After this time a request no longer occupies one of the α places, and no longer holds up the end of a
    /// lookup that has enough answers.
    public var stragglerTimeout: Duration
    /// After this time a request no longer holds up the end of a lookup that has any answer.
    public var abandonTimeout: Duration
    /// The most candidates that are remembered; the farthest are forgotten.
    public var maximumCandidates: Int
    /// The most peers that are asked.
    public var maximumRequests: Int

    /// Creates the constants of a lookup.
    public init(
        resultCount: Int, parallelism: Int, requiredAnswers: Int, sufficientAnswers: Int,
        stragglerTimeout: Duration, abandonTimeout: Duration, maximumCandidates: Int, maximumRequests: Int
    ) {
        self.resultCount = max(resultCount, 1)
        self.parallelism = max(parallelism, 1)
        self.requiredAnswers = min(max(requiredAnswers, 1), self.resultCount)
        self.sufficientAnswers = min(max(sufficientAnswers, 1), self.resultCount)
        self.stragglerTimeout = stragglerTimeout
        self.abandonTimeout = abandonTimeout
        self.maximumCandidates = max(maximumCandidates, resultCount)
        self.maximumRequests = max(maximumRequests, 1)
    }
}
