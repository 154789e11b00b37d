/// The limits of a node's storage.
public struct StorageConfiguration: Sendable {
    /// The bytes of one change at most.
    ///
    /// Records and registry entries stay far below it: kad messages are at most 16 KiB in the field.
    public var maximumChangeByteCount = 1 << 20
    /// The commits that may wait for the disk; one more fails with `limit`.
    ///
    /// A waiting commit costs its task and its rows, so this bounds memory when the disk stalls.
    public var maximumWaitingCommits = 65_536
    /// The changes that one transaction takes over from waiting commits, so that the first of them does not
    /// wait for all.
    ///
    /// One commit is never split: a larger one is a transaction by itself.
    public var maximumBatchChanges = 4_096
    /// The size of the database at most, without its write-ahead log.
    public var maximumDatabaseByteCount = 4 << 30
    /// What SQLite may keep of the database in memory.
    public var cacheByteCount = 1 << 20
    /// The size that the write-ahead log is cut back to after a checkpoint; also when checkpoints are due
    /// (SQLite's own default of 1,000 pages).
    public var logByteCount = 4 << 20
    /// How long a write waits for another process that reads or copies the database, such as a backup.
    public var busyTimeout: Duration = .seconds(5)

    /// Creates the defaults.
    public init() {}

    /// Refuses changes above the limits.
    func check(_ changes: [StorageChange]) throws(MeshFailure) {
        for change in changes where change.byteCount > maximumChangeByteCount {
            throw MeshFailure(
                .limit,
                "an entry of \(change.byteCount) bytes exceeds the limit of \(maximumChangeByteCount)",
                next: "store less under one key")
        }
    }
}

/// Counts since the storage was opened.
public struct StorageStatistics: Hashable, Sendable {
    /// Commits that were acknowledged.
    public var commits = 0
    /// Commits that failed.
    public var failedCommits = 0
    /// Changes in acknowledged commits.
    public var changes = 0
    /// Transactions that the commits shared, failed ones too.
    public var transactions = 0

    /// Creates zero counts.
    public init() {}
}
