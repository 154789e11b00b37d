import MeshCore

/// The in-memory twin of ``SQLiteStorage``, for ephemeral nodes and tests.
public actor MemoryStorage: NodeStorage {
    private struct Pair: Hashable {
        var first: [UInt8]
        var second: [UInt8]
    }

    private let configuration: StorageConfiguration
    private var peers: [[UInt8]: PeerRow] = [:]
    private var records: [[UInt8]: RecordRow] = [:]
    private var providers: [Pair: ProviderRow] = [:]
    private var registry: [Pair: RegistryRow] = [:]
    private var meta: [String: [UInt8]] = [:]
    private var isClosed = false

    /// Creates an empty storage.
    public init(configuration: StorageConfiguration = StorageConfiguration()) {
        self.configuration = configuration
    }

    /// Reads everything, each list in the order of its keys.
    public func load() async throws(MeshFailure) -> StoredState {
        try requireOpen()
        var state = StoredState()
        state.peers = peers.values.sorted { $0.peerID.lexicographicallyPrecedes($1.peerID) }
        state.records = records.values.sorted { $0.key.lexicographicallyPrecedes($1.key) }
        state.providers = providers.values.sorted { left, right in
            left.key == right.key
                ? left.peer.lexicographicallyPrecedes(right.peer)
                : left.key.lexicographicallyPrecedes(right.key)
        }
        state.registry = registry.values.sorted { left, right in
            left.kind == right.kind
                ? left.key.lexicographicallyPrecedes(right.key)
                : left.kind.utf8.lexicographicallyPrecedes(right.kind.utf8)
        }
        state.meta = meta
        return state
    }

    /// Applies all of `changes`, or none.
    public func commit(_ changes: [StorageChange]) async throws(MeshFailure) {
        try requireOpen()
        try configuration.check(changes)
        for change in changes {
            apply(change)
        }
    }

    /// Refuses later calls.
    public func close() async {
        isClosed = true
    }

    private func requireOpen() throws(MeshFailure) {
        guard !isClosed else { throw .storageClosed }
    }

    private func apply(_ change: StorageChange) {
        switch change {
        case .upsertPeer(let row): peers[row.peerID] = row
        case .removePeer(let peerID): peers[peerID] = nil
        case .upsertRecord(let row): records[row.key] = row
        case .removeRecord(let key): records[key] = nil
        case .upsertProvider(let row): providers[Pair(first: row.key, second: row.peer)] = row
        case .removeProvider(let key, let peer): providers[Pair(first: key, second: peer)] = nil
        case .upsertRegistry(let row):
            registry[Pair(first: [UInt8](row.kind.utf8), second: row.key)] = row
        case .removeRegistry(let kind, let key):
            registry[Pair(first: [UInt8](kind.utf8), second: key)] = nil
        case .setMeta(let name, let value): meta[name] = value
        case .removeMeta(let name): meta[name] = nil
        }
    }
}
