import MeshCore
import MeshMultiformats

/// Why one address could not be dialed.
public enum DialFailure: Error, Hashable, Sendable {
    /// Nothing answered in time.
    case timedOut(after: Duration)
    /// The system refused or broke the connection: its error number and text.
    case connection(code: Int32, reason: String)
    /// The name could not be looked up.
    case nameNotFound(String)
    /// Another peer answered than the address names.
    case wrongPeer(expected: PeerID, actual: PeerID)
    /// The connection was made but its handshake failed.
    case handshake(reason: String)
    /// No transport of this node speaks the address.
    case unsupported
    /// The peer closed the connection before it was ready.
    case closed
}

extension DialFailure: CustomStringConvertible {
    /// What went wrong.
    public var description: String {
        switch self {
        case .timedOut(let timeout): "no answer within \(timeout)"
        case .connection(_, let reason): reason
        case .nameNotFound(let name): "the name \(name) was not found"
        case .wrongPeer(let expected, let actual): "peer \(actual) answered instead of \(expected)"
        case .handshake(let reason): "the handshake failed: \(reason)"
        case .unsupported: "no transport for this address"
        case .closed: "the peer closed the connection before it was ready"
        }
    }
}

/// What became of one address.
public enum DialOutcome: Hashable, Sendable {
    /// The connection was made over it.
    case connected
    /// It was tried and failed.
    case failed(DialFailure)
    /// It was being tried when the dial ended.
    case cancelled
    /// The dial ended before its turn.
    case notTried
    /// It failed lately and is left alone; a manual dial tries it at once.
    case backingOff(retryIn: Duration)
    /// It was one address too many.
    case leftOut(limit: Int)
}

extension DialOutcome: CustomStringConvertible {
    /// What became of the address.
    public var description: String {
        switch self {
        case .connected: "connected"
        case .failed(let failure): failure.description
        case .cancelled: "cancelled"
        case .notTried: "not tried"
        case .backingOff(let retryIn): "failed lately, tried again in \(retryIn); a manual dial tries it now"
        case .leftOut(let limit): "left out, more than \(limit) addresses"
        }
    }
}

/// One address of a dial with its outcome.
public struct DialAttempt: Hashable, Sendable {
    /// The address.
    public var address: Multiaddr
    /// What became of it.
    public var outcome: DialOutcome
    /// When it started, counted from the start of the dial; nil when it never did.
    public var startedAfter: Duration?
    /// How long it took; nil when it never started.
    public var duration: Duration?
}

/// The result of dialing a peer, which names each address with its cause.
public struct DialResult: Hashable, Sendable {
    /// All addresses in the order of dialing.
    public var attempts: [DialAttempt]
    /// The attempt over which the connection was made, as an index of `attempts`.
    public var winner: Int?
    /// From the start to the end of the dial.
    public var duration: Duration

    /// Whether a connection was made.
    public var isConnected: Bool { winner != nil }
}
