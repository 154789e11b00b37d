import MeshConnection

/// The settings of a swarm, each with its unit.
public struct SwarmConfiguration: Sendable {
    /// The machines' settings.
    public var connection = ConnectionConfiguration()
    /// How many connections there may be, in total and by kind.
    public var limits = ConnectionLimits()
    /// The order and times of dialling.
    public var dialing = DialConfiguration()
    /// The agent that identify shows.
    public var agentVersion = "meshp2p"
    /// The protocol version that identify shows.
    ///
    /// Source: libp2p identify, "protocolVersion".
    public var protocolVersion = "ipfs/0.1.0"
    /// How long the peer may take for identify.
    ///
    /// Source: go-libp2p identify, 5 s.
    public var identifyTimeout: Duration = .seconds(5)
    /// How often idle and draining connections are looked at.
    public var maintenanceInterval: Duration = .seconds(5)
    /// Peers that are dialled at once.
    public var maximumDials = 256
    /// Connections waiting in the kernel to be accepted.
    static let listenBacklog: Int32 = 1024
    /// A stream takes more writes below this many buffered bytes.
    static let streamHighWaterMark = 1 << 19
    /// Bytes that may wait for a peer that does not read before its connection is ended.
    static let maximumUnsentByteCount = 1 << 26

    /// Creates the defaults.
    public init() {}
}
