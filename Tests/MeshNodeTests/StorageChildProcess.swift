import Glibc
import MeshNode

/// A run of the `StorageCrashWriter` beside the test binary, with its output.
final class StorageChildProcess {
    let identifier: pid_t
    private let output: Int32
    private var buffer: [UInt8] = []

    /// Starts the program with `arguments`.
    init(_ arguments: [String]) throws {
        var ends: [Int32] = [0, 0]
        // Closed in children of other tests, which pipe() can only arrange too late.
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, type, 0, &ends) == 0 else {
            throw ScratchError(call: "socketpair", code: errno)
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        let program = try Self.program()
        var words = ([program] + arguments).map { strdup($0) } + [nil]
        defer { words.forEach { free($0) } }
        var child: pid_t = 0
        let code = posix_spawn(&child, program, &actions, nil, &words, environ)
        Glibc.close(ends[1])
        guard code == 0 else {
            Glibc.close(ends[0])
            throw ScratchError(call: "posix_spawn \(program)", code: code)
        }
        identifier = child
        output = ends[0]
    }

    deinit {
        Glibc.close(output)
    }

    /// The next line, nil at the end.
    func line() -> String? {
        while true {
            if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: buffer[..<end], as: UTF8.self)
                buffer.removeSubrange(...end)
                return line
            }
            var chunk = [UInt8](repeating: 0, count: 65_536)
            let count = chunk.withUnsafeMutableBytes { read(output, $0.baseAddress, $0.count) }
            guard count > 0 else { return nil }
            buffer.append(contentsOf: chunk.prefix(count))
        }
    }

    /// Ends the process as a power cut would, as far as a process can see.
    func kill() {
        Glibc.kill(identifier, SIGKILL)
    }

    /// Waits for the end and gives the wait status.
    func wait() -> Int32 {
        var status: Int32 = 0
        waitpid(identifier, &status, 0)
        return status
    }

    private static func program() throws -> String {
        var path = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &path, path.count - 1)
        guard count > 0 else { throw ScratchError(call: "readlink /proc/self/exe", code: errno) }
        let text = String(decoding: path.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let folder = text.split(separator: "/").dropLast().joined(separator: "/")
        return "/\(folder)/StorageCrashWriter"
    }
}
