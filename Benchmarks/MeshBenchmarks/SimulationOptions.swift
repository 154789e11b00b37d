import MeshSimulator

/// A scenario as the command line spells it.
public struct SimulationOptions: Sendable {
    /// Nodes that join.
    public var nodes = 1000
    /// The origin of everything random.
    public var seed: UInt64 = 1
    /// Lookups, and gets when there are records.
    public var lookups = 1000
    /// Records that are stored before the trouble; nil for 200 when there is trouble, else none.
    public var records: Int?
    /// Announcements of content that are measured.
    public var provides = 0
    /// Keys that one node has announced before, and publishes again by region.
    public var republishedKeys = 0
    /// `none`, `half`, `weibull` or `weibull:K,LAMBDA`.
    public var churn = "none"
    /// `none`, `colluding:SHARE`, `sybil:COUNT`, `silent:SHARE`, `replay:SHARE` or `eclipse:SHARE`.
    public var adversary = "none"
    /// Disjoint paths; nil for the default of a node.
    public var paths: Int?
    /// k.
    public var replication = 20
    /// Holders that end a get; 0 asks all of the closest.
    public var quorum = 3
    /// The part of packets that are lost.
    public var loss = 0.0
    /// The part of packets that arrive twice.
    public var duplication = 0.0
    /// Simulated hours of trouble; nil for 24 with Weibull churn, else 0.
    public var hours: Double?
    /// `king`, `planetlab` or `local`.
    public var latency = "king"

    /// Creates the options of a quiet network.
    public init() {}

    /// The latency models.
    public static let latencies = ScenarioParameters.LatencyName.allCases.map(\.rawValue)

    /// Throws when a parameter is impossible, with what is accepted, or the network does not fit in this machine.
    public func check() throws {
        let parameters = try parameters()
        let limit = Self.nodeLimit
        guard parameters.nodes <= limit else {
            throw ScenarioError.outOfRange(
                parameter: "nodes in the memory of this machine", value: "\(parameters.nodes)",
                accepted: "\(ScenarioParameters.nodeCounts.lowerBound) to \(limit)")
        }
    }

    /// What a node takes, with what its queries and messages take on the way: an upper estimate.
    private static let bytesPerNode = 14_000

    private static var nodeLimit: Int {
        let bytes = ProcessPeak.machineByteCount
        guard bytes > 0 else { return .max }
        return max(bytes / bytesPerNode, ScenarioParameters.nodeCounts.lowerBound)
    }

    func parameters() throws -> ScenarioParameters {
        var made = ScenarioParameters()
        made.nodes = nodes
        made.seed = seed
        made.lookups = lookups
        made.provides = provides
        made.republishedKeys = republishedKeys
        made.churn = try ChurnModel(parsing: churn)
        made.adversary = try AdversaryModel(parsing: adversary)
        made.replication = replication
        made.paths = paths ?? min(made.paths, max(replication, 1))
        made.quorum = quorum
        made.loss = loss
        made.duplication = duplication
        made.records = records ?? (made.churn == .none && made.adversary == .none ? 0 : 200)
        if case .weibull = made.churn { made.hours = hours ?? 24 } else { made.hours = hours ?? 0 }
        guard let model = ScenarioParameters.LatencyName(rawValue: latency) else {
            throw ScenarioError.unknownName(
                parameter: "latency", value: latency, accepted: Self.latencies.joined(separator: ", "))
        }
        made.latency = model
        try made.validate()
        return made
    }
}
