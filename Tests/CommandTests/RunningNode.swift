import Foundation

/// A node of the built command on loopback, with a home of its own that is gone afterwards.
final class RunningNode {
    /// The ready line.
    struct Ready: Decodable {
        var event: String
        var peer: String
        var did: String
        var addresses: [String]
        var api: String?
    }

    let home: String
    let ready: Ready
    let process = Process()
    private let output = Pipe()
    private let errors = Pipe()

    /// Starts `meshp2p SUBCOMMAND` and waits for its ready line.
    init(_ subcommand: String = "run", _ arguments: [String] = []) throws {
        home = "/tmp/meshp2p-test-\(UInt64.random(in: 0...(.max)))"
        process.executableURL = CommandProcess.binary
        process.arguments =
            [
                subcommand, "--json", "--home", home, "--listen", "/ip4/127.0.0.1/tcp/0", "--api",
                "127.0.0.1:0",
            ] + arguments
        process.standardOutput = output
        process.standardError = errors
        process.standardInput = FileHandle.nullDevice
        try process.run()
        var line = Data()
        while let byte = try output.fileHandleForReading.read(upToCount: 1), !byte.isEmpty,
            byte != Data([0x0a])
        {
            line += byte
        }
        ready = try JSONDecoder().decode(Ready.self, from: line)
    }

    deinit {
        if process.isRunning { process.terminate() }
        process.waitUntilExit()
        try? FileManager.default.removeItem(atPath: home)
    }

    /// Sends a signal, waits for the end, and gives the exit status and how long it took.
    func stop(_ signal: Int32 = SIGTERM) -> (status: Int32, seconds: Double) {
        let start = ContinuousClock.now
        kill(process.processIdentifier, signal)
        process.waitUntilExit()
        let status =
            process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
        return (status, (ContinuousClock.now - start) / .seconds(1))
    }

    /// What the node wrote on standard output after the ready line, and on standard error, until its end.
    func rest() throws -> (output: String, errors: String) {
        let output = try output.fileHandleForReading.readToEnd() ?? Data()
        let errors = try errors.fileHandleForReading.readToEnd() ?? Data()
        return (String(decoding: output, as: UTF8.self), String(decoding: errors, as: UTF8.self))
    }
}
