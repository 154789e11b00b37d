import MeshConnection
import MeshMultiformats

/// Why no connection came of a dial, with every address that was tried.
public struct DialError: Error, Sendable {
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
    /// Every address with its outcome.
    public var attempts: [DialAttempt]

    /// Creates an error without attempts.
    init(_ kind: Kind) {
        self.kind = kind
        attempts = []
    }

    /// Creates the error of a dial that is over.
    init(_ result: DialResult) {
        attempts = result.attempts
        kind = result.attempts.isEmpty ? .noAddresses : .unreachable
        for case .failed(.wrongPeer(_, let actual)) in result.attempts.map(\.outcome) {
            kind = .wrongPeer(actual)
        }
    }
}

extension DialError: CustomStringConvertible {
    /// What each address said.
    public var description: String {
        switch kind {
        case .ownAddress: "that is this node itself"
        case .limit: "too many connections or dials are open"
        case .noAddresses: "no address is known that this node can dial"
        case .wrongPeer, .unreachable:
            attempts.map { "\($0.address): \($0.outcome)" }.joined(separator: "; ")
        }
    }
}

/// A connection that a dial led to.
public struct DialSuccess {
    /// The connection.
    public var connection: PeerConnection
    /// Every address with its outcome; empty when the connection was open already.
    public var attempts: [DialAttempt]
    /// Whether the connection was open before.
    public var wasOpen: Bool
}

/// How a caller learns of the end of a dial.
public typealias DialCompletion = (Result<DialSuccess, DialError>) -> Void

/// What dials are joined by: callers that want the same peer share one.
enum DialKey: Hashable {
    case peer(PeerID)
    case addresses([Multiaddr])
}
