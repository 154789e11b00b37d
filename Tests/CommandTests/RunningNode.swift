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

    let home = CommandProcess.temporaryPath()
    let ready: Ready
    let process: SpawnedProcess
    private var isRunning = true
    private var errorFile: String { home + ".err" }

    /// Starts `meshp2p SUBCOMMAND` and waits for its ready line.
    init(_ subcommand: String = "run", _ arguments: [String] = []) throws {
        let options = ["--json", "--home", home, "--listen", "/ip4/127.0.0.1/tcp/0", "--api", "127.0.0.1:0"]
        process = try SpawnedProcess(
            [CommandProcess.binary, subcommand] + options + arguments,
            environment: CommandProcess.environment,
            inputFile: "/dev/null", errorFile: home + ".err")
        do {
            ready = try JSONDecoder().decode(Ready.self, from: Data(process.readLine()))
        } catch {
            kill(process.processID, SIGKILL)
            _ = process.wait()
            throw error
        }
    }

    deinit {
        if isRunning { _ = stop(SIGKILL) }
        close(process.output)
        for path in [home, errorFile] { try? FileManager.default.removeItem(atPath: path) }
    }

    /// Sends a signal, waits for the end, and gives the exit status and how long it took.
    func stop(_ signal: Int32 = SIGTERM) -> (status: Int32, seconds: Double) {
        let start = ContinuousClock.now
        kill(process.processID, signal)
        let status = process.wait()
        isRunning = false
        return (status, (ContinuousClock.now - start) / .seconds(1))
    }

    /// What the node wrote on standard output after the ready line, and on standard error, until its end.
    func rest() throws -> String {
        let errors = try Data(contentsOf: URL(fileURLWithPath: errorFile))
        return String(decoding: process.readToEnd() + errors, as: UTF8.self)
    }
}
