import Foundation
import Synchronization

/// A process whose standard output is read line by line and whose standard input takes lines.
final class ChildProcess: Sendable {
    /// What the process is, for failures.
    let label: String
    let processID: pid_t
    private let inputDescriptor: Int32
    private let errorFile: URL
    private let output = Mutex(Output())

    private struct Output {
        var partial: [UInt8] = []
        var lines: [String] = []
        var exitCode: Int32?
        var isInputOpen = true
    }

    /// Starts `arguments[0]` with the rest; its standard error goes to a file in `folder`.
    init(
        label: String, arguments: [String], environment: [String: String] = [:], folder: URL, number: Int
    ) throws {
        self.label = label
        errorFile = folder.appending(path: "\(number).stderr")
        let inherited = ProcessInfo.processInfo.environment
        let spawned = try SpawnedProcess(
            arguments: arguments,
            environment: inherited.merging(environment) { _, new in new }.map { "\($0.key)=\($0.value)" },
            errorFile: errorFile.path)
        processID = spawned.processID
        inputDescriptor = spawned.input
        Thread.detachNewThread { [self] in readUntilTheEnd(spawned.output) }
    }

    /// The exit code once the process has ended and its output is read: 128 + the signal when one ended it.
    var exitCode: Int32? { output.withLock(\.exitCode) }

    /// What the process wrote to standard error so far, its last 2,000 characters.
    var errorText: String {
        String(((try? String(contentsOf: errorFile, encoding: .utf8)) ?? "").suffix(2_000))
    }

    /// The next line of standard output, or nil at its end.
    func nextLine(within timeout: Duration = .seconds(30)) async throws -> String? {
        var line: String?
        try await eventually(
            within: timeout, "\(label): a line on standard output", details: { self.errorText }
        ) {
            self.output.withLock { output in
                if !output.lines.isEmpty { line = output.lines.removeFirst() }
                return line != nil || output.exitCode != nil
            }
        }
        return line
    }

    /// All that is left of standard output, once the process has ended.
    func rest(within timeout: Duration) async throws -> [String] {
        try await eventually(within: timeout, "\(label): its end", details: { self.errorText }) {
            self.exitCode != nil
        }
        return output.withLock { output in
            defer { output.lines = [] }
            return output.lines
        }
    }

    /// Writes one line to standard input.
    func send(line: String) throws {
        let bytes = Array((line + "\n").utf8)
        guard write(inputDescriptor, bytes, bytes.count) == bytes.count else {
            throw WaitError(description: "\(label) takes no input any more: \(errorText)")
        }
    }

    /// Asks the process to end and waits; kills it when it does not in time.
    ///
    /// Returns whether it ended by itself.
    @discardableResult
    func stop(within timeout: Duration = .seconds(8)) async -> Bool {
        closeInput()
        signal(SIGTERM)
        do {
            try await eventually(within: timeout, "\(label): its end") { self.exitCode != nil }
            return true
        } catch {
            await killHard()
            return false
        }
    }

    /// Ends the process as a power cut would, and waits until it is gone.
    func killHard() async {
        closeInput()
        signal(SIGKILL)
        try? await eventually(within: .seconds(10), "\(label): its end") { self.exitCode != nil }
    }

    /// Sends a signal unless the process has been waited for: its number may be another's then.
    private func signal(_ number: Int32) {
        output.withLock { output in
            if output.exitCode == nil { _ = kill(processID, number) }
        }
    }

    private func closeInput() {
        output.withLock { output in
            if output.isInputOpen { close(inputDescriptor) }
            output.isInputOpen = false
        }
    }

    /// The body of the thread that belongs to this process.
    private func readUntilTheEnd(_ descriptor: Int32) {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            received(buffer.prefix(count))
        }
        close(descriptor)
        // Waits without reaping first, so that nobody signals a number that is free again.
        var information = siginfo_t()
        while waitid(P_PID, id_t(processID), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        output.withLock { output in
            if !output.partial.isEmpty {
                output.lines.append(String(decoding: output.partial, as: UTF8.self))
            }
            output.partial = []
            var status: Int32 = 0
            waitpid(processID, &status, 0)
            output.exitCode = status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F)
        }
    }

    private func received(_ bytes: some Sequence<UInt8>) {
        output.withLock { output in
            for byte in bytes {
                if byte == UInt8(ascii: "\n") {
                    output.lines.append(String(decoding: output.partial, as: UTF8.self))
                    output.partial.removeAll(keepingCapacity: true)
                } else {
                    output.partial.append(byte)
                }
            }
        }
    }
}
