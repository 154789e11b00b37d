import MeshCore

/// What a scenario consists of: the network, the trouble, and how much is asked.
public struct ScenarioParameters: Hashable, Sendable {
    /// The nodes that join, one after the other, as real nodes do.
    public var nodes = 1000
    /// The origin of everything random.
    public var seed: UInt64 = 1
    /// Lookups that are measured.
    public var lookups = 1000
    /// Records that are stored before the trouble begins.
    public var records = 0
    /// Announcements of content that are measured.
    public var provides = 0
    /// Keys that one node has announced before, and publishes again because it was away.
    public var republishedKeys = 0
    /// Holders of the same value that end a get, as in the node's own commands; 0 asks all of the closest.
    public var quorum = 3
    /// How nodes come and go.
    public var churn = ChurnModel.none
    /// What the hostile nodes do.
    public var adversary = AdversaryModel.none
    /// Disjoint paths of a lookup.
    public var paths = 4
    /// k.
    public var replication = 20
    /// The part of packets that are lost.
    public var loss = 0.0
    /// The part of packets that arrive twice.
    public var duplication = 0.0
    /// Simulated hours of trouble: of churn, of the attack before it is measured, or of idling.
    public var hours = 0.0
    /// How far nodes are from each other.
    public var latency = LatencyName.king

    /// The latency models by name.
    public enum LatencyName: String, Hashable, Sendable, CaseIterable {
        /// Servers all over the Internet.
        case king
        /// Well-connected hosts.
        case planetLab = "planetlab"
        /// One local network.
        case local

        var model: LatencyModel {
            switch self {
            case .king: .king
            case .planetLab: .planetLab
            case .local: .local
            }
        }
    }

    /// Creates a quiet network of 1,000 nodes.
    public init() {}

    /// The numbers of nodes that are accepted: 2 have one to ask, and 2,000,000 take about 20 GB.
    public static let nodeCounts = 2...2_000_000
    /// The numbers of lookups that are accepted.
    public static let lookupCounts = 1...10_000_000
    /// The numbers of records that are accepted.
    public static let recordCounts = 0...1_000_000
    /// The quorums that are accepted.
    public static let quorums = 0...64
    /// The values of k that are accepted: an answer of 64 peers is the most that is taken.
    public static let replications = 1...64
    /// The numbers of paths that are accepted.
    public static let pathCounts = 1...16
    /// The losses and duplications that are accepted: beyond half, three attempts of a request rarely get through.
    public static let losses = 0.0...0.5
    /// The hours that are accepted: two weeks.
    public static let hourCounts = 0.0...336.0

    /// Throws when a value is out of range, or two exclude each other.
    public func validate() throws(ScenarioError) {
        try Self.check("nodes", nodes, Self.nodeCounts)
        try Self.check("lookups", lookups, Self.lookupCounts)
        try Self.check("records", records, Self.recordCounts)
        try Self.check("provides", provides, Self.recordCounts)
        try Self.check("republish", republishedKeys, Self.recordCounts)
        try Self.check("quorum", quorum, Self.quorums)
        try Self.check("k", replication, Self.replications)
        try Self.check("paths", paths, Self.pathCounts)
        try Self.check("loss", loss, Self.losses)
        try Self.check("duplication", duplication, Self.losses)
        try Self.check("hours", hours, Self.hourCounts)
        try Self.check("paths", paths, 1...min(replication, Self.pathCounts.upperBound))
        if case .weibull = churn, hours == 0 {
            throw .contradiction("hours is above 0 and up to 336 with weibull churn, not 0")
        }
        switch adversary {
        case .none: break
        case .sybil(let count):
            // Sybils beside a network that is not larger than a bucket surround nothing.
            try Self.check("nodes with sybils", nodes, 2 * replication...Self.nodeCounts.upperBound)
            try Self.check("adversary sybil", count, 1...nodes)
        case .colluding(let share), .silent(let share), .replay(let share), .eclipse(let share):
            let least = Int((2 / min(share, 1 - share)).rounded(.up))
            try Self.check("nodes with this share of hostile ones", nodes, least...Self.nodeCounts.upperBound)
        }
        if churn != .none, adversary != .none {
            throw .contradiction("churn and adversary are measured one at a time; one of them is none")
        }
    }

    private static func check<Value>(
        _ parameter: String, _ value: Value, _ accepted: ClosedRange<Value>
    ) throws(ScenarioError) {
        // Not a number is in no range.
        guard accepted.contains(value) else {
            throw .outOfRange(parameter: parameter, value: "\(value)", accepted: accepted)
        }
    }
}
