import Foundation
import Synchronization

/// A process whose standard output is read line by line and whose standard input takes lines.
final class ChildProcess: Sendable {
    /// What the process is, for failures.
    let label: String
    private let process: Process
    private let input: Pipe
    private let errorFile: URL
    private let output = Mutex(Output())

    private struct Output {
        var partial: [UInt8] = []
        var lines: [String] = []
        var hasEnded = false
        var exitCode: Int32?
    }

    /// Starts `arguments[0]` with the rest; standard error goes to a file in `folder`.
    init(
        label: String, arguments: [String], environment: [String: String] = [:], folder: URL, number: Int
    ) throws {
        self.label = label
        input = Pipe()
        errorFile = folder.appending(path: "\(number).stderr")
        process = Process()
        process.executableURL = URL(filePath: arguments[0])
        process.arguments = Array(arguments.dropFirst())
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
        process.currentDirectoryURL = folder
        process.standardInput = input
        try Data().write(to: errorFile)
        process.standardError = try FileHandle(forWritingTo: errorFile)
        let outputPipe = Pipe()
        process.standardOutput = outputPipe
        outputPipe.fileHandleForReading.readabilityHandler = { [weak self] handle in
            let data = handle.availableData
            if data.isEmpty { handle.readabilityHandler = nil }
            self?.received(data)
        }
        process.terminationHandler = { [weak self] ended in
            let code =
                ended.terminationReason == .exit ? ended.terminationStatus : 128 + ended.terminationStatus
            self?.output.withLock { $0.exitCode = code }
        }
        try process.run()
    }

    var processID: Int32 { process.processIdentifier }

    /// The exit code once the process has ended: 128 + the signal when one ended it.
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
                return line != nil || output.hasEnded
            }
        }
        return line
    }

    /// All that is left of standard output, once the process has ended.
    func rest(within timeout: Duration) async throws -> [String] {
        try await eventually(within: timeout, "\(label): its end", details: { self.errorText }) {
            self.output.withLock { $0.hasEnded && $0.exitCode != nil }
        }
        return output.withLock { output in
            defer { output.lines = [] }
            return output.lines
        }
    }

    /// Writes one line to standard input.
    func send(line: String) throws {
        try input.fileHandleForWriting.write(contentsOf: Data((line + "\n").utf8))
    }

    /// Asks the process to end and waits; kills it when it does not in time.
    ///
    /// Returns whether it ended by itself.
    @discardableResult
    func stop(within timeout: Duration = .seconds(8)) async -> Bool {
        try? input.fileHandleForWriting.close()
        if exitCode != nil { return true }
        kill(processID, SIGTERM)
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
        if exitCode == nil { kill(processID, SIGKILL) }
        try? await eventually(within: .seconds(10), "\(label): its end") { self.exitCode != nil }
    }

    private func received(_ data: Data) {
        output.withLock { output in
            guard !data.isEmpty else {
                if !output.partial.isEmpty {
                    output.lines.append(String(decoding: output.partial, as: UTF8.self))
                }
                output.partial = []
                output.hasEnded = true
                return
            }
            for byte in data {
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
