/// What a simulation has done so far; differences of two readings describe a phase.
public struct SimulationCounters: Hashable, Sendable {
    /// Requests and answers that left a node, retransmissions and duplicates among them.
    public var sent: UInt64 = 0
    /// Requests and answers that were handed to a node.
    public var delivered: UInt64 = 0
    /// Those that the network lost.
    public var lost: UInt64 = 0
    /// Those that reached a stopped node, the other side of a partition, or a NAT without a mapping.
    public var blocked: UInt64 = 0
    /// Those that came after their exchange was over, or for a node that had been restarted since.
    public var late: UInt64 = 0
    /// Requests of machines.
    public var requests: UInt64 = 0
    /// Requests that failed after the last attempt.
    public var failures: UInt64 = 0
    /// Attempts after the first.
    public var retransmissions: UInt64 = 0
    /// Sessions that were made; each stands for two packets more than the messages that are counted.
    public var handshakes: UInt64 = 0
    /// Deadlines that machines were told of.
    public var deadlines: UInt64 = 0
    /// Events taken from the queue, void ones among them.
    public var events: UInt64 = 0
    /// Bootstrap contacts that machines asked for.
    public var bootstrapRequests: UInt64 = 0
    /// Answers that acknowledged a record before it was to be persisted: must stay 0.
    public var unpersistedAcknowledgements: UInt64 = 0
    /// Peers that came into routing tables.
    public var tableInsertions: UInt64 = 0
    /// Peers that left them.
    public var tableRemovals: UInt64 = 0

    /// Creates counters of nothing.
    public init() {}

    /// What happened since `earlier`.
    public static func - (later: SimulationCounters, earlier: SimulationCounters) -> SimulationCounters {
        var difference = SimulationCounters()
        for field in Self.fields {
            difference[keyPath: field] = later[keyPath: field] - earlier[keyPath: field]
        }
        return difference
    }

    private static var fields: [WritableKeyPath<SimulationCounters, UInt64>] {
        [
            \.sent, \.delivered, \.lost, \.blocked, \.late, \.requests, \.failures, \.retransmissions,
            \.handshakes, \.deadlines, \.events, \.bootstrapRequests, \.unpersistedAcknowledgements,
            \.tableInsertions, \.tableRemovals,
        ]
    }
}
