import MeshCore

/// The limits and intervals of a yamux session.
public struct YamuxConfiguration: Hashable, Sendable {
    /// The window that both sides grant a new stream, in bytes; fixed by the protocol.
    ///
    /// Source: yamux spec, "Flow Control".
    public static let initialWindow = 256 * 1024

    /// The largest receive window of one stream, in bytes.
    ///
    /// Source: go-yamux `MaxStreamWindowSize`.
    ///
    /// 16 MiB carry 2 Gbit/s over 63 ms; see ``maximumTotalReceiveWindow`` for the bound on memory.
    public var maximumStreamReceiveWindow = 16 * 1024 * 1024

    /// The receive windows of all streams together, in bytes: what the peer can make this session hold.
    ///
    /// Windows grow up to half of it, so that the other half stays for the initial windows of new streams. A
    /// stream that would exceed it is not opened. 256 MiB are 512 new streams beside 8 fully grown ones;
    /// rust-yamux allows 1 GiB.
    public var maximumTotalReceiveWindow = 256 * 1024 * 1024

    /// Streams that the peer may have open; more are reset.
    ///
    /// Source: rust-yamux `DEFAULT_MAX_NUM_STREAMS`.
    public var maximumInboundStreams = 512

    /// Streams of the peer that this side has not acknowledged yet; more are reset.
    ///
    /// Source: go-yamux `AcceptBacklog`.
    public var acceptBacklog = 256

    /// Own streams that the peer has not acknowledged yet; opening more throws.
    ///
    /// Source: yamux spec, "ACK backlog".
    public var maximumUnacknowledgedStreams = 256

    /// Bytes that wait in one stream for the peer's window; `write` throws beyond.
    public var maximumStreamBufferedBytes = 1024 * 1024

    /// A stream that had to buffer reports `.writable` once no more than these bytes wait.
    public var lowWaterMark = 64 * 1024

    /// The longest body of a DATA frame that is sent, in bytes.
    ///
    /// Source: go-yamux `MaxMessageSize`.
    public var maximumFrameBody = 64 * 1024

    /// Time between keepalive pings, which also measure the round trip; nil sends none.
    ///
    /// Source: go-yamux `KeepAliveInterval`.
    public var keepaliveInterval: Duration? = .seconds(30)

    /// How long a ping may stay unanswered while nothing else arrives.
    ///
    /// Source: go-yamux `ConnectionWriteTimeout`.
    public var pingTimeout: Duration = .seconds(10)

    /// Pings of the peer that are answered in one second; more are dropped, as go-yamux drops them.
    public var maximumPingRepliesPerSecond = 32

    /// Streams of the peer that are refused in one second; beyond, the peer ignores our limits and is closed.
    public var maximumRefusalsPerSecond = 1024

    /// Creates the default configuration.
    public init() {}
}
