import MeshCore
import MeshNode
import Testing

/// What every storage does, on the disk and in memory.
@Suite struct StorageContractTests {
    enum Kind: CaseIterable {
        case memory, sqlite
    }

    /// Opens a storage of `kind` in `folder`.
    private func open(
        _ kind: Kind, _ folder: ScratchFolder, _ configuration: StorageConfiguration = .init()
    ) async throws -> any NodeStorage {
        switch kind {
        case .memory: MemoryStorage(configuration: configuration)
        case .sqlite: try await SQLiteStorage.open(folder("db"), configuration: configuration)
        }
    }

    @Test(arguments: Kind.allCases)
    func `a new storage is empty`(_ kind: Kind) async throws {
        let folder = try ScratchFolder()
        let storage = try await open(kind, folder)
        #expect(try await storage.load() == StoredState())
        await storage.close()
    }

    @Test(arguments: Kind.allCases)
    func `everything comes back as it went in, in order of the keys`(_ kind: Kind) async throws {
        let folder = try ScratchFolder()
        let storage = try await open(kind, folder)
        let time = UnixTime(seconds: 1_795_000_000)
        let far = UnixTime(seconds: .max)
        let peers = [
            PeerRow(peerID: [0], addresses: [], lastSeen: .init(seconds: 0)),
            PeerRow(peerID: [0, 0], addresses: [[]], lastSeen: time),
            PeerRow(peerID: [0, 36, 8], addresses: [[4, 127, 0, 0, 1, 6, 16, 1], [1]], lastSeen: far),
        ]
        let records = [
            RecordRow(key: [], value: [], receivedAt: time, expiresAt: far, isOwn: false),
            RecordRow(
                key: [0xff], value: .init(repeating: 0, count: 20_000), receivedAt: time, expiresAt: time,
                isOwn: true),
        ]
        let providers = [
            ProviderRow(key: [1], peer: [3], addresses: [[5]], expiresAt: time, isOwn: true),
            ProviderRow(key: [1], peer: [4], addresses: [], expiresAt: far, isOwn: false),
            ProviderRow(key: [2], peer: [0], addresses: [], expiresAt: time, isOwn: false),
        ]
        let registry = [
            RegistryRow(kind: "heartbeat", key: [9], blob: [], expiresAt: time),
            RegistryRow(kind: "rendezvous", key: [1], blob: [1, 2, 3], expiresAt: time),
        ]
        try await storage.commit(
            peers.reversed().map(StorageChange.upsertPeer)
                + records.reversed().map(StorageChange.upsertRecord)
                + providers.reversed().map(StorageChange.upsertProvider)
                + registry.reversed().map(StorageChange.upsertRegistry)
                + [.setMeta(name: "mesh record sequence", value: [0, 0, 1]), .setMeta(name: "é", value: [])])

        let state = try await storage.load()
        #expect(state.peers == peers)
        #expect(state.records == records)
        #expect(state.providers == providers)
        #expect(state.registry == registry)
        #expect(state.meta == ["mesh record sequence": [0, 0, 1], "é": []])
        #expect(state.damage == nil)
        await storage.close()
    }

    @Test(arguments: Kind.allCases)
    func `removing takes exactly the named row`(_ kind: Kind) async throws {
        let folder = try ScratchFolder()
        let storage = try await open(kind, folder)
        let time = UnixTime(seconds: 5)
        try await storage.commit([
            .upsertPeer(PeerRow(peerID: [1], addresses: [], lastSeen: time)), record(1), record(2),
            .upsertProvider(ProviderRow(key: [1], peer: [1], addresses: [], expiresAt: time, isOwn: false)),
            .upsertProvider(ProviderRow(key: [1], peer: [2], addresses: [], expiresAt: time, isOwn: false)),
            .upsertRegistry(RegistryRow(kind: "a", key: [1], blob: [], expiresAt: time)),
            .upsertRegistry(RegistryRow(kind: "b", key: [1], blob: [], expiresAt: time)),
            .setMeta(name: "a", value: [1]), .setMeta(name: "b", value: [1]),
        ])
        try await storage.commit([
            .removePeer(peerID: [1]), .removePeer(peerID: [77]), .removeRecord(key: [UInt8]("record 1".utf8)),
            .removeProvider(key: [1], peer: [1]), .removeRegistry(kind: "a", key: [1]),
            .removeMeta(name: "a"),
        ])
        let state = try await storage.load()
        #expect(state.peers.isEmpty)
        #expect(state.records.map(\.key) == [[UInt8]("record 2".utf8)])
        #expect(state.providers.map(\.peer) == [[2]])
        #expect(state.registry.map(\.kind) == ["b"])
        #expect(state.meta == ["b": [1]])
        await storage.close()
    }

    @Test(arguments: Kind.allCases)
    func `a commit with an entry above the limit changes nothing`(_ kind: Kind) async throws {
        let folder = try ScratchFolder()
        var configuration = StorageConfiguration()
        configuration.maximumChangeByteCount = 208
        let storage = try await open(kind, folder, configuration)
        try await storage.commit([record(1, byteCount: 200)])
        let failure = await #expect(throws: MeshFailure.self) {
            try await storage.commit([record(2), record(3, byteCount: 201)])
        }
        #expect(failure?.code == .limit)
        #expect(failure?.message == "an entry of 209 bytes exceeds the limit of 208")
        #expect(try await storage.load().records.count == 1)
        await storage.close()
    }

    @Test(arguments: Kind.allCases)
    func `a closed storage refuses, and closing twice is fine`(_ kind: Kind) async throws {
        let folder = try ScratchFolder()
        let storage = try await open(kind, folder)
        await storage.close()
        await storage.close()
        let write = await #expect(throws: MeshFailure.self) { try await storage.commit([record(1)]) }
        let read = await #expect(throws: MeshFailure.self) { try await storage.load() }
        #expect(write?.code == .stopping)
        #expect(read?.code == .stopping)
    }

    @Test(arguments: [UInt64](1...8))
    func `any history leaves both storages equal, also after opening again`(_ seed: UInt64) async throws {
        let folder = try ScratchFolder()
        let memory = MemoryStorage()
        var source = RowSource(seed: seed)
        for _ in 0..<4 {
            let disk = try await SQLiteStorage.open(folder("db"))
            #expect(try await disk.load() == memory.load(), "seed \(seed)")
            for _ in 0..<40 {
                let changes = (0..<Int.random(in: 0...8, using: &source.rng)).map { _ in source.change() }
                try await memory.commit(changes)
                try await disk.commit(changes)
            }
            #expect(try await disk.load() == memory.load(), "seed \(seed)")
            await disk.close()
        }
    }
}
