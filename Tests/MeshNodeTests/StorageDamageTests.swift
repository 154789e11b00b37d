import FoundationEssentials
import Glibc
import MeshNode
import Testing

/// A damaged database is moved aside and said, and the node starts.
@Suite struct StorageDamageTests {
    /// A closed database of 400 records.
    private func fill(_ path: String) async throws {
        let storage = try await SQLiteStorage.open(path)
        try await storage.commit((0..<400).map { record($0, byteCount: 500) })
        await storage.close()
    }

    private func overwrite(_ path: String, at offset: Int, with bytes: [UInt8]) {
        let descriptor = Glibc.open(path, O_WRONLY)
        defer { Glibc.close(descriptor) }
        let written = bytes.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, off_t(offset)) }
        #expect(written == bytes.count)
    }

    private func expectFreshStart(_ folder: ScratchFolder, _ label: String) async throws {
        let storage = try await SQLiteStorage.open(folder("db"))
        let state = try await storage.load()
        let damage = try #require(state.damage, "\(label)")
        #expect(state.records.isEmpty, "\(label)")
        #expect(!damage.reason.isEmpty, "\(label)")
        #expect(damage.movedTo.hasPrefix(folder("db.damaged-")), "\(label)")
        #expect(mode(damage.movedTo) == 0o600, "\(label)")
        try await storage.commit([record(1)])
        await storage.close()

        let again = try await SQLiteStorage.open(folder("db"))
        let next = try await again.load()
        #expect(next.damage == nil, "\(label)")
        #expect(next.records.count == 1, "\(label)")
        await again.close()
    }

    @Test(arguments: [0, 4_096 * 5, 4_096 * 20, 4_096 * 40])
    func `garbage in a page`(_ offset: Int) async throws {
        let folder = try ScratchFolder()
        try await fill(folder("db"))
        overwrite(folder("db"), at: offset, with: .init(repeating: 0xa5, count: 4_096))
        try await expectFreshStart(folder, "offset \(offset)")
    }

    @Test func `a file that never was a database`() async throws {
        let folder = try ScratchFolder()
        try "to whom it may concern\n".write(toFile: folder("db"), atomically: false, encoding: .utf8)
        try await expectFreshStart(folder, "text")
    }

    @Test func `a file that was cut off`() async throws {
        let folder = try ScratchFolder()
        try await fill(folder("db"))
        truncate(folder("db"), 4_096 * 10)
        try await expectFreshStart(folder, "cut off")
    }

    @Test func `each damaged file gets a name of its own`() async throws {
        let folder = try ScratchFolder()
        var names: Set<String> = []
        for _ in 0..<3 {
            try [UInt8](repeating: 1, count: 600).write(to: folder("db"))
            let storage = try await SQLiteStorage.open(folder("db"))
            names.insert(try #require(try await storage.load().damage).movedTo)
            await storage.close()
        }
        #expect(names.count == 3)
    }

    @Test func `an empty file is a new database, not a damaged one`() async throws {
        let folder = try ScratchFolder()
        try [UInt8]().write(to: folder("db"))
        let storage = try await SQLiteStorage.open(folder("db"))
        #expect(try await storage.load() == StoredState())
        await storage.close()
    }
}

extension [UInt8] {
    /// Writes the bytes as the file at `path`.
    func write(to path: String) throws {
        try Data(self).write(to: URL(filePath: path))
    }
}
