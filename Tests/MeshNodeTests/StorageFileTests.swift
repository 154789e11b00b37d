import GRDB
import Glibc
import MeshCore
@testable import MeshNode
import Testing

/// The database file: its rights, its settings, its versions.
@Suite struct StorageFileTests {
    @Test func `the database and its companions have mode 0600, whatever they had`() async throws {
        let folder = try ScratchFolder()
        for round in 0..<2 {
            let storage = try await SQLiteStorage.open(folder("db"))
            try await storage.commit([record(round)])
            for name in ["db", "db-wal", "db-shm"] {
                #expect(mode(folder(name)) == 0o600, "\(name), round \(round)")
            }
            if round == 1 { await storage.close() }
            // Left open in the first round: the next opening finds all three, readable by everybody.
            for name in ["db", "db-wal", "db-shm"] where round == 0 {
                chmod(folder(name), 0o644)
            }
        }
    }

    @Test func `every commit is synchronised`() async throws {
        let folder = try ScratchFolder()
        let storage = try await SQLiteStorage.open(folder("db"))
        let settings = await storage.settings(["journal_mode", "synchronous"])
        #expect(settings == ["wal", "2"])  // 2 is FULL
        await storage.close()
    }

    @Test func `a closed database is one file`() async throws {
        let folder = try ScratchFolder()
        let storage = try await SQLiteStorage.open(folder("db"))
        try await storage.commit([record(1)])
        await storage.close()
        #expect(mode(folder("db")) == 0o600)
        #expect(mode(folder("db-wal")) == nil)
        #expect(mode(folder("db-shm")) == nil)
    }

    @Test func `a file of version 1 is migrated with its rows`() async throws {
        let folder = try ScratchFolder()
        let old = try outsideConnection(folder("db"))
        try await old.write { try $0.execute(sql: Self.versionOne) }
        try old.close()

        let storage = try await SQLiteStorage.open(folder("db"))
        let state = try await storage.load()
        #expect(
            state.peers == [PeerRow(peerID: [1, 2], addresses: [[4, 5], [6]], lastSeen: .init(seconds: 7))])
        #expect(
            state.records == [
                RecordRow(
                    key: [1], value: [2, 2], receivedAt: .init(seconds: 3), expiresAt: .init(seconds: .max),
                    isOwn: true)
            ])
        #expect(
            state.providers == [
                ProviderRow(key: [1], peer: [2], addresses: [], expiresAt: .init(seconds: 4), isOwn: false)
            ])
        #expect(state.meta == ["sequence": [9]])
        #expect(state.registry.isEmpty)
        let entry = RegistryRow(kind: "heartbeat", key: [1], blob: [2], expiresAt: .init(seconds: 3))
        try await storage.commit([.upsertRegistry(entry)])
        #expect(try await storage.load().registry == [entry])
        await storage.close()
    }

    @Test func `a file of a newer version is refused and left alone`() async throws {
        let folder = try ScratchFolder()
        let storage = try await SQLiteStorage.open(folder("db"))
        try await storage.commit([record(1)])
        await storage.close()
        let newer = try outsideConnection(folder("db"))
        try await newer.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('99-later')") }
        try newer.close()
        let failure = await #expect(throws: MeshFailure.self) { try await SQLiteStorage.open(folder("db")) }
        #expect(failure?.code == .storage)
        #expect(failure?.message == "the database \(folder("db")) was written by a newer meshp2p")
        let rows = try await outsideConnection(folder("db")).read { database in
            try Int.fetchOne(database, sql: "SELECT count(*) FROM record")
        }
        #expect(rows == 1)
    }

    @Test func `the schema is the one that Specs/storage.md shows`() async throws {
        let folder = try ScratchFolder()
        await (try SQLiteStorage.open(folder("db"))).close()
        let shown = try SpecBlocks.sql(of: "storage.md")
        let written = try await outsideConnection(folder("db")).read(Self.schema)
        let specified = try await outsideConnection(folder("spec")).write { database in
            for block in shown {
                try database.execute(sql: block)
            }
            return try Self.schema(database)
        }
        #expect(!shown.isEmpty)
        #expect(written.filter { !$0.contains("grdb_migrations") } == specified)
    }

    @Test func `a path that cannot be a database is refused with its reason`() async throws {
        let folder = try ScratchFolder()
        mkdir(folder("folder"), 0o700)
        symlink(folder("elsewhere"), folder("link"))
        let cases = [
            ("missing/db", "it does not exist"), ("folder", "it is a folder"),
            ("link", "it is a symbolic link"),
        ]
        for (name, reason) in cases {
            let failure = await #expect(throws: MeshFailure.self) {
                try await SQLiteStorage.open(folder(name))
            }
            #expect(failure?.code == .storage)
            #expect(failure?.message == "cannot open \(folder(name)): \(reason)")
        }
    }

    private static func schema(_ database: Database) throws -> [String] {
        try String.fetchAll(
            database, sql: "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name"
        )
        .map { $0.split { $0.isWhitespace }.joined(separator: " ") }
    }

    /// What the program wrote before there were registry entries; never to be changed.
    private static let versionOne = """
        CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
        INSERT INTO grdb_migrations VALUES ('1-dht');
        CREATE TABLE peer (peer_id BLOB NOT NULL PRIMARY KEY, addresses BLOB NOT NULL,
            last_seen INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE record (key BLOB NOT NULL PRIMARY KEY, value BLOB NOT NULL,
            received_at INTEGER NOT NULL, expires_at INTEGER NOT NULL,
            is_own INTEGER NOT NULL CHECK (is_own IN (0, 1))) STRICT, WITHOUT ROWID;
        CREATE TABLE provider (key BLOB NOT NULL, peer_id BLOB NOT NULL, addresses BLOB NOT NULL,
            expires_at INTEGER NOT NULL, is_own INTEGER NOT NULL CHECK (is_own IN (0, 1)),
            PRIMARY KEY (key, peer_id)) STRICT, WITHOUT ROWID;
        CREATE TABLE meta (name TEXT NOT NULL PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
        INSERT INTO peer VALUES (x'0102', x'0204050106', 7);
        INSERT INTO record VALUES (x'01', x'0202', 3, -1, 1);
        INSERT INTO provider VALUES (x'01', x'02', x'', 4, 0);
        INSERT INTO meta VALUES ('sequence', x'09');
        """
}
