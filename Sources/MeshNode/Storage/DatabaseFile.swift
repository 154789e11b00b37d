import GRDB
import GRDBSQLite
import Glibc

/// The database file: opened privately, migrated, and moved aside when it is damaged.
///
/// Everything here blocks.
struct DatabaseFile: Sendable {
    /// Why the file cannot be used.
    enum Failure: Error {
        /// Its content is not a database any more; a new file cures that.
        case damaged(String)
        /// Anything else.
        case failed(MeshFailure)
    }

    /// The path of the database; SQLite adds `-wal` and `-shm`.
    let path: String
    /// The limits.
    let configuration: StorageConfiguration

    /// Opens or creates the database and brings it to the newest schema.
    func open() throws(Failure) -> DatabaseQueue {
        do throws(MeshFailure) {
            try prepareFiles()
        } catch {
            throw .failed(error)
        }
        do {
            let database = try DatabaseQueue(path: path, configuration: connectionSettings)
            let migrator = StorageSchema.migrator
            guard try !database.read(migrator.hasBeenSuperseded) else {
                throw MeshFailure.newerDatabase(path)
            }
            try migrator.migrate(database)
            return database
        } catch {
            throw Self.failure(error, path: path)
        }
    }

    /// Opens the database, or moves a damaged one aside and opens an empty one.
    func openOrReplace() throws(MeshFailure) -> (DatabaseQueue, StorageDamage?) {
        do throws(Failure) {
            return (try open(), nil)
        } catch {
            switch error {
            case .failed(let failure): throw failure
            case .damaged(let reason): return try replace(reason: reason)
            }
        }
    }

    /// Moves the files of a damaged database aside and opens an empty one.
    ///
    /// No connection may be open.
    func replace(reason: String) throws(MeshFailure) -> (DatabaseQueue, StorageDamage?) {
        let damage = StorageDamage(reason: reason, movedTo: try moveAside())
        do throws(Failure) {
            return (try open(), damage)
        } catch {
            switch error {
            case .failed(let failure): throw failure
            case .damaged(let reason):
                throw MeshFailure(
                    .storage, "a new database at \(path) is damaged at once: \(reason)",
                    next: "check the disk")
            }
        }
    }

    /// Sorts an error of the database; `systemError` is the `errno` behind it, 0 when unknown.
    static func failure(_ error: any Error, path: String, systemError: Int32 = 0) -> Failure {
        if let failure = error as? MeshFailure { return .failed(failure) }
        if let failure = error as? Failure { return failure }
        if let error = error as? DatabaseError,
            error.resultCode == .SQLITE_CORRUPT || error.resultCode == .SQLITE_NOTADB
        {
            return .damaged(error.message ?? "the file is malformed")
        }
        return .failed(.database(error, path: path, systemError: systemError))
    }

    private var connectionSettings: Configuration {
        var settings = Configuration()
        settings.label = "meshp2p.storage"
        settings.busyMode = .timeout(configuration.busyTimeout.milliseconds / 1_000)
        let configuration = configuration
        settings.prepareDatabase { database in
            let mode = try String.fetchOne(database, sql: "PRAGMA journal_mode = WAL")
            guard mode == "wal" else {
                throw DatabaseError(
                    resultCode: .SQLITE_CANTOPEN, message: "the file system does not support write-ahead logs"
                )
            }
            // FULL: the log is synchronised before every commit returns.
            try database.execute(
                sql: """
                    PRAGMA synchronous = FULL;
                    PRAGMA cache_size = -\(configuration.cacheByteCount / 1_024);
                    PRAGMA journal_size_limit = \(configuration.logByteCount);
                    """)
            let pageByteCount = try Int.fetchOne(database, sql: "PRAGMA page_size") ?? 4_096
            let logPages = max(1, configuration.logByteCount / pageByteCount)
            // An empty schema takes 12 pages.
            let databasePages = max(16, configuration.maximumDatabaseByteCount / pageByteCount)
            try database.execute(
                sql: """
                    PRAGMA wal_autocheckpoint = \(logPages);
                    PRAGMA max_page_count = \(databasePages);
                    """)
        }
        return settings
    }

    /// Creates the file with mode 0600 and takes others' rights from what is there.
    ///
    /// SQLite gives `-wal` and `-shm` the mode of the database.
    private func prepareFiles() throws(MeshFailure) {
        let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .system("open", path, errno) }
        defer { Glibc.close(descriptor) }
        guard fchmod(descriptor, 0o600) == 0 else { throw .system("protect", path, errno) }
        for suffix in ["-wal", "-shm"] where chmod(path + suffix, 0o600) != 0 && errno != ENOENT {
            throw .system("protect", path + suffix, errno)
        }
    }

    private func moveAside() throws(MeshFailure) -> String {
        let base = "\(path).damaged-\(time(nil))"
        var target = base
        var attempt = 1
        while access(target, F_OK) == 0 {
            attempt += 1
            target = "\(base)-\(attempt)"
        }
        guard rename(path, target) == 0 else { throw .system("move aside", path, errno) }
        // The log belongs to its database: left behind it would be replayed into the new one.
        guard rename(path + "-wal", target + "-wal") == 0 || errno == ENOENT else {
            throw .system("move aside", path + "-wal", errno)
        }
        guard unlink(path + "-shm") == 0 || errno == ENOENT else {
            throw .system("remove", path + "-shm", errno)
        }
        return target
    }
}
