/// What the table knows of one bucket beside its peers, in eight bytes.
struct RoutingBucket: Sendable {
    /// When a lookup last went through the key range of the bucket.
    var refreshed = CoarseTime()
    /// The number of its peers.
    var count: UInt8 = 0
    /// How many of them have failed since they were last alive.
    var failingCount: UInt8 = 0
    /// Peers that wait for a place lie in a ring: where the oldest is, and how many there are.
    var firstWaiting: UInt8 = 0
    var waitingCount: UInt8 = 0
}

/// One peer of the table and what is known of its liveness, in sixteen bytes.
struct RoutingEntry: Sendable {
    /// Nil in slots that are not in use.
    var peer: KadPeer.Storage?
    /// When the peer answered or asked last.
    var lastSeen = CoarseTime()
    /// Half of the bits of its address group; 0 when it is in none that is limited.
    var groupTag: UInt16 = 0
    /// Requests that failed since.
    var failureCount: UInt8 = 0
    /// Whether all of its addresses may be handed out as they are.
    var isPresentable = false

    static let empty = RoutingEntry()
}
