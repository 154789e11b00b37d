import MeshMultiformats

/// One address that was tried, and what came of it.
public struct DialAttempt: Sendable, Hashable {
    /// What came of an attempt.
    public enum Outcome: String, Sendable {
        /// This address won.
        case connected
        /// It did not work; the error says why.
        case failed
        /// Another address was faster.
        case cancelled
        /// Not tried: it failed lately, or no transport speaks it.
        case skipped
    }

    /// The address, without a peer id.
    public var address: Multiaddr
    /// What came of it.
    public var outcome: Outcome
    /// How long it took.
    public var duration: Duration
    /// Why it failed, in words.
    public var error: String?
}

/// Why no connection came of a dial, with every address that was tried.
public struct DialFailure: Error, Sendable {
    /// The reason that counts.
    public enum Kind: Sendable, Hashable {
        /// There was nothing to try.
        case noAddresses
        /// Somebody else answered.
        case wrongPeer(PeerID)
        /// The peer is this node.
        case ownAddress
        /// Every address failed.
        case unreachable
        /// Too many connections or dials.
        case limit
    }

    /// The reason that counts.
    public var kind: Kind
    /// The attempts.
    public var attempts: [DialAttempt]
}

extension DialFailure: CustomStringConvertible {
    /// What each address said.
    public var description: String {
        guard !attempts.isEmpty else { return "no address to dial" }
        return attempts.map { "\($0.address): \($0.error ?? $0.outcome.rawValue)" }.joined(separator: "; ")
    }
}

/// A connection that a dial led to.
public struct DialSuccess {
    /// The connection.
    public var connection: PeerConnection
    /// Every address that was tried; empty when the connection was open already.
    public var attempts: [DialAttempt]
    /// Whether the connection was open before.
    public var wasOpen: Bool
}

/// How a caller learns of the end of a dial.
public typealias DialCompletion = (Result<DialSuccess, DialFailure>) -> Void

/// What dials are joined by: callers that want the same peer share one.
enum DialKey: Hashable {
    case peer(PeerID)
    case addresses([Multiaddr])
}
