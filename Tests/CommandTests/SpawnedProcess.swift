import Foundation

/// A child process by posix_spawn, with its own end of one pipe and nothing else of ours.
///
/// Foundation's `Process` hands children the signal mask of its caller and now and then misses their end.
struct SpawnedProcess {
    struct Failed: Error {
        var call: String
        var code: CInt
    }

    let processID: pid_t
    /// Where its standard output comes out; the owner closes it.
    let output: CInt

    /// Starts `arguments[0]`; standard input and standard error are files.
    init(_ arguments: [String], environment: [String], inputFile: String, errorFile: String) throws {
        var ends: [CInt] = [0, 0]
        // Nobody else may spawn before the ends are closed on exec: the child would hold the pipe open.
        Self.lock.lock()
        defer { Self.lock.unlock() }
        try Self.check("pipe", pipe(&ends) == 0 ? 0 : errno)
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[1]) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, inputFile, O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
        posix_spawn_file_actions_addopen(
            &actions, STDERR_FILENO, errorFile, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        var argv = arguments.map { strdup($0) } + [nil]
        var envp = environment.map { strdup($0) } + [nil]
        defer { (argv + envp).forEach { free($0) } }
        var pid: pid_t = 0
        let code = posix_spawn(&pid, arguments[0], &actions, &attributes, &argv, &envp)
        if code != 0 { close(ends[0]) }
        try Self.check("posix_spawn", code)
        processID = pid
        output = ends[0]
    }

    /// Everything on standard output until its end.
    func readToEnd() -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(output, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return bytes }
            bytes += chunk[..<count]
        }
    }

    /// One line of standard output without its end, or what there was before the end.
    func readLine() -> [UInt8] {
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while true {
            let count = read(output, &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count == 1, byte != UInt8(ascii: "\n") else { return line }
            line.append(byte)
        }
    }

    /// Waits for the end: the exit status, or 128 and the signal.
    func wait() -> Int32 {
        var status: Int32 = 0
        while waitpid(processID, &status, 0) < 0, errno == EINTR {}
        return status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f)
    }

    private static let lock = NSLock()

    private static func check(_ call: String, _ code: CInt) throws {
        guard code == 0 else { throw Failed(call: call, code: code) }
    }
}
