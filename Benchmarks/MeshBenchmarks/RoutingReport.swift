/// What `bench routing` prints; every time is the thread's processor time of one call, the median of batches.
public struct RoutingReport: Codable, Sendable {
    /// Always `routing`.
    public var benchmark = "routing"
    /// Peers that were offered to the table.
    public var offered: Int
    /// Peers that it kept.
    public var entries: Int
    /// Buckets in use.
    public var buckets: Int
    /// k: peers of a bucket, and of a search.
    public var replication: Int
    /// Bits of a key, all of which are compared.
    public var keyBits = 256
    /// The seed of the peers and the targets.
    public var seed: UInt64
    /// The load of the machine when it began.
    public var loadAverage: Double
    /// The k closest to a random key, the closest first: half of the targets hit the first bucket.
    public var closestNanoseconds: Double
    /// The k closest to a key that shares 4 to 12 bits with the node's own, the closest first.
    public var closestNearSelfNanoseconds: Double
    /// The k closest while every search follows a touch of another peer.
    public var closestAfterTouchNanoseconds: Double
    /// The k closest as peers with their addresses, in an array of their own.
    public var closestPeersNanoseconds: Double
    /// Noting that a known peer is alive.
    public var touchNanoseconds: Double
    /// Offering a stranger to a full bucket, which keeps its peers and remembers some strangers.
    public var insertNanoseconds: Double
    /// Offering a known peer again.
    public var insertKnownNanoseconds: Double
    /// Removing a peer and inserting it again.
    public var replaceNanoseconds: Double
}
