import Glibc
import MeshCore
import MeshNode
import Testing

/// The secret key's file.
@Suite struct HomeIdentityTests {
    private func lockedHome(_ folder: ScratchFolder) throws -> HomeLock {
        try Home.open(folder("home"), create: true).lock()
    }

    @Test func `a key is made once and is the same ever after`() throws {
        let folder = try ScratchFolder()
        let lock = try lockedHome(folder)
        var rng = SeededGenerator(seed: 1)
        #expect(try lock.home.identity() == nil)
        let key = try lock.identity(using: &rng)
        #expect(mode(folder("home/identity.key")) == 0o600)
        #expect(mode(folder("home/.identity.key.new")) == nil)
        #expect(try lock.identity(using: &rng).peerID == key.peerID)
        lock.release()
        #expect(try Home.open(folder("home"), create: false).identity()?.peerID == key.peerID)
    }

    @Test func `an existing key is never replaced`() throws {
        let folder = try ScratchFolder()
        let lock = try lockedHome(folder)
        var rng = SeededGenerator(seed: 2)
        let key = try lock.createIdentity(using: &rng)
        let failure = #expect(throws: MeshFailure.self) { try lock.createIdentity(using: &rng) }
        #expect(failure?.code == .refused)
        #expect(try lock.home.identity()?.peerID == key.peerID)
        #expect(mode(folder("home/.identity.key.new")) == nil)
        lock.release()
    }

    @Test func `what a killed process left behind does not weaken the key`() throws {
        let folder = try ScratchFolder()
        let lock = try lockedHome(folder)
        var rng = SeededGenerator(seed: 3)
        // Its temporary file, made readable for the test to see that it is not reused.
        try [UInt8](repeating: 9, count: 10).write(to: folder("home/.identity.key.new"))
        chmod(folder("home/.identity.key.new"), 0o666)
        _ = try lock.createIdentity(using: &rng)
        #expect(mode(folder("home/identity.key")) == 0o600)
        lock.release()
    }

    @Test(arguments: [mode_t(0o640), 0o604, 0o660, 0o644, 0o610])
    func `a key that others can reach is refused with the command that closes it`(_ bits: mode_t) throws {
        let folder = try ScratchFolder()
        let lock = try lockedHome(folder)
        var rng = SeededGenerator(seed: 4)
        let key = try lock.createIdentity(using: &rng)
        chmod(folder("home/identity.key"), bits)
        let failure = #expect(throws: MeshFailure.self) { try lock.identity(using: &rng) }
        #expect(failure?.code == .keyExposed)
        #expect(failure?.message.contains("(mode 0\(String(bits, radix: 8)))") == true)
        #expect(failure?.next == "chmod 600 \(folder("home/identity.key"))")
        chmod(folder("home/identity.key"), 0o600)
        #expect(try lock.identity(using: &rng).peerID == key.peerID)
        lock.release()
    }

    @Test(.enabled(if: geteuid() == 0, "only root can give files away"))
    func `a key of another user is refused`() throws {
        let folder = try ScratchFolder()
        let lock = try lockedHome(folder)
        var rng = SeededGenerator(seed: 5)
        _ = try lock.createIdentity(using: &rng)
        chown(folder("home/identity.key"), 4_711, 4_711)
        #expect(#expect(throws: MeshFailure.self) { try lock.home.identity() }?.code == .refused)
        lock.release()
    }

    @Test func `a damaged key is refused without showing it, and not replaced`() throws {
        let folder = try ScratchFolder()
        let lock = try lockedHome(folder)
        var rng = SeededGenerator(seed: 6)
        for (bytes, reason) in [
            ([], "is damaged"), ([UInt8](repeating: 0x41, count: 68), "is damaged"),
            ([UInt8](repeating: 0x41, count: 1_025), "has 1025 bytes"),
        ] as [([UInt8], String)] {
            unlink(folder("home/identity.key"))
            try bytes.write(to: folder("home/identity.key"))
            chmod(folder("home/identity.key"), 0o600)
            let failure = #expect(throws: MeshFailure.self) { try lock.identity(using: &rng) }
            #expect(failure?.code == .storage)
            #expect(failure?.message.contains(reason) == true, "\(failure?.message ?? "")")
            #expect(failure?.message.contains("AAAA") == false)
        }
        lock.release()
    }

    @Test func `a link, a folder or a pipe in place of the key is refused`() throws {
        let folder = try ScratchFolder()
        let lock = try lockedHome(folder)
        try [UInt8](repeating: 1, count: 68).write(to: folder("other"))
        let path = folder("home/identity.key")
        let makers: [(String, () -> Void)] = [
            ("it is a symbolic link", { symlink(folder("other"), path) }),
            ("is not a regular file", { mkdir(path, 0o700) }),
            ("is not a regular file", { mkfifo(path, 0o600) }),
        ]
        for (reason, make) in makers {
            make()
            let failure = #expect(throws: MeshFailure.self) { try lock.home.identity() }
            #expect(failure?.code == .storage)
            #expect(failure?.message.contains(reason) == true, "\(failure?.message ?? "")")
            remove(path)
        }
        lock.release()
    }

    @Test func `a used home whose key is gone does not become another peer`() async throws {
        let folder = try ScratchFolder()
        let lock = try lockedHome(folder)
        var rng = SeededGenerator(seed: 7)
        _ = try lock.createIdentity(using: &rng)
        let storage = try await SQLiteStorage.open(lock.home.databasePath)
        await storage.close()
        unlink(folder("home/identity.key"))
        let failure = #expect(throws: MeshFailure.self) { try lock.identity(using: &rng) }
        #expect(failure?.code == .storage)
        #expect(failure?.message.contains("its secret key \(folder("home/identity.key")) is missing") == true)
        #expect(mode(folder("home/identity.key")) == nil)
        lock.release()
    }
}
