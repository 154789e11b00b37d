import MeshCore
import MeshMultiformats

/// What the Kademlia machine reports to its driver.
public enum KademliaEvent: Sendable {
    /// A request to the peer follows; these are the addresses at which it can be dialled.
    case learnedAddresses(PeerID, [Multiaddr])
    /// A query got an answer, or a failure, or noticed that a peer is slow.
    case queryStep(QueryID, QueryStep)
    /// A query found something on its way.
    case queryProgress(QueryID, QueryProgress)
    /// A query is over; its identifier is not used again.
    case queryFinished(QueryID, QueryOutcome, QueryStatistics)
    /// The record must be on disk before the response to the request of the token leaves.
    case persistRecord(StoredRecord, RequestToken?)
    /// The record of this key is gone.
    case removeRecord(key: [UInt8])
    /// The provider must be on disk before the request of the token counts as done.
    case persistProvider(ProviderRecord, RequestToken?)
    /// The provider of this key is gone.
    case removeProvider(key: [UInt8], PeerID)
    /// Peers came into the routing table, or left it.
    case routingTableChanged(added: [KadPeer], removed: [PeerID])
    /// The table is empty and nobody is left to ask: bootstrap peers must be dialled.
    case bootstrapNeeded
}

/// Names one query of a Kademlia machine.
@frozen
public struct QueryID: Hashable, Comparable, Sendable {
    /// A number that the machine does not reuse.
    public var value: UInt64

    /// Creates the identifier numbered `value`.
    @inlinable
    public init(_ value: UInt64) {
        self.value = value
    }

    /// Orders by age.
    @inlinable
    public static func < (left: QueryID, right: QueryID) -> Bool { left.value < right.value }
}

/// One request of a query and what came of it: a line of a trace.
public struct QueryStep: Hashable, Sendable {
    /// What came of a request.
    public enum Outcome: String, Hashable, Sendable {
        /// The peer answered.
        case answered
        /// The peer was not reached, refused, or did not answer in time.
        case failed
        /// The peer answered with something else than it was asked for.
        case invalid
        /// The peer has not answered yet; the query goes on without it.
        case slow
    }

    /// How many referrals led to the peer: 1 for peers of the own table.
    public var round: Int
    /// The peer that was asked.
    public var peer: KadPeer
    /// The time since it was asked.
    public var duration: Duration
    /// The number of peers that it named.
    public var closerCount: Int
    /// What came of the request.
    public var outcome: Outcome
    /// The leading zero bits of the distance between the peer and the target, 0 to 256: more is closer.
    public var sharedBitCount: Int
}

/// Something that a query found before it is over.
public enum QueryProgress: Hashable, Sendable {
    /// A peer gave a valid value.
    case value([UInt8], from: PeerID)
    /// Peers that provide the key, each reported once.
    case providers([KadPeer])
    /// So many peers have taken the record so far.
    case stored(count: Int, goal: Int)
}
