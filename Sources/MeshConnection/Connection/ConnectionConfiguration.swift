/// The limits and timeouts of a connection.
public struct ConnectionConfiguration: Sendable {
    /// The stream muxer that a connection runs.
    public static let muxer = "/yamux/1.0.0"
    /// The security protocol that a connection runs.
    public static let security = "/noise"

    /// The time from the first byte until the muxer is ready.
    ///
    /// Source: go-libp2p upgrader allows 15 s.
    public var handshakeTimeout: Duration = .seconds(10)

    /// The time in which the protocol of a stream must be agreed.
    ///
    /// Source: go-libp2p, `DefaultNegotiationTimeout`.
    public var negotiationTimeout: Duration = .seconds(10)

    /// Whether the muxer is agreed inside the Noise handshake when the peer does so too; saves a round trip.
    public var negotiatesEarlyMuxer = true

    /// Proposals that are answered in one negotiation before it is given up.
    public var maximumProposalCount = Multistream.maximumProposalCount

    /// The limits of the stream muxer.
    public var yamux = YamuxConfiguration()

    /// Creates the default configuration.
    public init() {}
}
