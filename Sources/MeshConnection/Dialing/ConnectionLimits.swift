/// How many connections a node keeps, and for how long.
public struct ConnectionLimits: Hashable, Sendable {
    /// Established connections together.
    ///
    /// Each costs some 30 KiB idle, and at most its yamux budget busy.
    public var maximumConnections = 512
    /// Established connections that the peers dialed.
    public var maximumInboundConnections = 384
    /// Established connections with one peer.
    ///
    /// Source: go-libp2p rcmgr `ConnsInbound` of a peer, 8.
    public var maximumConnectionsPerPeer = 8
    /// Inbound connections whose handshake is under way; beyond, the oldest gives way.
    public var maximumInboundHandshakes = 256
    /// How old a handshake must be to give way: a peer that is merely slow has this long.
    public var minimumHandshakeTime: Duration = .seconds(1)

    /// Above so many established connections, those that are idle are closed, the longest idle first.
    public var idlePruningThreshold = 256
    /// How long a connection must have been idle for that.
    ///
    /// Source: go-libp2p connmgr `GracePeriod`.
    public var minimumIdleTime: Duration = .seconds(60)

    /// How long a duplicate stays open even without streams: the other side may just be opening one.
    public var minimumDrainTime: Duration = .seconds(1)
    /// How long a duplicate may take to end its streams.
    public var maximumDrainTime: Duration = .seconds(30)

    /// Creates the default limits.
    public init() {}
}

/// Which limit a connection ran into.
public enum ConnectionLimitError: Error, Hashable, Sendable {
    /// `maximumConnections`, and none of them is idle.
    case tooManyConnections(limit: Int)
    /// `maximumInboundConnections`, and none of them is idle.
    case tooManyInboundConnections(limit: Int)
    /// `maximumConnectionsPerPeer`.
    case tooManyConnectionsToPeer(limit: Int)
    /// `maximumInboundHandshakes`, and all of them are young.
    case tooManyInboundHandshakes(limit: Int)
    /// The id is in the table already, or not in the state that the call needs.
    case misused
}

extension ConnectionLimitError: CustomStringConvertible {
    /// What was reached, and the setting that raises it.
    public var description: String {
        switch self {
        case .tooManyConnections(let limit):
            "all \(limit) connections are in use; raise maximumConnections to allow more"
        case .tooManyInboundConnections(let limit):
            "all \(limit) inbound connections are in use; raise maximumInboundConnections to allow more"
        case .tooManyConnectionsToPeer(let limit):
            "the peer has \(limit) connections; raise maximumConnectionsPerPeer to allow more"
        case .tooManyInboundHandshakes(let limit):
            "\(limit) inbound handshakes are under way; raise maximumInboundHandshakes to allow more"
        case .misused: "the connection is not in the state for this call"
        }
    }
}
