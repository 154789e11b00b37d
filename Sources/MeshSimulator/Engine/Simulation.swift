import MeshCore
import MeshDHT
import MeshMultiformats

/// Runs the node's very Kademlia machines against each other in virtual time.
///
/// The simulation is the driver of every machine: it carries requests, owes each an answer or a failure, tells machines
/// of peers that contact them and of deadlines, and keeps what they persist in the machine itself. It
/// knows more than a driver could, but only uses that to be fast: `Specs/simulator.md` states the model. Equal
/// parameters and equal calls give equal digests in every process.
///
/// Not copyable: a copy of a million nodes would be an accident.
public struct Simulation: ~Copyable {
    typealias KadEffects = Kademlia.KadEffects

    /// What it was made of.
    public let parameters: SimulationParameters
    /// What it has done.
    public internal(set) var counters = SimulationCounters()
    /// A digest over the sequence of all deliveries and deadlines.
    public internal(set) var digest: UInt64 = 0xcbf2_9ce4_8422_2325

    /// Ticks since the start.
    var clock: UInt64 = 0
    var queue = EventQueue()
    var nodes: [SimulatedNode] = []
    var sites: [NodeSite] = []
    var peers: [KadPeer] = []
    var sessions: SessionCache
    var directory: PeerDirectory
    var exchanges = ExchangeSlab()
    var actions = ActionSlab()
    var log = QueryLog()
    var behaviours: [any NodeBehaviour] = []
    /// Peers that a node contacts when it knows nobody; others take random members.
    var bootstrapPeers: [UInt32: [NodeIndex]] = [:]
    var effects = KadEffects()
    var memberIndex = MemberIndex()
    var ahead = ReadAhead()
    /// How many nodes run.
    public internal(set) var runningCount = 0
    /// Messages on their way.
    public internal(set) var inFlightCount = 0

    var random: RandomStreams
    /// What all machines share.
    let setup: KademliaSetup
    /// How long each attempt waits, in ticks.
    let timeouts: [UInt64]
    let handshakeTimeout: UInt64

    /// Creates a simulation without nodes.
    public init(_ parameters: SimulationParameters) {
        self.parameters = parameters
        sessions = SessionCache(
            sessionsPerNode: parameters.network.sessionsPerNode,
            lifetime: parameters.network.sessionLifetime, capacity: parameters.capacity)
        directory = PeerDirectory(capacity: parameters.capacity)
        random = RandomStreams(seed: parameters.seed)
        setup = KademliaSetup(
            configuration: parameters.configuration, epoch: parameters.epoch,
            validators: parameters.validators)
        timeouts = parameters.network.attemptTimeouts.map { max(Ticks.of($0), 1) }
        handshakeTimeout = Ticks.of(parameters.network.handshakeTimeout)
        precondition(!timeouts.isEmpty && timeouts.count < 256, "a request takes 1 to 255 attempts")
        nodes.reserveCapacity(parameters.capacity)
        sites.reserveCapacity(parameters.capacity)
        peers.reserveCapacity(parameters.capacity)
    }

    /// The virtual time.
    public var now: Instant { Ticks.instant(clock) }

    /// The number of nodes that were ever added.
    public var nodeCount: Int { nodes.count }

    /// The most events that waited at once.
    public var peakEventCount: Int { queue.peakCount }

    /// The number of queries that have started or are planned, and are not over.
    public var openQueryCount: Int { log.runningCount }

    /// The identity and address of `node`.
    public func peer(_ node: NodeIndex) -> KadPeer { peers[Int(node.value)] }

    /// The node with an identity.
    public func node(_ peer: PeerID) -> NodeIndex? { nodeIndex(of: peer).map(NodeIndex.init) }

    /// The machine of `node`, as it is now.
    public func machine(_ node: NodeIndex) -> Kademlia { nodes[Int(node.value)].machine }

    /// Reads `node`'s machine without a copy.
    public func withMachine<Result>(_ node: NodeIndex, _ body: (borrowing Kademlia) -> Result) -> Result {
        body(nodes[Int(node.value)].machine)
    }

