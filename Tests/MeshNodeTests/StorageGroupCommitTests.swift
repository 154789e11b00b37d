import GRDB
import MeshNode
import Testing

/// How waiting commits share transactions.
@Suite(.timeLimit(.minutes(1))) struct StorageGroupCommitTests {
    /// Opens a storage whose disk is held by another connection until `release` is called.
    private func heldStorage(
        _ folder: ScratchFolder, _ configuration: StorageConfiguration = .init()
    ) async throws -> (storage: SQLiteStorage, release: () throws -> Void) {
        var configuration = configuration
        configuration.busyTimeout = .seconds(300)
        let storage = try await SQLiteStorage.open(folder("db"), configuration: configuration)
        let other = try outsideConnection(folder("db"))
        try await other.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
        return (storage, { try other.unsafeReentrantWrite { try $0.execute(sql: "ROLLBACK") } })
    }

    private func waitUntil(_ count: Int, commitsWaitIn storage: SQLiteStorage) async {
        while await storage.waitingCommitCount < count {
            await Task.yield()
        }
    }

    @Test func `1,000 commits that meet a busy disk take two transactions`() async throws {
        let folder = try ScratchFolder()
        let (storage, release) = try await heldStorage(folder)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<1_000 {
                group.addTask { try await storage.commit([record(number)]) }
            }
            // One leads and is stopped by the other connection; the rest wait for it.
            await waitUntil(999, commitsWaitIn: storage)
            try release()
            try await group.waitForAll()
        }
        let statistics = await storage.statistics
        #expect(statistics.commits == 1_000)
        #expect(statistics.changes == 1_000)
        #expect(statistics.transactions == 2)
        #expect(try await storage.load().records.count == 1_000)
        await storage.close()
    }

    @Test func `a transaction takes no more than its limit, and an oversized commit goes alone`() async throws
    {
        let folder = try ScratchFolder()
        var configuration = StorageConfiguration()
        configuration.maximumBatchChanges = 10
        let (storage, release) = try await heldStorage(folder, configuration)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<41 {
                group.addTask { try await storage.commit([record(number)]) }
            }
            await waitUntil(40, commitsWaitIn: storage)
            group.addTask { try await storage.commit((100..<125).map { record($0) }) }
            await waitUntil(41, commitsWaitIn: storage)
            try release()
            try await group.waitForAll()
        }
        // The first alone, 40 by tens, then the 25 changes of one commit.
        #expect(await storage.statistics.transactions == 6)
        #expect(try await storage.load().records.count == 66)
        await storage.close()
    }

    @Test func `commits of one caller keep their order against all others`() async throws {
        let folder = try ScratchFolder()
        let storage = try await SQLiteStorage.open(folder("db"))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in UInt8(0)..<20 {
                group.addTask {
                    for step in UInt8(0)..<50 {
                        try await storage.commit([.setMeta(name: "\(writer)", value: [step])])
                    }
                }
            }
            try await group.waitForAll()
        }
        let state = try await storage.load()
        #expect(state.meta.count == 20)
        #expect(state.meta.values.allSatisfy { $0 == [49] })
        await storage.close()
    }

    @Test func `a cancelled caller's commit and those it writes for are kept`() async throws {
        let folder = try ScratchFolder()
        let (storage, release) = try await heldStorage(folder)
        let leader = Task { try await storage.commit([record(0)]) }
        let follower = Task { try await storage.commit([record(1)]) }
        await waitUntil(1, commitsWaitIn: storage)
        let last = Task { try await storage.commit([record(2)]) }
        await waitUntil(2, commitsWaitIn: storage)
        leader.cancel()
        follower.cancel()
        try release()
        try await leader.value
        try await follower.value
        try await last.value
        #expect(try await storage.load().records.count == 3)
        await storage.close()
    }

    @Test func `closing waits for what was accepted`() async throws {
        let folder = try ScratchFolder()
        let (storage, release) = try await heldStorage(folder)
        let commits = (0..<20).map { number in Task { try await storage.commit([record(number)]) } }
        await waitUntil(19, commitsWaitIn: storage)
        let closing = Task { await storage.close() }
        try release()
        await closing.value
        for commit in commits {
            try await commit.value
        }
        let again = try await SQLiteStorage.open(folder("db"))
        #expect(try await again.load().records.count == 20)
        await again.close()
    }

    @Test func `one commit above the number that may wait is refused`() async throws {
        let folder = try ScratchFolder()
        var configuration = StorageConfiguration()
        configuration.maximumWaitingCommits = 3
        let (storage, release) = try await heldStorage(folder, configuration)
        let commits = (0..<4).map { number in Task { try await storage.commit([record(number)]) } }
        await waitUntil(3, commitsWaitIn: storage)
        let failure = await #expect(throws: MeshFailure.self) { try await storage.commit([record(9)]) }
        #expect(failure?.code == .limit)
        try release()
        for commit in commits {
            try await commit.value
        }
        #expect(try await storage.load().records.count == 4)
        await storage.close()
    }

    @Test func `a transaction that fails fails its commit and no other`() async throws {
        let folder = try ScratchFolder()
        var configuration = StorageConfiguration()
        configuration.busyTimeout = .milliseconds(20)
        let storage = try await SQLiteStorage.open(folder("db"), configuration: configuration)
        try await storage.commit([record(1)])
        let other = try outsideConnection(folder("db"))
        try await other.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
        let failure = await #expect(throws: MeshFailure.self) { try await storage.commit([record(2)]) }
        #expect(failure?.code == .storage)
        #expect(failure?.message == "the database \(folder("db")) is locked by another process")
        try await other.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
        try await storage.commit([record(3)])
        #expect(try await storage.load().records.count == 2)
        #expect(await storage.statistics.failedCommits == 1)
        await storage.close()
    }
}
