import MeshCore

/// What the network between simulated nodes does to their packets.
public struct NetworkParameters: Hashable, Sendable {
    /// How long packets take.
    public var latency = LatencyModel.king
    /// The part of packets that are lost, 0 to 1.
    public var loss = 0.0
    /// The part of packets that arrive twice, 0 to 1.
    public var duplication = 0.0
    /// How long a request waits for its answer before it is sent again, and again; after the last it has failed.
    ///
    /// Source: `Specs/noise-datagrams.md`, 500 ms and two retransmissions.
    public var attemptTimeouts = [Duration](repeating: .milliseconds(500), count: 3)
    /// How much longer the first packet to a peer without a session waits: a handshake comes before it.
    public var handshakeTimeout = Duration.milliseconds(500)
    /// Sessions that one node remembers; rounded up to a power of two.
    ///
    /// A real node keeps thousands; a million simulated ones cannot. Contacts of a random walk are cold either way.
    public var sessionsPerNode = 32
    /// A session is forgotten when it was idle for so long.
    ///
    /// Source: `Specs/noise-datagrams.md`.
    public var sessionLifetime = Duration.seconds(180)
    /// How long a node that found no bootstrap peer alive waits before it tries others.
    public var bootstrapRetry = Duration.seconds(3)
    /// Whether every message is encoded and decoded on its way, as a check of the codec; it costs speed.
    public var encodesMessages = false
    /// Into how many IPv4 /16 networks the nodes are spread, at most 32,768.
    public var addressGroupCount = 32_768

    /// Creates an Internet without loss.
    public init() {}
}
