/// How often a node refused or dropped something, by the reason.
public struct KademliaRefusals: Hashable, Sendable, Codable {
    /// Requests beyond the budget of their sender.
    public internal(set) var overBudget: UInt32 = 0
    /// Requests that got no answer, for whatever reason: a client's, those counted below, and those that break a
    /// rule of the protocol.
    public internal(set) var unanswered: UInt32 = 0
    /// Values that their validator refuses.
    public internal(set) var invalidRecords: UInt32 = 0
    /// Values that are worse than the one that is stored: old ones, replayed.
    public internal(set) var outdatedRecords: UInt32 = 0
    /// Records for which a peer, or its address group, has no share of the store left.
    public internal(set) var overShare: UInt32 = 0
    /// Records for which the store, or its list of a key's providers, has no room.
    public internal(set) var storeFull: UInt32 = 0
    /// Peers that the table does not take because it has enough of their address group.
    public internal(set) var tooManyOfGroup: UInt32 = 0
    /// Answers of another kind than the request.
    public internal(set) var invalidAnswers: UInt32 = 0
    /// Values in answers that their validator refuses.
    public internal(set) var invalidAnsweredValues: UInt32 = 0
    /// Lookups whose result was too dense to be honest.
    public internal(set) var denseRegions: UInt32 = 0

    /// Creates counters of nothing.
    public init() {}
}

extension UInt32 {
    /// Adds one, unless the counter is full.
    mutating func count() {
        if self < .max { self += 1 }
    }
}
