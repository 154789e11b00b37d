import GRDB

/// The tables of the database and the migrations that lead to them.
///
/// A migration that was released is never edited: a change is a new migration with the next number. The text
/// form is `Specs/storage.md`.
///
/// Every table is `WITHOUT ROWID`: one b-tree each, so that reading all rows at start also meets every
/// damaged page, and a write touches one tree. Times are seconds since 1970 as the 64 bits of a `UInt64`.
enum StorageSchema {
    /// All migrations, oldest first.
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1-dht") { database in try createDHTTables(database) }
        migrator.registerMigration("2-registry") { database in try createRegistryTable(database) }
        return migrator
    }

    private static func createDHTTables(_ database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE peer (
                    peer_id BLOB NOT NULL PRIMARY KEY,
                    addresses BLOB NOT NULL,
                    last_seen INTEGER NOT NULL
                ) STRICT, WITHOUT ROWID;
                CREATE TABLE record (
                    key BLOB NOT NULL PRIMARY KEY,
                    value BLOB NOT NULL,
                    received_at INTEGER NOT NULL,
                    expires_at INTEGER NOT NULL,
                    is_own INTEGER NOT NULL CHECK (is_own IN (0, 1))
                ) STRICT, WITHOUT ROWID;
                CREATE TABLE provider (
                    key BLOB NOT NULL,
                    peer_id BLOB NOT NULL,
                    addresses BLOB NOT NULL,
                    expires_at INTEGER NOT NULL,
                    is_own INTEGER NOT NULL CHECK (is_own IN (0, 1)),
                    PRIMARY KEY (key, peer_id)
                ) STRICT, WITHOUT ROWID;
                CREATE TABLE meta (
                    name TEXT NOT NULL PRIMARY KEY,
                    value BLOB NOT NULL
                ) STRICT, WITHOUT ROWID;
                """)
    }

    private static func createRegistryTable(_ database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE registry_entry (
                    kind TEXT NOT NULL,
                    key BLOB NOT NULL,
                    value BLOB NOT NULL,
                    expires_at INTEGER NOT NULL,
                    PRIMARY KEY (kind, key)
                ) STRICT, WITHOUT ROWID;
                """)
    }
}