    /// Whether `node` runs.
    public func isRunning(_ node: NodeIndex) -> Bool { sites[Int(node.value)].isRunning }

    /// A running node, drawn from the stream of the workload.
    public mutating func randomNode() -> NodeIndex { randomNode(where: { _ in true }) }

    /// A running node that fulfils `isWanted`, drawn from the stream of the workload.
    ///
    /// There must be one.
    public mutating func randomNode(where isWanted: (NodeIndex) -> Bool) -> NodeIndex {
        precondition(runningCount > 0, "a random node of a simulation in which none runs")
        while true {
            let index = NodeIndex(UInt32(random.workload.next(upperBound: UInt64(nodes.count))))
            if isRunning(index), isWanted(index) { return index }
        }
    }

    /// 32 random bytes from the stream of the workload: a key that nobody has used.
    public mutating func randomKey() -> [UInt8] { Bytes32.random(using: &random.workload).bytes }

    /// A number from 0 up to `limit`, without it, from the stream of the workload.
    public mutating func randomNumber(below limit: UInt64) -> UInt64 {
        random.workload.next(upperBound: limit)
    }

    /// Whether every message that was sent is accounted for: delivered, lost, blocked, late or on its way.
    public var messagesBalance: Bool {
        counters.sent == counters.delivered + counters.lost + counters.blocked + counters.late
            + UInt64(inFlightCount)
    }

    func nodeIndex(of peer: PeerID) -> UInt32? {
        directory.node(peer.kadKey)
    }

    mutating func mix(_ word: UInt64) {
        // FNV-1a over words, with a rotation so that high bits reach low ones.
        digest = (digest ^ word) &* 0x0000_0100_0000_01b3
        digest = digest << 23 | digest >> 41
    }
}

/// A machine and what its driver keeps for it.
struct SimulatedNode: Sendable {
    var machine: Kademlia
    /// The time of the node's entry in the queue; `.max` when there is none.
    var scheduledDeadline = UInt64.max
    /// Queries of the application that run, and their places in the log.
    var queries: [(id: QueryID, place: UInt32)] = []

    /// When the machine wants to look at the clock.
    ///
    /// Mutating, because a machine in an array would be copied for a look.
    mutating func nextDeadline() -> Instant? { machine.nextDeadline }

    /// Reads a line of the table's parts for a request.
    mutating func readAheadTable(towards word: UInt64) -> UInt64 { machine.readAheadTable(towards: word) }

    mutating func readAheadPeers(towards word: UInt64) -> UInt64 { machine.readAheadPeers(towards: word) }

    mutating func readAheadQuery(_ token: RequestToken) -> UInt64 { machine.readAheadQuery(token: token) }
}

/// What the network knows of a node.
struct NodeSite: Sendable {
    var place: NodePlace
    /// The side of a partition.
    var side: UInt16 = 0
    /// The behaviour plus one; 0 is the machine's own.
    var behaviour: UInt8 = 0
    var isRunning = true
    /// Whether packets of peers that the node has not contacted are dropped.
    var isBehindNAT = false
    /// Whether the node says that it serves.
    var isServer = true
    /// When it started last, in ticks.
    var started: UInt64 = 0
    /// Messages that left the node, and that were handed to it.
    var sent: UInt32 = 0
    var received: UInt32 = 0
}

/// One generator for each purpose, so that a change in one does not move all others.
struct RandomStreams: Sendable {
    var identities: SeededGenerator
    var places: SeededGenerator
    var machines: SeededGenerator
    var network: SeededGenerator
    var membership: SeededGenerator
    var workload: SeededGenerator
    var adversaries: SeededGenerator

    init(seed: UInt64) {
        var root = SeededGenerator(seed: seed)
        identities = SeededGenerator(seed: root.next())
        places = SeededGenerator(seed: root.next())
        machines = SeededGenerator(seed: root.next())
        network = SeededGenerator(seed: root.next())
        membership = SeededGenerator(seed: root.next())
        workload = SeededGenerator(seed: root.next())
        adversaries = SeededGenerator(seed: root.next())
    }
}
