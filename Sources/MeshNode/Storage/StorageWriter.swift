import GRDB

/// Applies changes inside a transaction.
enum StorageWriter {
    /// Applies `changes` in order; the statements are prepared once per connection.
    static func apply(_ changes: [StorageChange], to database: Database) throws {
        for change in changes {
            let (sql, arguments) = statement(for: change)
            try database.cachedStatement(sql: sql).execute(arguments: arguments)
        }
    }

    private static func statement(for change: StorageChange) -> (String, StatementArguments) {
        switch change {
        case .upsertPeer(let row):
            (
                "INSERT OR REPLACE INTO peer (peer_id, addresses, last_seen) VALUES (?, ?, ?)",
                [blob(row.peerID), AddressColumn(addresses: row.addresses), TimeColumn(row.lastSeen)]
            )
        case .removePeer(let peerID): ("DELETE FROM peer WHERE peer_id = ?", [blob(peerID)])
        case .upsertRecord(let row): upsert(row)
        case .removeRecord(let key): ("DELETE FROM record WHERE key = ?", [blob(key)])
        case .upsertProvider(let row): upsert(row)
        case .removeProvider(let key, let peer):
            ("DELETE FROM provider WHERE key = ? AND peer_id = ?", [blob(key), blob(peer)])
        case .upsertRegistry(let row):
            (
                "INSERT OR REPLACE INTO registry_entry (kind, key, value, expires_at) VALUES (?, ?, ?, ?)",
                [row.kind, blob(row.key), blob(row.blob), TimeColumn(row.expiresAt)]
            )
        case .removeRegistry(let kind, let key):
            ("DELETE FROM registry_entry WHERE kind = ? AND key = ?", [kind, blob(key)])
        case .setMeta(let name, let value):
            ("INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)", [name, blob(value)])
        case .removeMeta(let name): ("DELETE FROM meta WHERE name = ?", [name])
        }
    }

    private static func upsert(_ row: RecordRow) -> (String, StatementArguments) {
        (
            """
            INSERT OR REPLACE INTO record (key, value, received_at, expires_at, is_own)
            VALUES (?, ?, ?, ?, ?)
            """,
            [
                blob(row.key), blob(row.value), TimeColumn(row.receivedAt), TimeColumn(row.expiresAt),
                row.isOwn,
            ]
        )
    }

    private static func upsert(_ row: ProviderRow) -> (String, StatementArguments) {
        (
            """
            INSERT OR REPLACE INTO provider (key, peer_id, addresses, expires_at, is_own)
            VALUES (?, ?, ?, ?, ?)
            """,
            [
                blob(row.key), blob(row.peer), AddressColumn(addresses: row.addresses),
                TimeColumn(row.expiresAt), row.isOwn,
            ]
        )
    }

    private static func blob(_ bytes: [UInt8]) -> BlobColumn {
        BlobColumn(bytes: bytes)
    }
}
