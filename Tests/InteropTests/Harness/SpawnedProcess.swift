import Foundation
import Glibc

/// A started process and our ends of its pipes.
///
/// Not Foundation's `Process`: a child inherits the signal mask of the thread that starts it, and threads of Swift
/// concurrency block all signals, so that it would never see a SIGTERM. Here the child starts with none blocked.
struct SpawnedProcess {
    let processID: pid_t
    /// Where its standard input is written.
    let input: Int32
    /// Where its standard output is read.
    let output: Int32

    init(arguments: [String], environment: [String], errorFile: String) throws {
        let input = try SpawnedProcess.pipe()
        let output = try SpawnedProcess.pipe()
        defer {
            close(input.read)
            close(output.write)
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input.read, STDIN_FILENO)
        posix_spawn_file_actions_adddup2(&actions, output.write, STDOUT_FILENO)
        posix_spawn_file_actions_addopen(
            &actions, STDERR_FILENO, errorFile, O_WRONLY | O_CREAT | O_TRUNC, 0o600)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        var ignoredHere = sigset_t()
        sigemptyset(&ignoredHere)
        for number in [SIGPIPE, SIGINT, SIGTERM, SIGHUP] { sigaddset(&ignoredHere, number) }
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &ignoredHere)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        guard let path = arguments.first else { throw WaitError(description: "no command to start") }
        var processID: pid_t = 0
        let result = SpawnedProcess.withCStrings(arguments) { arguments in
            SpawnedProcess.withCStrings(environment) { environment in
                posix_spawn(&processID, path, &actions, &attributes, arguments, environment)
            }
        }
        guard result == 0 else {
            close(input.write)
            close(output.read)
            throw WaitError(description: "cannot start \(arguments): errno \(result)")
        }
        self.processID = processID
        self.input = input.write
        self.output = output.read
    }

    /// A pipe that no other child inherits.
    private static func pipe() throws -> (read: Int32, write: Int32) {
        var ends: [Int32] = [0, 0]
        guard Glibc.pipe(&ends) == 0 else { throw WaitError(description: "no pipe: errno \(errno)") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }

    /// Calls `body` with a null-terminated array of C strings.
    private static func withCStrings<Result>(
        _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
    ) -> Result {
        let copies: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) } + [nil]
        defer { for copy in copies { free(copy) } }
        return body(copies)
    }
}
