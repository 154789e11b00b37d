import Glibc
import MeshNode
import Testing

/// One node per home, and the socket by which others reach it.
@Suite struct HomeLockTests {
    @Test func `a second node is told who uses the home, until it is released`() throws {
        let folder = try ScratchFolder()
        let lock = try Home.open(folder("home"), create: true).lock()
        #expect(mode(folder("home/lock")) == 0o600)
        let failure = #expect(throws: MeshFailure.self) {
            try Home.open(folder("home"), create: false).lock()
        }
        #expect(failure?.code == .homeInUse)
        #expect(failure?.message == "process \(getpid()) uses the home \(folder("home"))")
        lock.release()
        lock.release()
        try Home.open(folder("home"), create: false).lock().release()
    }

    @Test func `a lock that nobody refers to is released`() throws {
        let folder = try ScratchFolder()
        let home = try Home.open(folder("home"), create: true)
        for _ in 0..<3 {
            _ = try home.lock()
        }
        try home.lock().release()
    }

    @Test func `the lock ends with its process, however that ends`() throws {
        let folder = try ScratchFolder()
        let home = try Home.open(folder("home"), create: true)
        let child = try StorageChildProcess(["hold", home.path, "0"])
        #expect(child.line() == "held")
        let failure = #expect(throws: MeshFailure.self) { try home.lock() }
        #expect(failure?.code == .homeInUse)
        #expect(failure?.message == "process \(child.identifier) uses the home \(home.path)")
        #expect(failure?.next?.contains("kill \(child.identifier)") == true)
        child.kill()
        _ = child.wait()
        try home.lock().release()
    }

    @Test func `a lock file that is no file is refused`() throws {
        let folder = try ScratchFolder()
        let home = try Home.open(folder("home"), create: true)
        symlink(folder("elsewhere"), folder("home/lock"))
        let failure = #expect(throws: MeshFailure.self) { try home.lock() }
        #expect(failure?.code == .storage)
        #expect(mode(folder("elsewhere")) == nil)
    }

    @Test(arguments: [40, 107 - 9, 108 - 9, 200])
    func `the control socket can be bound and reached, however long the home's path`(_ byteCount: Int) throws
    {
        let folder = try ScratchFolder()
        let name = String(repeating: "x", count: byteCount - folder.path.utf8.count - 1)
        let server = try Home.open(folder(name), create: true)
        #expect(server.path.utf8.count == byteCount)
        let isDirect = byteCount + 9 <= 107  // "/api.sock"
        #expect((server.controlSocketPath == server.displayedControlSocketPath) == isDirect)

        let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        #expect(withAddress(server.controlSocketPath) { bind(listener, $0, $1) } == 0)
        #expect(listen(listener, 1) == 0)
        #expect(mode(server.displayedControlSocketPath) != nil)

        let client = try Home.open(folder(name), create: false)
        let connection = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(connection) }
        #expect(withAddress(client.controlSocketPath) { connect(connection, $0, $1) } == 0)
    }

    private func withAddress(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else { return -2 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
