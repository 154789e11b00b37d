import MeshCore
import MeshDHT

/// What a simulation is made of; equal parameters and equal calls give equal runs, to the bit.
public struct SimulationParameters: Sendable {
    /// The origin of everything random.
    public var seed: UInt64
    /// The number of nodes for which room is reserved at once.
    public var capacity = 1024
    /// The constants of every node.
    public var configuration: KademliaConfiguration
    /// What may be stored under which keys.
    public var validators = RecordValidators()
    /// The civil time of the start.
    public var epoch = UnixTime(seconds: 1_800_000_000)
    /// Whether what the next events need is read before their turn: faster, and nothing else.
    public var readsAhead = true
    /// What happens to packets.
    public var network = NetworkParameters()

    /// Creates the parameters of nodes with the defaults, but without reports of single steps and with a small book of
    /// peers that have no place in the table.
    ///
    /// A join makes sessions with hundreds of such peers, 7 kB of 22 at 4,000 nodes; networks of servers alone run
    /// the same way without them, to the bit.
    public init(seed: UInt64) {
        self.seed = seed
        configuration = KademliaConfiguration()
        configuration.reportsSteps = false
        configuration.maximumBookPeers = 16
    }
}
