import MeshMultiformats

/// What a connection wants to happen; the driver drains it after a batch of calls and reuses it.
///
/// One buffer can serve all connections of an event loop: it also holds their scratch memory.
public struct ConnectionEffects {
    /// Bytes for the socket, in order.
    public var outbound: [UInt8] = []
    /// The bytes that ``ConnectionEvent/data(_:_:)`` events refer to.
    public var arena: [UInt8] = []
    /// What happened, in order.
    public var events: [ConnectionEvent] = []

    /// What the muxer wants while a call runs; empty between calls.
    var muxed = YamuxEffects()
    /// Received bytes of a private network in the clear; empty between calls.
    var unveiled: [UInt8] = []

    /// Creates an empty buffer.
    public init() {}

    /// Memory beyond this is given back when the buffer is emptied, in bytes: reads and writes are far shorter.
    private static let keptByteCount = 4 * 1024 * 1024

    /// Empties the buffer and keeps its memory, unless one call made it unusually large.
    public mutating func removeAll() {
        outbound.removeAll(keepingCapacity: outbound.capacity <= Self.keptByteCount)
        arena.removeAll(keepingCapacity: arena.capacity <= Self.keptByteCount)
        events.removeAll(keepingCapacity: true)
        if muxed.frames.capacity > Self.keptByteCount { muxed.frames = [] }
    }
}

/// Something that happened on a connection.
public enum ConnectionEvent: Hashable, Sendable {
    /// The peer has proven who it is.
    case secured(PeerID, PublicKey)
    /// The muxer is ready: streams can be opened.
    case established(ConnectionInfo)
    /// The peer opened a stream and we agreed on its protocol.
    case streamOpened(StreamID, protocolID: String)
    /// The peer confirmed the protocol of a stream of ours.
    case streamNegotiated(StreamID, protocolID: String)
    /// The peer speaks none of the protocols proposed for a stream of ours; the stream is gone.
    case streamRefused(StreamID)
    /// Bytes for a stream, as a range of the arena; `consumed` is owed for them.
    case data(StreamID, Range<Int>)
    /// The peer finished writing; this side may go on.
    case end(StreamID)
    /// The stream is gone: reset by the peer, because of a violation, or because its negotiation took too long.
    case reset(StreamID, code: UInt32)
    /// The bytes that wait for the peer's window fell to the low-water mark.
    case writable(StreamID)
    /// Both directions ended cleanly; the id may be forgotten.
    case finished(StreamID)
    /// The peer accepts no more streams; open ones go on.
    case goAway(code: UInt32)
    /// A round trip was measured.
    case roundTrip(Duration)
    /// The connection ended with all its streams: send the outbound bytes, then close the socket.
    ///
    /// It comes exactly once and last.
    case closed(ConnectionError?)
}

/// What was agreed when a connection was established.
public struct ConnectionInfo: Hashable, Sendable {
    /// Who the peer is.
    public var peer: PeerID
    /// The peer's public key.
    public var publicKey: PublicKey
    /// The security protocol.
    public var security: String
    /// The stream muxer.
    public var muxer: String
    /// Whether the muxer was agreed inside the security handshake.
    public var earlyMuxer: Bool

    /// Creates a description.
    public init(peer: PeerID, publicKey: PublicKey, security: String, muxer: String, earlyMuxer: Bool) {
        self.peer = peer
        self.publicKey = publicKey
        self.security = security
        self.muxer = muxer
        self.earlyMuxer = earlyMuxer
    }
}
