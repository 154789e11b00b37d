import MeshCore

/// What this node knows of one provider of one key.
public struct ProviderRecord: Hashable, Sendable {
    /// The multihash of the content.
    public var key: [UInt8]
    /// Who provides it; without addresses when the provider is this node.
    public var provider: KadPeer
    /// When the provider announced it last.
    public var received: UnixTime
    /// Whether this node is the provider, and announces it again before it expires.
    public var isOwn: Bool

    /// Creates a record.
    public init(key: [UInt8], provider: KadPeer, received: UnixTime, isOwn: Bool) {
        self.key = key
        self.provider = provider
        self.received = received
        self.isOwn = isOwn
    }
}
