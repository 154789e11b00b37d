/// What came out of a scenario, beside what was asked for.
///
/// Everything here is of the simulated network and equal in every run; what the run cost its machine is the
/// business of whoever runs it.
public struct ScenarioReport: Codable, Hashable, Sendable {
    /// Nodes that joined.
    public var nodes: Int
    /// The origin of everything random.
    public var seed: UInt64
    /// Lookups that were asked for.
    public var lookups: Int
    /// Records that were asked for.
    public var records: Int
    /// Holders that end a get.
    public var quorum: Int
    /// The churn, as the command line spells it.
    public var churn: String
    /// The hostile nodes, as the command line spells them.
    public var adversary: String
    /// Disjoint paths of a lookup.
    public var paths: Int
    /// k.
    public var replication: Int
    /// The part of packets that are lost.
    public var loss: Double
    /// The part of packets that arrive twice.
    public var duplication: Double
    /// Simulated hours of trouble.
    public var hours: Double
    /// The latency model.
    public var latency: String

    /// When the network stood.
    public var joinSimulatedSeconds = 0.0
    /// Requests of all nodes until then, by node.
    public var messagesPerJoin = 0.0
    /// Peers in a running node's table before the measurement, on average.
    public var tablePeersMean = 0.0

    /// The part of the lookups that named the true closest node, or got the record's newest value.
    public var lookupSuccess = 0.0
    /// The mean of the chain of referrals that led a lookup to the closest node which answered.
    public var hopsMean = 0.0
    /// What ``hopsMean`` is expected to be; see ``LookupTheory``.
    public var hopsTheory: Double
    /// Requests per lookup, on average.
    public var messagesPerLookup = 0.0
    /// The part of the k true closest nodes that a lookup named; nil when lookups were not compared.
    public var overlapTrueClosest: Double?
    /// Lookups for random keys.
    public var closest: QuerySummary?
    /// The puts before the trouble.
    public var put: QuerySummary?
    /// Acknowledged copies of a put, on average.
    public var replicasPerPut: Double?
    /// Gets of records after the trouble, by nodes that did not hold them.
    public var get: QuerySummary?
    /// The part of the records that were found.
    public var recordsRetrievable: Double?
    /// Running honest nodes that hold a record, on average.
    public var holdersMean: Double?
    /// The part of the records that no running honest node held.
    public var recordsLost: Double?
    /// Gets that gave an old value instead of the newest.
    public var staleAnswers: Int?
    /// Announcements of content.
    public var provide: QuerySummary?
    /// Copies that had left when an announcement counted as done, on average.
    public var copiesPerProvide: Double?
    /// The publication of many keys at once.
    public var republish: RepublishReport?

    /// Nodes that left during the trouble.
    public var departures = 0
    /// Requests of a node in an hour of trouble, on average.
    public var messagesPerNodePerHour: Double?
    /// Packets that a node sends in a second of trouble, handshakes and retransmissions among them; it receives as many.
    public var datagramsSentPerNodePerSecond: Double?

    /// Messages that were delivered in all.
    public var messagesDelivered: UInt64 = 0
    /// A digest over the sequence of all deliveries.
    public var digest = ""

    /// Creates the report of a scenario that has not run.
    public init(_ parameters: ScenarioParameters) {
        nodes = parameters.nodes
        seed = parameters.seed
        lookups = parameters.lookups
        records = parameters.records
        quorum = parameters.quorum
        churn = parameters.churn.description
        adversary = parameters.adversary.description
        paths = parameters.paths
        replication = parameters.replication
        loss = parameters.loss
        duplication = parameters.duplication
        hours = parameters.hours
        latency = parameters.latency.rawValue
        hopsTheory = LookupTheory.hops(nodes: parameters.nodes, replication: parameters.replication)
    }
}
