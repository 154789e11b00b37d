/// What `bench lookup` prints.
public struct LookupReport: Codable, Sendable {
    /// What one kind of operation cost.
    public struct Operation: Codable, Sendable {
        /// Operations that were run.
        public var count: Int
        /// Those that gave the right answer, 0 to 1.
        public var success: Double
        /// From the application's call to the result, the way to the node's event loop and back included.
        public var milliseconds: Percentiles
        /// From the first request to the result, as the node's machine saw it.
        public var queryMilliseconds: Percentiles
        /// Datagrams of all nodes per operation.
        public var datagrams: Double
        /// Half of them: a request and a response are one RPC.
        public var rpcs: Double
        /// Requests that the operation itself made.
        public var requests: Double
        /// Referrals that led to the result.
        public var hops: Double
        /// Handshakes per operation.
        public var handshakes: Double
        /// Processor time of all nodes per operation.
        public var cpuMicroseconds: Double
        /// The same for each pair of datagrams.
        public var cpuMicrosecondsPerRPC: Double
    }

    /// The operations of one pass over the network.
    public struct Pass: Codable, Sendable {
        /// Store a value of 200 bytes at the k closest.
        public var put: Operation
        /// Get a value, over at the first copy.
        public var getFirst: Operation?
        /// Get a value, over when all of the k closest were asked.
        public var getClosest: Operation?
        /// Announce a key to the k closest.
        public var provide: Operation
        /// Find providers, over at the first.
        public var findProvidersFirst: Operation?
        /// Find providers, over when all of the k closest were asked.
        public var findProvidersClosest: Operation?
        /// Find the addresses of a peer that is not in the asker's table, if there is one.
        public var findPeer: Operation
        /// Find the k closest peers of a key.
        public var closestPeers: Operation
    }

    /// Always `lookup`.
    public var benchmark = "lookup"
    /// Nodes in this process, each with its own socket.
    public var nodes: Int
    /// Event loops that run them.
    public var loops: Int
    /// k: peers of a result, replicas of a record.
    public var replication: Int
    /// α: requests in flight of one path.
    public var parallelism: Int
    /// β: closest peers that must answer before a store.
    public var resiliency: Int
    /// Disjoint paths of a lookup.
    public var paths: Int
    /// Operations of each kind.
    public var operations: Int
    /// The seed of the choice of who asks whom.
    public var seed: UInt64
    /// Whether the datagrams are encrypted.
    public var encrypted = true
    /// The load of the machine when it began.
    public var loadAverage: Double

    /// Time until all nodes had joined, one after the other.
    public var joinMilliseconds: Double
    /// Processor time of all nodes per join, sessions of others included.
    public var joinCPUMillisecondsPerNode: Double
    /// Datagrams per join.
    public var joinDatagramsPerNode: Double
    /// Peers in a table, on average.
    public var tablePeersMean: Double
    /// Sessions of an idle node, on average.
    public var sessionsMean: Double
    /// Processor time of an idle node.
    public var idleCPUPercentPerNode: Double
    /// Datagrams that an idle node sends a second.
    public var idleDatagramsPerSecondPerNode: Double
    /// Resident memory of a node that has joined and done nothing else: the process's growth by the number of nodes.
    public var rssBytesPerIdleNode: Int
    /// The part of it that is heap and stacks, without the code that the process read in on the way.
    public var anonymousBytesPerIdleNode: Int
    /// The same after all operations, with a session between every two nodes.
    public var rssBytesPerNode: Int

    /// Datagrams that all nodes have sent in the whole run, by their own count.
    public var datagramsSent: Int
    /// The same by the kernel's count, which is that of everybody in the network namespace.
    public var datagramsSentByKernel: Int
    /// Of the true k closest nodes, found by comparing all, those that held a record after its put: 0 to 1.
    public var overlapTrueClosest: Double
    /// Nodes that held a record after its put, on average.
    public var replicasMean: Double
    /// The first pass: whoever has not met makes a handshake.
    public var cold: Pass
    /// The second pass, other keys: a session between every two nodes.
    public var warm: Pass
}
