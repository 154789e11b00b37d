import GRDB
import MeshCore

/// Reads the whole database into a ``StoredState``.
enum StorageReader {
    /// Reads every table, in the order of its primary key.
    static func load(_ database: Database) throws -> StoredState {
        try checkPages(database)
        var state = StoredState()
        state.peers = try peers(database)
        state.records = try records(database)
        state.providers = try providers(database)
        state.registry = try registry(database)
        state.meta = try meta(database)
        return state
    }

    /// Finds damage in pages that reading the rows alone would not meet; the cost is one pass over the file.
    private static func checkPages(_ database: Database) throws {
        let report = try String.fetchOne(database, sql: "PRAGMA quick_check(1)")
        guard report == "ok" else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: report ?? "no result of quick_check")
        }
    }

    private static func peers(_ database: Database) throws -> [PeerRow] {
        try rows(database, "SELECT peer_id, addresses, last_seen FROM peer ORDER BY peer_id") { row in
            PeerRow(peerID: blob(row, 0), addresses: addresses(row, 1), lastSeen: time(row, 2))
        }
    }

    private static func records(_ database: Database) throws -> [RecordRow] {
        try rows(database, "SELECT key, value, received_at, expires_at, is_own FROM record ORDER BY key") {
            row in
            RecordRow(
                key: blob(row, 0), value: blob(row, 1), receivedAt: time(row, 2), expiresAt: time(row, 3),
                isOwn: row[4])
        }
    }

    private static func providers(_ database: Database) throws -> [ProviderRow] {
        let sql = """
            SELECT key, peer_id, addresses, expires_at, is_own FROM provider ORDER BY key, peer_id
            """
        return try rows(database, sql) { row in
            ProviderRow(
                key: blob(row, 0), peer: blob(row, 1), addresses: addresses(row, 2), expiresAt: time(row, 3),
                isOwn: row[4])
        }
    }

    private static func registry(_ database: Database) throws -> [RegistryRow] {
        try rows(
            database, "SELECT kind, key, value, expires_at FROM registry_entry ORDER BY kind, key"
        ) { row in
            RegistryRow(kind: row[0], key: blob(row, 1), blob: blob(row, 2), expiresAt: time(row, 3))
        }
    }

    private static func meta(_ database: Database) throws -> [String: [UInt8]] {
        var values: [String: [UInt8]] = [:]
        let cursor = try Row.fetchCursor(database, sql: "SELECT name, value FROM meta")
        while let row = try cursor.next() {
            values[row[0]] = blob(row, 1)
        }
        return values
    }

    private static func rows<Element>(
        _ database: Database, _ sql: String, _ decode: (Row) -> Element
    ) throws -> [Element] {
        var elements: [Element] = []
        let cursor = try Row.fetchCursor(database, sql: sql)
        while let row = try cursor.next() {
            elements.append(decode(row))
        }
        return elements
    }

    private static func blob(_ row: Row, _ index: Int) -> [UInt8] {
        (row[index] as BlobColumn).bytes
    }

    private static func addresses(_ row: Row, _ index: Int) -> [[UInt8]] {
        (row[index] as AddressColumn).addresses
    }

    private static func time(_ row: Row, _ index: Int) -> UnixTime {
        (row[index] as TimeColumn).time
    }
}
