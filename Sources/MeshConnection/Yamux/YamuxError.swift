/// Why a yamux session failed, or why a local call was refused.
public enum YamuxError: Error, Hashable, Sendable {
    // Violations by the peer: the session ends with a GoAway.

    /// A frame of another protocol version than 0.
    case badVersion(UInt8)
    /// A frame type above 3.
    case unknownFrameType(UInt8)
    /// A stream frame on stream 0, or a stream opened with an id of our parity.
    case badStreamID(UInt32)
    /// A stream was opened under an id that was used before, or that is far behind the newest.
    case streamReused(UInt32)
    /// A DATA frame is longer than the window that was granted.
    case windowExceeded(StreamID, byteCount: Int, window: Int)
    /// The peer goes on opening streams although they are refused.
    case tooManyRefusals(limitPerSecond: Int)
    /// The peer answers no ping and sends nothing.
    case keepaliveTimeout(after: Duration)

    // Refused local calls: nothing was changed.

    /// The stream was never opened, was reset, or has finished.
    case unknownStream(StreamID)
    /// The stream was written to after `finish`.
    case streamFinished(StreamID)
    /// The bytes do not fit into what may wait for the peer's window; retry after `.writable`.
    case sendBufferFull(StreamID, bufferedByteCount: Int, limit: Int)
    /// As many streams as allowed wait for the peer's acknowledgement.
    case tooManyUnacknowledgedStreams(limit: Int)
    /// The receive windows of the open streams use up their budget.
    case receiveWindowsExhausted(limit: Int)
    /// All 2^31 ids of this side were used; a new connection is needed.
    case streamIDsExhausted
    /// The peer announced that it accepts no more streams.
    case peerWentAway(code: UInt32)
    /// The session has ended.
    case sessionClosed
}

extension YamuxError: CustomStringConvertible {
    /// What happened, with what, and what it means for the connection.
    public var description: String {
        switch self {
        case .badVersion(let version):
            "yamux frame of version \(version), expected 0; connection closed"
        case .unknownFrameType(let type):
            "yamux frame of unknown type \(type); connection closed"
        case .badStreamID(let id):
            "yamux frame with stream id \(id), which the peer may not use; connection closed"
        case .streamReused(let id):
            "yamux stream id \(id) opened a second time; connection closed"
        case .windowExceeded(let stream, let byteCount, let window):
            "yamux frame of \(byteCount) bytes on stream \(stream) exceeds its window of \(window) bytes; "
                + "connection closed"
        case .tooManyRefusals(let limit):
            "peer opened more than \(limit) refused yamux streams in a second; connection closed"
        case .keepaliveTimeout(let timeout):
            "no answer to a yamux ping for \(timeout); connection closed"
        case .unknownStream(let stream):
            "yamux stream \(stream) is not open"
        case .streamFinished(let stream):
            "yamux stream \(stream) was already finished for writing"
        case .sendBufferFull(let stream, let buffered, let limit):
            "yamux stream \(stream) holds \(buffered) unsent bytes of at most \(limit); "
                + "wait until it is writable"
        case .tooManyUnacknowledgedStreams(let limit):
            "\(limit) yamux streams wait for the peer's acknowledgement; retry when one is answered"
        case .receiveWindowsExhausted(let limit):
            "the open yamux streams use the whole receive-window budget of \(limit) bytes"
        case .streamIDsExhausted:
            "all yamux stream ids are used; reconnect"
        case .peerWentAway(let code):
            "the peer accepts no more streams (yamux GoAway code \(code))"
        case .sessionClosed:
            "the yamux session is closed"
        }
    }
}

/// The codes that a GoAway frame carries.
public enum YamuxGoAwayCode {
    /// Ends without an error.
    ///
    /// Source: yamux spec, "Go Away".
    public static let normal: UInt32 = 0
    /// Ends because the peer broke the protocol.
    public static let protocolError: UInt32 = 1
    /// Ends because of an error of this side.
    public static let internalError: UInt32 = 2
}

/// The codes that a reset carries in its length field.
///
/// Source: go-libp2p core/network/mux.go.
public enum StreamResetCode {
    /// No reason given.
    public static let none: UInt32 = 0
    /// No protocol could be agreed on.
    public static let negotiationFailed: UInt32 = 0x1001
    /// A limit of the sender was reached.
    public static let resourceLimitExceeded: UInt32 = 0x1002
    /// The peer asks too often.
    public static let rateLimited: UInt32 = 0x1003
    /// The peer broke the stream's protocol.
    public static let protocolViolation: UInt32 = 0x1004
    /// The connection was replaced by another one.
    public static let supplanted: UInt32 = 0x1005
    /// The connection was closed because it was idle.
    public static let garbageCollected: UInt32 = 0x1006
    /// The node shuts down.
    public static let shutdown: UInt32 = 0x1007
    /// The peer is not allowed.
    public static let gated: UInt32 = 0x1008
}
