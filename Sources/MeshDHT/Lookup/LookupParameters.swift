import MeshCore

/// The constants of one iterative lookup.
public struct LookupParameters: Hashable, Sendable {
    /// The most paths of one lookup; eight already find 98 % with half of the nodes hostile.
    public static let maximumPaths = 16
    /// The most candidates of one path, whatever is asked for.
    static let maximumCandidatesLimit = 2048

    /// The number of peers that a lookup finds: k.
    public var resultCount: Int
    /// The most requests in flight: α, shared by the paths, each of which may have one at least.
    public var parallelism: Int
    /// How many of the closest peers must have answered: β, or k for a lookup that verifies its whole result.
    public var requiredAnswers: Int
    /// With so many answers in all, a lookup that has nobody left to ask does not wait for stragglers: β.
    ///
    /// It is also the most that one of several paths requires, before they verify their common result together.
    public var sufficientAnswers: Int
    /// After this time a request no longer occupies one of the α places, and no longer holds up the end of a
    /// lookup that has enough answers.
    public var stragglerTimeout: Duration
    /// After this time a request no longer holds up the end of a lookup that has any answer.
    public var abandonTimeout: Duration
    /// The most candidates that a path remembers beside those that it has asked; the farthest are forgotten.
    public var maximumCandidates: Int
    /// The most peers that are asked; each path has an equal share.
    public var maximumRequests: Int
    /// d: the paths that share no peer.
    public var disjointPaths: Int
    /// The most peers of one address group among those that are found, the closest of them; 0 sets no limit.
    public var maximumPerGroup = 0
    /// Whether private addresses are groups too.
    public var countsPrivateAddresses = false

    /// Creates the constants of a lookup.
    public init(
        resultCount: Int, parallelism: Int, requiredAnswers: Int, sufficientAnswers: Int,
        stragglerTimeout: Duration, abandonTimeout: Duration, maximumCandidates: Int, maximumRequests: Int,
        disjointPaths: Int = 1
    ) {
        self.resultCount = max(resultCount, 1)
        self.parallelism = max(parallelism, 1)
        self.requiredAnswers = min(max(requiredAnswers, 1), self.resultCount)
        self.sufficientAnswers = min(max(sufficientAnswers, 1), self.resultCount)
        self.stragglerTimeout = stragglerTimeout
        self.abandonTimeout = abandonTimeout
        self.maximumCandidates = min(max(maximumCandidates, resultCount), Self.maximumCandidatesLimit)
        self.maximumRequests = max(maximumRequests, 1)
        self.disjointPaths = min(max(disjointPaths, 1), Self.maximumPaths)
    }
}
