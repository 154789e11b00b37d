import MeshCore

/// A peer that the node has met, so that a restarted node rejoins without its bootstrap peers.
public struct PeerRow: Hashable, Sendable {
    /// The bytes of the peer id.
    public var peerID: [UInt8]
    /// Its addresses, binary multiaddrs, best first.
    public var addresses: [[UInt8]]
    /// When it answered last.
    public var lastSeen: UnixTime

    /// Creates the row.
    public init(peerID: [UInt8], addresses: [[UInt8]], lastSeen: UnixTime) {
        self.peerID = peerID
        self.addresses = addresses
        self.lastSeen = lastSeen
    }
}

/// A value record of the DHT.
public struct RecordRow: Hashable, Sendable {
    /// The key.
    public var key: [UInt8]
    /// The value.
    public var value: [UInt8]
    /// When the node took it.
    public var receivedAt: UnixTime
    /// When it ends.
    public var expiresAt: UnixTime
    /// Whether this node published it and republishes it.
    public var isOwn: Bool

    /// Creates the row.
    public init(
        key: [UInt8], value: [UInt8], receivedAt: UnixTime, expiresAt: UnixTime, isOwn: Bool
    ) {
        self.key = key
        self.value = value
        self.receivedAt = receivedAt
        self.expiresAt = expiresAt
        self.isOwn = isOwn
    }
}

/// A provider record of the DHT: one peer that offers one key.
public struct ProviderRow: Hashable, Sendable {
    /// The multihash that is provided.
    public var key: [UInt8]
    /// The bytes of the provider's peer id.
    public var peer: [UInt8]
    /// The provider's addresses, binary multiaddrs.
    public var addresses: [[UInt8]]
    /// When it ends.
    public var expiresAt: UnixTime
    /// Whether this node provides the key and republishes it.
    public var isOwn: Bool

    /// Creates the row.
    public init(
        key: [UInt8], peer: [UInt8], addresses: [[UInt8]], expiresAt: UnixTime, isOwn: Bool
    ) {
        self.key = key
        self.peer = peer
        self.addresses = addresses
        self.expiresAt = expiresAt
        self.isOwn = isOwn
    }
}

/// What a registry peer keeps about a mesh: a rendezvous registration or a heartbeat.
public struct RegistryRow: Hashable, Sendable {
    /// The kind of entry, a word of the registry's choice such as `heartbeat`.
    public var kind: String
    /// The key, unique within the kind.
    public var key: [UInt8]
    /// The entry, encoded by the registry.
    public var blob: [UInt8]
    /// When it ends.
    public var expiresAt: UnixTime

    /// Creates the row.
    public init(kind: String, key: [UInt8], blob: [UInt8], expiresAt: UnixTime) {
        self.kind = kind
        self.key = key
        self.blob = blob
        self.expiresAt = expiresAt
    }
}

/// A damaged database that was moved aside, for the log.
public struct StorageDamage: Hashable, Sendable {
    /// What was wrong with it.
    public var reason: String
    /// Where the damaged file lies now.
    public var movedTo: String
}

/// Everything that a node finds when it starts, each list in ascending order of its key bytes.
public struct StoredState: Hashable, Sendable {
    /// The peers.
    public var peers: [PeerRow] = []
    /// The value records.
    public var records: [RecordRow] = []
    /// The provider records, by key and peer.
    public var providers: [ProviderRow] = []
    /// The registry's entries, by kind and key.
    public var registry: [RegistryRow] = []
    /// Small values by name, such as the mesh record's sequence.
    public var meta: [String: [UInt8]] = [:]
    /// What happened to a damaged database: the state is empty then, and the node must say so.
    public var damage: StorageDamage?

    /// Creates the state of a new node.
    public init() {}
}
