import MeshDHT
import MeshMultiformats

/// Everything that a person can set on a node.
public struct NodeConfiguration: Sendable {
    /// How the node takes part in the DHT.
    public enum KadMode: String, Sendable, Codable, CaseIterable {
        /// Server when it listens on an address that its network can reach, else client.
        case auto
        /// Asks, and answers nothing.
        case client
        /// Answers and stores too.
        case server
    }

    /// The home folder; nil for an ephemeral node that keeps nothing.
    public var home: String?
    /// The mesh's name; nil publishes no mesh record.
    public var name: String?
    /// What the mesh offers, for its record.
    public var capabilities: [String] = []
    /// Where the node listens, for streams or for datagrams (`/udp/N/noise`); empty for a client that is not reachable.
    public var listen: [Multiaddr] = []
    /// Bootstrap peers, with peer ids or without.
    public var bootstrap: [Multiaddr] = []
    /// Registry peers.
    public var registries: [Multiaddr] = []
    /// The name of the network: the prefix of its kad protocol, and the mesh record's network.
    public var network = "meshp2p"
    /// The kad protocol; nil is `/NETWORK/kad/1.0.0`.
    public var kadProtocol: String?
    /// The constants of the DHT.
    public var kademlia = KademliaConfiguration()
    /// The part in the DHT.
    public var kadMode = KadMode.auto
    /// Whether this node is a registry peer.
    public var isRegistry = false
    /// Whether registries may list this mesh.
    public var isPublic = true
    /// Members of the mesh, for heartbeats.
    public var memberCount = 0
    /// Bots of the mesh, for heartbeats.
    public var botCount = 0
    /// The swarm key file's content of a private network.
    public var presharedKey: String?
    /// Whether `/perf/1.0.0` is served.
    public var servesPerf = false
    /// Connections at most.
    public var maximumConnections = 512
    /// How long an idle connection is kept above the low-water mark.
    public var idleTimeout: Duration = .seconds(120)

    /// Creates the defaults.
    public init() {}

    /// The kad protocol id in use.
    public var kadProtocolID: String { kadProtocol ?? "/\(network)/kad/1.0.0" }
}
