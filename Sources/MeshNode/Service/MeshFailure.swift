/// A failure as the command, the API and scripts see it: a stable code, a sentence, and what to do next.
public struct MeshFailure: Error, Codable, Sendable, Hashable {
    /// The stable codes, each with its exit and HTTP status.
    public enum Code: String, Codable, Sendable, CaseIterable {
        /// An argument is malformed or impossible.
        case badArgument = "bad_argument"
        /// A file does not hold what it should.
        case malformed
        /// Nothing was found under the key.
        case notFound = "not_found"
        /// No address of the peer could be reached.
        case unreachable
        /// The peer is another than the address says.
        case wrongPeer = "wrong_peer"
        /// The peer or a policy refused.
        case refused
        /// The peer does not speak a protocol that the call needs.
        case unsupportedProtocol = "unsupported_protocol"
        /// No peer of the network is known.
        case noPeers = "no_peers"
        /// The call needs a running node.
        case noNode = "no_node"
        /// Another process holds the home folder.
        case homeInUse = "home_in_use"
        /// The secret key can be read by others.
        case keyExposed = "key_exposed"
        /// A listen address cannot be taken.
        case listenFailed = "listen_failed"
        /// Reading or writing the home folder failed.
        case storage
        /// A deadline passed.
        case timedOut = "timed_out"
        /// A limit of this node was met.
        case limit
        /// The node is stopping.
        case stopping
        /// A fault of ours.
        case `internal`

        /// The exit status of the command: 1 failed, 2 wrong use, 3 not found, 4 unreachable, 5 refused.
        public var exitStatus: Int32 {
            switch self {
            case .badArgument: 2
            case .notFound: 3
            case .unreachable, .wrongPeer, .noPeers, .timedOut: 4
            case .refused, .unsupportedProtocol: 5
            case .malformed, .noNode, .homeInUse, .keyExposed, .listenFailed, .storage, .limit, .stopping,
                .internal:
                1
            }
        }

        /// The HTTP status of the API.
        public var httpStatus: Int {
            switch self {
            case .badArgument, .malformed: 400
            case .notFound: 404
            case .refused, .unsupportedProtocol, .keyExposed: 403
            case .unreachable, .wrongPeer, .noPeers: 502
            case .timedOut: 504
            case .limit: 429
            case .noNode, .homeInUse, .stopping: 503
            case .listenFailed, .storage, .internal: 500
            }
        }
    }

    /// The stable code.
    public var code: Code
    /// What happened, with what.
    public var message: String
    /// What to do next, a sentence or a command.
    public var next: String?
    /// The addresses that were tried, for `dial`.
    public var attempts: [DialReport.Attempt]?

    /// Creates a failure.
    public init(
        _ code: Code, _ message: String, next: String? = nil, attempts: [DialReport.Attempt]? = nil
    ) {
        self.code = code
        self.message = message
        self.next = next
        self.attempts = attempts
    }
}
