import Glibc
import MeshNode
import Testing

/// A disk or a database without room.
@Suite struct StorageFullTests {
    /// Commits records from `first` on until one fails.
    private func fill(
        _ storage: SQLiteStorage, from first: Int = 0
    ) async -> (count: Int, failure: MeshFailure) {
        var number = first
        while true {
            do throws(MeshFailure) {
                try await storage.commit([record(number, byteCount: 3_000)])
            } catch {
                return (number, error)
            }
            number += 1
        }
    }

    @Test func `a database at its limit refuses, keeps what it has, and takes more once rows are gone`()
        async throws
    {
        let folder = try ScratchFolder()
        var configuration = StorageConfiguration()
        configuration.maximumDatabaseByteCount = 400_000
        let storage = try await SQLiteStorage.open(folder("db"), configuration: configuration)
        let (count, failure) = await fill(storage)
        #expect(failure.code == .storage)
        #expect(failure.message.hasSuffix("the disk or the database's size limit is full"))
        #expect(failure.next != nil)
        #expect(try await storage.load().records.count == count)

        try await storage.commit((0..<10).map { .removeRecord(key: [UInt8]("record \($0)".utf8)) })
        try await storage.commit([record(0, byteCount: 3_000)])
        #expect(try await storage.load().records.count == count - 9)
        await storage.close()
    }

    @Test(.enabled(if: SmallDisk.isAvailable, "needs root and the right to mount"))
    func `a full disk fails the commit with the reason, and later ones work once there is space`()
        async throws
    {
        let disk = try SmallDisk(byteCount: 2 << 20)
        let ballast = disk.path + "/ballast"
        try [UInt8](repeating: 0, count: 600_000).write(to: ballast)
        let storage = try await SQLiteStorage.open(disk.path + "/db")
        let (count, failure) = await fill(storage)
        #expect(count > 10)
        #expect(failure.code == .storage)
        #expect(failure.message.contains("the disk"), "\(failure.message)")

        unlink(ballast)
        try await storage.commit([record(count, byteCount: 3_000)])
        #expect(try await storage.load().records.count == count + 1)
        await storage.close()
        let again = try await SQLiteStorage.open(disk.path + "/db")
        #expect(try await again.load().records.count == count + 1)
        await again.close()
    }

    @Test(.enabled(if: SmallDisk.isAvailable, "needs root and the right to mount"))
    func `a full disk takes no half of a secret key`() throws {
        let disk = try SmallDisk(byteCount: 1 << 20)
        let home = try Home.open(disk.path + "/home", create: true)
        let lock = try home.lock()
        disk.fill()
        var rng = SystemRandomNumberGenerator()
        let failure = #expect(throws: MeshFailure.self) { try lock.createIdentity(using: &rng) }
        #expect(failure?.code == .storage)
        #expect(failure?.message == "cannot write \(home.path)/identity.key: the disk is full")
        #expect(mode(home.path + "/identity.key") == nil)
        #expect(mode(home.path + "/.identity.key.new") == nil)
        unlink(disk.path + "/filler")
        _ = try lock.createIdentity(using: &rng)
        #expect(try home.identity() != nil)
        lock.release()
    }
}

/// A small file system in memory, unmounted with the value.
final class SmallDisk {
    private let folder: ScratchFolder
    let path: String

    init(byteCount: Int) throws {
        folder = try ScratchFolder()
        path = folder("disk")
        mkdir(path, 0o700)
        guard mount("tmpfs", path, "tmpfs", 0, "size=\(byteCount),mode=0700") == 0 else {
            throw ScratchError(call: "mount", code: errno)
        }
    }

    deinit {
        umount2(path, Int32(MNT_DETACH))
    }

    /// Takes all that is left, to the last byte.
    func fill() {
        let descriptor = open(path + "/filler", O_WRONLY | O_CREAT | O_APPEND, 0o600)
        var chunk = [UInt8](repeating: 1, count: 4_096)
        while !chunk.isEmpty {
            let count = chunk.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count <= 0 { chunk.removeLast(chunk.count / 2 + 1) }
        }
        close(descriptor)
    }

    /// Whether this process may mount one.
    static let isAvailable: Bool = geteuid() == 0 && (try? SmallDisk(byteCount: 1 << 20)) != nil
}
