import Glibc
import MeshCore
import MeshNode

/// A process that writes into a node's storage and tells what was acknowledged, for tests that kill it.
///
/// `StorageCrashWriter put DATABASE FIRST` commits records numbered from FIRST, from eight tasks at once and
/// without end, and prints each number after its commit returned.
///
/// `StorageCrashWriter limit DATABASE BYTES` lets no file grow above BYTES, commits until that fails, prints the
/// failure, lifts the limit, commits once more and prints how that went.
///
/// `StorageCrashWriter hold HOME 0` takes the lock of a home, prints `held` and waits to be killed.
@main
struct StorageCrashWriter {
    static func main() async {
        let arguments = CommandLine.arguments
        guard arguments.count == 4, let number = Int(arguments[3]) else {
            print("usage: StorageCrashWriter put|limit|hold PATH NUMBER")
            exit(2)
        }
        do {
            if arguments[1] == "hold" {
                let lock = try Home.open(arguments[2], create: false).lock()
                say("held")
                pause()
                lock.release()
            }
            let storage = try await SQLiteStorage.open(arguments[2])
            switch arguments[1] {
            case "put": try await put(storage, from: number)
            case "limit": try await limit(storage, to: number)
            default: exit(2)
            }
            await storage.close()
        } catch {
            say("error \(error)")
            exit(1)
        }
    }

    private static func put(_ storage: SQLiteStorage, from first: Int) async throws {
        let writers = 8
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<writers {
                group.addTask {
                    var number = first + writer
                    while true {
                        try await storage.commit([.upsertRecord(row(number, byteCount: 200))])
                        say("\(number)")
                        number += writers
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private static func limit(_ storage: SQLiteStorage, to byteCount: Int) async throws {
        // Without this the kernel ends the process at the limit instead of failing the call.
        signal(SIGXFSZ, SIG_IGN)
        let former = try setLimit(rlim_t(byteCount))
        var number = 0
        do throws(MeshFailure) {
            while true {
                try await storage.commit([.upsertRecord(row(number, byteCount: 4_000))])
                number += 1
            }
        } catch {
            say("failed \(number) \(error.code.rawValue) \(error.message)")
        }
        _ = try setLimit(former)
        try await storage.commit([.upsertRecord(row(number, byteCount: 4_000))])
        say("written \(number)")
    }

    /// Sets how large files may grow and gives what held before.
    private static func setLimit(_ byteCount: rlim_t) throws -> rlim_t {
        let resource = __rlimit_resource_t(RLIMIT_FSIZE.rawValue)
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { throw MeshFailure(.internal, "getrlimit: \(errno)") }
        let former = limit.rlim_cur
        limit.rlim_cur = byteCount
        guard setrlimit(resource, &limit) == 0 else { throw MeshFailure(.internal, "setrlimit: \(errno)") }
        return former
    }

    private static func row(_ number: Int, byteCount: Int) -> RecordRow {
        RecordRow(
            key: [UInt8]("record \(number)".utf8),
            value: [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: byteCount),
            receivedAt: UnixTime(seconds: UInt64(number)), expiresAt: UnixTime(seconds: .max), isOwn: true)
    }

    /// One line in one system call, so that a kill leaves no part of it.
    private static func say(_ line: String) {
        let bytes = [UInt8]((line + "\n").utf8)
        _ = bytes.withUnsafeBytes { Glibc.write(1, $0.baseAddress, $0.count) }
    }
}
