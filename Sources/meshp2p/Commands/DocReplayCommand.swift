import ArgumentParser
import MeshCRDT
import MeshCRDTBenchmarks
import MeshCore
import MeshCrypto
import MeshNode

/// `meshp2p doc replay`.
struct DocReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Type a recorded editing session again, and measure it.",
        discussion: """
            A trace is JSON in the shape of github.com/josephg/editing-traces, packed by gzip or not. In a concurrent \
            one every agent has a document of its own with agent + 1 as its client; local counts only edits there, \
            localV1 and localV2 the exchange of updates too, and oneTransaction does not exist.

            EXAMPLES
              meshp2p doc replay automerge-paper.json.gz
              meshp2p doc replay friendsforever.json.gz --only applyEach --repeat 5 --json
              meshp2p doc replay automerge-paper.json.gz --client 1 --out paper.bin
            """)

    @Argument(help: "The trace; - reads standard input.", completion: .file())
    var trace: String

    @Option(name: .long, help: ArgumentHelp("The client of a sequential trace.", valueName: "id"))
    var client: ClientID = 1

    @Option(
        name: .long,
        help: ArgumentHelp("Measure only this: \(ReplayStep.list).", valueName: "name"))
    var only: ReplayStep?

    @Option(name: .long, help: ArgumentHelp("Repetitions after one to warm up, 1 to 1000.", valueName: "n"))
    var `repeat` = 1

    @Option(
        name: .long, help: ArgumentHelp("Write the document at the end to this file.", valueName: "file"),
        completion: .file())
    var out: String?

    @Option(name: .long, help: ArgumentHelp("The format of that file: v1 or v2.", valueName: "format"))
    var format: UpdateFormat = .v1

    @Option(
        name: .long,
        help: ArgumentHelp("Write the single updates to this file, as JSON lines.", valueName: "file"),
        completion: .file())
    var log: String?

    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws {
        guard (1...1000).contains(self.repeat) else { throw ValidationError("--repeat is 1 to 1000.") }
        guard client < 1 << 53 else { throw ValidationError("--client is below 2^53.") }
    }

    func run() async throws {
        let (path, client, repetitions) = (trace, client, self.repeat)
        let (out, log, format) = (out, log, format)
        let steps = only.map { [$0] } ?? ReplayStep.allCases
        let console = output.console
        let report = try await console.waiting(for: "replaying \(path)") {
            let trace = try CRDTInput.trace(path)
            return try CRDTInput.naming(path) {
                let measurement = try ReplayMeasurement(trace, client: client, repetitions: repetitions) {
                    if console.layout.isVerbose { console.note($0) }
                }
                if let out { try FileBytes.replace(out, with: measurement.encoded(format)) }
                if let log { try FileBytes.replace(log, with: DocFile.jsonLines(measurement.updates, .v1)) }
                return try measurement.report(steps) { text in Hex.encode(SHA256.hash(text).bytes) }
            }
        }
        try console.show(DocReplayOutput(report: report, path: path))
    }
}

extension ReplayStep: ExpressibleByArgument {
    fileprivate static var list: String { allCases.map(\.rawValue).joined(separator: ", ") }
}

/// Inputs of measurements, with failures that name their file.
enum CRDTInput {
    /// Bytes of one input file at most.
    static let maximumByteCount = 512 << 20

    /// Reads an editing trace.
    static func trace(_ path: String) throws -> EditingTrace {
        let bytes = try FileBytes.read(path, limit: maximumByteCount)
        return try naming(path) { try EditingTrace(bytes) }
    }

    /// Runs `work`, and turns what is wrong with the input into a failure that names it.
    static func naming<Result>(_ path: String, _ work: () throws -> Result) throws -> Result {
        do {
            return try work()
        } catch let TraceError.wrongResult(what) {
            throw MeshFailure(.internal, "\(FileBytes.name(path)): \(what)")
        } catch let error as TraceError {
            throw MeshFailure(
                .malformed, "\(FileBytes.name(path)) cannot be used: \(error)",
                next: "traces and where to get them: Benchmarks/traces/README.md")
        }
    }
}
