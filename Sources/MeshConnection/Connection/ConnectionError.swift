/// How far a connection has come.
public enum ConnectionStage: Hashable, Sendable {
    /// The security protocol is being agreed.
    case securityNegotiation
    /// The Noise handshake runs.
    case securityHandshake
    /// The stream muxer is being agreed inside the secured channel.
    case muxerNegotiation
    /// Streams can be opened.
    case open
}

extension ConnectionStage: CustomStringConvertible {
    /// The stage in words that fit behind "during".
    public var description: String {
        switch self {
        case .securityNegotiation: "the negotiation of the security protocol"
        case .securityHandshake: "the Noise handshake"
        case .muxerNegotiation: "the negotiation of the stream muxer"
        case .open: "the open session"
        }
    }
}

/// Why a connection ended, or why a call to it was refused.
public enum ConnectionError: Error, Hashable, Sendable {
    // Ends of the connection.

    /// The peer broke multistream-select.
    case multistream(MultistreamError, during: ConnectionStage)
    /// The peer speaks none of the protocols that the stage needs.
    case refused([String], during: ConnectionStage)
    /// The Noise handshake or its session failed.
    case noise(NoiseError)
    /// The muxer's session failed, or refused a call.
    case yamux(YamuxError)
    /// The connection was not ready within the limit.
    case handshakeTimeout(ConnectionStage, limit: Duration)
    /// The peer closed the socket without saying that it would.
    case endOfStream(during: ConnectionStage)

    // Refused calls: nothing was changed.

    /// Streams exist only while the connection is open.
    case notOpen
    /// A stream needs at least one protocol.
    case noProposals
    /// The text cannot be a protocol id: it is empty, holds a line feed, or exceeds the message limit.
    case badProtocolID(String, byteLimit: Int)
}

extension ConnectionError: CustomStringConvertible {
    /// What happened, with what, and what to do.
    public var description: String {
        switch self {
        case .multistream(let error, let stage):
            "\(error) (during \(stage))"
        case .refused(let protocols, let stage):
            "the peer does not speak \(PeerText.list(protocols)), which \(stage) needs"
        case .noise(let error):
            "\(error)"
        case .yamux(let error):
            "\(error)"
        case .handshakeTimeout(let stage, let limit):
            "the connection was not ready after \(limit): the peer fell silent during \(stage)"
        case .endOfStream(let stage):
            "the peer closed the connection during \(stage)"
        case .notOpen:
            "the connection is not open; wait until it is established, or connect again"
        case .noProposals:
            "a stream needs at least one protocol to propose"
        case .badProtocolID(let text, let limit):
            "\(PeerText.quote(Array(text.utf8))) cannot be a protocol id: use 1 to \(limit) bytes without a line feed"
        }
    }
}
