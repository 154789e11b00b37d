/// The names and limits of the ping protocol.
public enum PingConfiguration {
    /// The protocol's id.
    public static let protocolID = "/ipfs/ping/1.0.0"
    /// The size of a ping in bytes.
    ///
    /// Source: libp2p/specs ping/ping.md.
    public static let byteCount = 32
    /// Streams that a listener serves for one peer; the dialer opens one.
    ///
    /// Source: libp2p/specs ping/ping.md.
    public static let maximumInboundStreams = 2
    /// How long an answer may take.
    ///
    /// Source: go-libp2p ping.go `pingTimeout`.
    public static let timeout: Duration = .seconds(10)
}
