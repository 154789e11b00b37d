import MeshCore
import MeshMultiformats

/// How a query ended.
public enum QueryOutcome: Hashable, Sendable {
    /// The peer was found, with at least one address.
    case peer(KadPeer)
    /// The peers closest to the key, the closest first.
    case closestPeers([KadPeer])
    /// The best value, and how many peers (this node counts) hold exactly that.
    case value([UInt8], holders: Int)
    /// The providers, in the order in which they were found.
    case providers([KadPeer])
    /// So many of the peers that were asked have acknowledged the record.
    case stored(acknowledged: Int, attempted: Int)
    /// The provider record went to so many peers.
    case provided(sent: Int)
    /// The table has been filled, and has so many peers now.
    case bootstrapped(peers: Int)
    /// The query failed.
    case failed(QueryError)
}

/// Why a query failed.
public enum QueryError: Error, Hashable, Sendable {
    /// No peer is known: the node has to be bootstrapped first.
    case routingTableEmpty
    /// Peers answered, and none knows it.
    case notFound(answered: Int, failed: Int)
    /// None of the peers that were asked answered.
    case unreachable(failed: Int)
    /// The deadline passed before anything was found.
    case timedOut(Duration)
    /// So many queries are running already.
    case tooManyQueries(limit: Int)
    /// The key is empty or too long.
    case invalidKey(byteCount: Int, limit: Int)
    /// The record may not be stored.
    case invalidRecord(RecordError)
    /// A better value of the same key is stored here already.
    case outdatedRecord
    /// The store of this node has no room for the record.
    case storeFull
    /// The query was cancelled.
    case cancelled
}

/// What a query cost.
public struct QueryStatistics: Hashable, Sendable {
    /// Requests that were sent, and messages that want no answer.
    public var requests = 0
    /// Answers that came.
    public var answers = 0
    /// Requests that failed.
    public var failures = 0
    /// The longest chain of referrals that led to an answer.
    public var hops = 0
    /// The chain of referrals that led to the closest peer which answered.
    public var closestHops = 0
    /// The time from start to end.
    public var duration = Duration.zero

    /// Creates statistics of a query that has not done anything.
    public init() {}
}
