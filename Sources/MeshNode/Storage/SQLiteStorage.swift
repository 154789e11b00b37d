import Dispatch
import GRDB
import GRDBSQLite

/// The durable storage of a node: one SQLite database, written by group commit.
///
/// Commits that arrive while the disk is busy share the next transaction, and each returns after its
/// transaction was synchronised to the disk. There is no writer task: the first caller that finds the disk
/// idle leads, writes for everybody who waits, and hands the lead to the next in line. A transaction that
/// fails fails exactly the commits that shared it; the storage goes on.
///
/// SQLite's blocking work runs on GRDB's serial queue, never on Swift's cooperative threads.
public actor SQLiteStorage: NodeStorage {
    /// What a commit that waited is told.
    private enum Turn {
        /// Another caller wrote its changes.
        case finished(Result<Void, MeshFailure>)
        /// It is first in line and the disk is idle: it writes.
        case lead
    }

    /// Where the storage is in its life.
    private enum Phase {
        case open
        /// Accepted commits end; those who close too wait for the first.
        case closing([CheckedContinuation<Void, Never>])
        case closed
    }

    private struct Waiter {
        let changes: [StorageChange]
        let continuation: CheckedContinuation<Turn, Never>
    }

    private let file: DatabaseFile
    private var database: DatabaseQueue
    private var damage: StorageDamage?
    private var waiters: [Waiter] = []
    private var isWriting = false
    private var phase = Phase.open
    private var idleContinuation: CheckedContinuation<Void, Never>?

    /// Counts since the storage was opened.
    public private(set) var statistics = StorageStatistics()

    /// The commits that wait for the transaction in progress.
    public var waitingCommitCount: Int { waiters.count }

    private init(file: DatabaseFile, database: DatabaseQueue, damage: StorageDamage?) {
        self.file = file
        self.database = database
        self.damage = damage
    }

    /// Opens or creates the database at `path` with mode 0600, and migrates it to the newest schema.
    ///
    /// A damaged database is moved aside; ``load()`` then says so in ``StoredState/damage``. The caller holds
    /// the ``HomeLock``: two nodes must not share the file.
    public static func open(
        _ path: String, configuration: StorageConfiguration = StorageConfiguration()
    ) async throws(MeshFailure) -> SQLiteStorage {
        let file = DatabaseFile(path: path, configuration: configuration)
        let (database, damage) = try await onThread { () throws(MeshFailure) in try file.openOrReplace() }
            .get()
        return SQLiteStorage(file: file, database: database, damage: damage)
    }

    /// Reads everything, each list in the order of its keys.
    public func load() async throws(MeshFailure) -> StoredState {
        try requireOpen()
        let path = file.path
        let result: Result<StoredState, DatabaseFile.Failure> = await onDatabase { database in
            do {
                return .success(try StorageReader.load(database))
            } catch {
                return .failure(DatabaseFile.failure(error, path: path, systemError: systemError(database)))
            }
        }
        switch result {
        case .success(var state):
            state.damage = damage
            return state
        case .failure(.failed(let failure)): throw failure
        case .failure(.damaged(let reason)):
            try await replaceDatabase(reason)
            var state = StoredState()
            state.damage = damage
            return state
        }
    }

    /// Applies all of `changes`, or none, and returns when they are on the disk.
    public func commit(_ changes: [StorageChange]) async throws(MeshFailure) {
        try requireOpen()
        guard !changes.isEmpty else { return }
        try file.configuration.check(changes)
        if isWriting {
            guard waiters.count < file.configuration.maximumWaitingCommits else { throw tooManyWaiters }
            let turn = await withCheckedContinuation { continuation in
                waiters.append(Waiter(changes: changes, continuation: continuation))
            }
            if case .finished(let result) = turn { return try result.get() }
        }
        isWriting = true
        let result = await lead(changes)
        passLead()
        try result.get()
    }

    /// Waits for the commits that were accepted, refuses later ones, and folds the log into the database.
    public func close() async {
        switch phase {
        case .closed: return
        case .closing(let others):
            await withCheckedContinuation { phase = .closing(others + [$0]) }
        case .open:
            phase = .closing([])
            if isWriting {
                await withCheckedContinuation { idleContinuation = $0 }
            }
            await releaseFiles()
            guard case .closing(let others) = phase else { return }
            phase = .closed
            others.forEach { $0.resume() }
        }
    }

    private func requireOpen() throws(MeshFailure) {
        guard case .open = phase else { throw .storageClosed }
    }

    private func releaseFiles() async {
        let database = database
        await onThread {
            // A closed database is one file. Failing leaves a log that the next start replays.
            try? database.writeWithoutTransaction { database in _ = try database.checkpoint(.truncate) }
            try? database.close()
        }
    }

    // MARK: Group commit

    /// Writes `changes` and those of the callers behind in one transaction, and tells them.
    private func lead(_ changes: [StorageChange]) async -> Result<Void, MeshFailure> {
        let followers = takeFollowers(room: file.configuration.maximumBatchChanges - changes.count)
        let result = await write([changes] + followers.map(\.changes))
        let count = 1 + followers.count
        statistics.transactions += 1
        switch result {
        case .success:
            statistics.commits += count
            statistics.changes += followers.reduce(changes.count) { $0 + $1.changes.count }
        case .failure:
            statistics.failedCommits += count
        }
        for follower in followers {
            follower.continuation.resume(returning: .finished(result))
        }
        return result
    }

    /// Takes the longest run of waiting commits, in order, that fits.
    private func takeFollowers(room: Int) -> [Waiter] {
        var room = room
        let count =
            waiters.firstIndex { waiter in
                room -= waiter.changes.count
                return room < 0
            } ?? waiters.count
        let followers = Array(waiters.prefix(count))
        waiters.removeFirst(count)
        return followers
    }

    private func passLead() {
        if waiters.isEmpty {
            isWriting = false
            idleContinuation?.resume()
            idleContinuation = nil
        } else {
            waiters.removeFirst().continuation.resume(returning: .lead)
        }
    }

    private func write(_ commits: [[StorageChange]]) async -> Result<Void, MeshFailure> {
        let path = file.path
        return await onDatabase { database in
            do {
                try database.inTransaction(.immediate) {
                    for changes in commits {
                        try StorageWriter.apply(changes, to: database)
                    }
                    return .commit
                }
                return .success(())
            } catch {
                return .failure(.database(error, path: path, systemError: systemError(database)))
            }
        }
    }

    private var tooManyWaiters: MeshFailure {
        MeshFailure(
            .limit, "\(waiters.count) writes wait for the disk that holds \(file.path)",
            next: "try again later, or move the home to a faster disk")
    }

    /// The values of SQLite settings, for tests.
    func settings(_ names: [String]) async -> [String?] {
        await onDatabase { database in
            names.map { name in try? String.fetchOne(database, sql: "PRAGMA \(name)") }
        }
    }

    // MARK: Threads

    private func replaceDatabase(_ reason: String) async throws(MeshFailure) {
        let (file, old) = (file, database)
        (database, damage) = try await onThread { () throws(MeshFailure) in
            try? old.close()
            return try file.replace(reason: reason)
        }.get()
    }

    /// Runs `body` on the database's serial queue.
    ///
    /// Not GRDB's `async` functions: they roll back when the calling task is cancelled, and the caller that
    /// leads writes for others too.
    private func onDatabase<Value: Sendable>(
        _ body: @escaping @Sendable (Database) -> Value
    ) async -> Value {
        let database = database
        return await withCheckedContinuation { continuation in
            database.asyncWriteWithoutTransaction { database in continuation.resume(returning: body(database))
            }
        }
    }
}

/// Runs blocking work on a thread outside Swift's cooperative pool.
private func onThread<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
        DispatchQueue.global().async { continuation.resume(returning: body()) }
    }
}

private func onThread<Value: Sendable>(
    _ body: @escaping @Sendable () throws(MeshFailure) -> Value
) async -> Result<Value, MeshFailure> {
    await onThread { Result(catching: body) }
}

/// The `errno` of the connection's last failed system call.
private func systemError(_ database: Database) -> Int32 {
    database.sqliteConnection.map { sqlite3_system_errno($0) } ?? 0
}
