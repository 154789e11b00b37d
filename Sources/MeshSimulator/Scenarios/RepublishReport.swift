/// What it took to publish again what one node had announced long ago.
public struct RepublishReport: Codable, Hashable, Sendable {
    /// The node's keys.
    public var keys = 0
    /// Walks and lookups that this took; one per key would be as many as keys.
    public var lookups = 0
    /// The part of the lookups that was saved.
    public var savedLookups = 0.0
    /// Messages that this took, stores included.
    public var messages = 0
    /// From the node's start until the last key was published, in simulated seconds.
    public var simulatedSeconds = 0.0
    /// The part of a sample of keys that three quarters of the true k closest hold.
    public var keysAtTheirPlace = 0.0
    /// Holders among the true k closest, on average.
    public var holdersMean = 0.0

    /// Creates the report of nothing.
    public init() {}
}
