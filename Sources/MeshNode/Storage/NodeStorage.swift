/// Where a node keeps what must survive it: peers, records, providers, registry entries and counters.
///
/// Expired rows are kept and given like any other: deciding about them is the state machines' business.
public protocol NodeStorage: Sendable {
    /// Reads everything; to be called once, before the first commit.
    func load() async throws(MeshFailure) -> StoredState

    /// Applies all of `changes` in order, or none, and returns when they are durable.
    ///
    /// A cancelled caller waits too: what was queued is written.
    func commit(_ changes: [StorageChange]) async throws(MeshFailure)

    /// Waits for the commits that were accepted, refuses later ones, and releases the files.
    func close() async
}

/// One change of what is stored.
///
/// Inserting replaces the row of the same key.
public enum StorageChange: Hashable, Sendable {
    /// Inserts a peer or replaces it.
    case upsertPeer(PeerRow)
    /// Removes a peer, if it is there.
    case removePeer(peerID: [UInt8])
    /// Inserts a value record or replaces it.
    case upsertRecord(RecordRow)
    /// Removes a value record, if it is there.
    case removeRecord(key: [UInt8])
    /// Inserts a provider record or replaces it.
    case upsertProvider(ProviderRow)
    /// Removes a provider record, if it is there.
    case removeProvider(key: [UInt8], peer: [UInt8])
    /// Inserts a registry entry or replaces it.
    case upsertRegistry(RegistryRow)
    /// Removes a registry entry, if it is there.
    case removeRegistry(kind: String, key: [UInt8])
    /// Sets a named value.
    case setMeta(name: String, value: [UInt8])
    /// Removes a named value, if it is there.
    case removeMeta(name: String)

    /// The bytes that the change carries, for the limits.
    var byteCount: Int {
        switch self {
        case .upsertPeer(let row): row.peerID.count + AddressList.byteCount(row.addresses)
        case .removePeer(let peerID): peerID.count
        case .upsertRecord(let row): row.key.count + row.value.count
        case .removeRecord(let key): key.count
        case .upsertProvider(let row):
            row.key.count + row.peer.count + AddressList.byteCount(row.addresses)
        case .removeProvider(let key, let peer): key.count + peer.count
        case .upsertRegistry(let row): row.kind.utf8.count + row.key.count + row.blob.count
        case .removeRegistry(let kind, let key): kind.utf8.count + key.count
        case .setMeta(let name, let value): name.utf8.count + value.count
        case .removeMeta(let name): name.utf8.count
        }
    }
}
