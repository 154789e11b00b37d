import Glibc
import Synchronization

/// The right to write in a home: at most one process, and one node in it, holds it.
///
/// The lock is the kernel's (`flock`), so it ends with the process however that ends; the file `lock` only
/// tells others who holds it. Keep the value and call ``release()`` at the end: it is released when nobody
/// refers to it.
public final class HomeLock: Sendable {
    /// The home.
    public let home: Home

    private let descriptor: Mutex<Int32?>

    private init(home: Home, descriptor: Int32) {
        self.home = home
        self.descriptor = Mutex(descriptor)
    }

    deinit {
        release()
    }

    /// Gives the home back; later calls do nothing.
    public func release() {
        descriptor.withLock { descriptor in
            guard let open = descriptor else { return }
            // The file stays: removing it would let two processes lock two files of one name.
            ftruncate(open, 0)
            Glibc.close(open)
            descriptor = nil
        }
    }

    /// Takes the lock of `home`.
    static func acquire(_ home: Home) throws(MeshFailure) -> HomeLock {
        let path = "\(home.path)/lock"
        let descriptor = openat(home.descriptor, "lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .system("lock the home", path, errno) }
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            let code = errno
            if code == EINTR { continue }
            defer { Glibc.close(descriptor) }
            guard code == EWOULDBLOCK else { throw .system("lock the home", path, code) }
            throw inUse(home, descriptor)
        }
        let holder = [UInt8]("\(getpid())\n".utf8)
        // Only for messages: a full disk must not keep a node from starting here.
        ftruncate(descriptor, 0)
        _ = holder.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
        return HomeLock(home: home, descriptor: descriptor)
    }

    private static func inUse(_ home: Home, _ descriptor: Int32) -> MeshFailure {
        var digits = [UInt8](repeating: 0, count: 16)
        let count = digits.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
        let text = String(
            decoding: digits.prefix(max(0, count)).prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        guard let pid = Int32(text), pid > 0 else {
            return MeshFailure(
                .homeInUse, "another process uses the home \(home.path)",
                next: "stop it, or choose another folder with --home")
        }
        return MeshFailure(
            .homeInUse, "process \(pid) uses the home \(home.path)",
            next: pid == getpid()
                ? "give each node of this process a home of its own"
                : "stop it with: kill \(pid)   or choose another folder with --home")
    }
}

extension Home {
    /// Takes the right to write, or says which process has it.
    public func lock() throws(MeshFailure) -> HomeLock {
        try HomeLock.acquire(self)
    }
}
