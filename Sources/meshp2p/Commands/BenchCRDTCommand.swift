import ArgumentParser
import MeshCRDT
import MeshCRDTBenchmarks
import MeshNode

/// `meshp2p bench crdt`.
struct BenchCRDTCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "crdt",
        abstract: "Shared documents: edits, updates, loading, merging, memory, growth.",
        discussion: """
            CASES
            B1.1 to B3.4 are those of crdt-benchmarks, on the seeded work of --inputs; B1, B2 and B3 stand for all of \
            theirs. B4 replays --trace. scale grows one document to 10 and 100 times the usual size. load, merge and \
            memory measure the updates of --file.

            EXAMPLES
              python3 Benchmarks/compare/crdt/bench_inputs.py inputs.json
              meshp2p bench crdt --case B1,B2,B3 --inputs inputs.json
              meshp2p bench crdt --case B4 --trace Benchmarks/traces/automerge-paper.json.gz
              meshp2p bench crdt --case memory --file paper.bin --json
            """)

    @Option(
        name: .customLong("case"),
        help: ArgumentHelp("What to measure, one or several, by commas.", valueName: "name,…"))
    var cases = "B4"

    @Option(
        name: .long, help: ArgumentHelp("The work of B1, B2 and B3.", valueName: "file"), completion: .file())
    var inputs: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "The trace of B4 and scale; by default that of a checkout.", valueName: "file"),
        completion: .file())
    var trace: String?

    @Option(
        name: .long, help: ArgumentHelp("Updates for load, merge and memory.", valueName: "file"),
        completion: .file())
    var file: String?

    @Option(name: .long, help: ArgumentHelp("Repetitions after one to warm up, 1 to 1000.", valueName: "n"))
    var `repeat` = 5

    @Option(name: .long, help: ArgumentHelp("The largest size of scale: 1, 10 or 100 times.", valueName: "n"))
    var factor = 100

    @Option(name: .long, help: ArgumentHelp("The seed of scale.", valueName: "n"))
    var seed: UInt64 = 1

    @OptionGroup(title: "Output") var output: OutputOptions

    /// The cases that need no inputs.
    private static let other = ["B4", "scale", "load", "merge", "memory"]

    func validate() throws {
        guard (1...1000).contains(self.repeat) else { throw ValidationError("--repeat is 1 to 1000.") }
        guard [1, 10, 100].contains(factor) else { throw ValidationError("--factor is 1, 10 or 100.") }
        let names = cases.split(separator: ",")
        guard !names.isEmpty else { throw ValidationError("Name a case: B1, B2, B3, B4, scale, …") }
        for name in names
        where !Self.other.contains(String(name)) && !["B1", "B2", "B3"].contains(name.prefix(2)) {
            throw ValidationError(
                "There is no case \(TerminalText.quoted(String(name), limit: 40)); see --help for the names.")
        }
        if inputs == nil, names.contains(where: { !Self.other.contains(String($0)) }) {
            throw ValidationError(
                "B1, B2 and B3 need --inputs: `python3 Benchmarks/compare/crdt/bench_inputs.py inputs.json` makes it."
            )
        }
        if file == nil, names.contains(where: { ["load", "merge", "memory"].contains($0) }) {
            throw ValidationError("load, merge and memory need --file.")
        }
    }

    func run() async throws {
        let runs = CRDTBenchRun(
            cases: cases.split(separator: ",").map(String.init), inputs: inputs ?? "-", trace: trace,
            file: file,
            repetitions: self.repeat, factor: factor, seed: seed)
        let console = output.console
        let report = try await console.waiting(for: "measuring \(cases)") {
            try runs.report { if console.layout.isVerbose { console.note($0) } }
        }
        try console.show(BenchCRDTOutput(report: report))
    }
}

/// The cases of one call, run in order.
struct CRDTBenchRun: Sendable {
    let cases: [String]
    let inputs: String
    let trace: String?
    let file: String?
    let repetitions: Int
    let factor: Int
    let seed: UInt64

    /// Measures everything.
    func report(progress: @escaping (String) -> Void) throws -> CRDTBenchReport {
        var report = CRDTBenchReport()
        for name in cases {
            switch name {
            case "B4": report.cases.append(try replay(progress))
            case "scale":
                let (rows, skipped) = try scale(progress)
                report.scale += rows
                report.skipped += skipped
            case "load", "merge", "memory": report.cases.append(try fileCase(name))
            default: report.cases += try micro(name, progress)
            }
        }
        return report
    }

    private func micro(_ name: String, _ progress: (String) -> Void) throws -> [CaseReport] {
        let bytes = try FileBytes.read(inputs, limit: CRDTInput.maximumByteCount)
        return try CRDTInput.naming(inputs) {
            let micro = MicroCases(try BenchInputs(bytes), repetitions: repetitions)
            let chosen = micro.names.filter { $0 == name || $0.hasPrefix(name + ".") }
            guard !chosen.isEmpty else {
                throw MeshFailure(
                    .badArgument, "there is no case \(TerminalText.quoted(name, limit: 40))",
                    next: "the cases are \(micro.names.joined(separator: ", "))")
            }
            return try chosen.compactMap { name in
                progress(name)
                return try micro.report(name)
            }
        }
    }

    private func replay(_ progress: @escaping (String) -> Void) throws -> CaseReport {
        let path = trace ?? Self.usualTrace
        let read = try CRDTInput.trace(path)
        return try CRDTInput.naming(path) {
            try ReplayMeasurement(read, client: 1, repetitions: repetitions, progress: progress)
                .caseReport("B4")
        }
    }

    /// Where a checkout has the trace of B4.
    private static let usualTrace = "Benchmarks/traces/automerge-paper.json.gz"

    private func scale(_ progress: (String) -> Void) throws -> (rows: [ScaleRow], skipped: [String]) {
        // Without a checkout the rows of B4 are left out.
        let path = trace ?? (FileBytes.exists(Self.usualTrace) ? Self.usualTrace : nil)
        let session = try path.map { try CRDTInput.trace($0) }
        return try CRDTInput.naming("scale") {
            try ScaleCases(trace: session, maximumFactor: factor, seed: seed).rows(progress: progress)
        }
    }

    private func fileCase(_ name: String) throws -> CaseReport {
        let read = try DocFile(file ?? "-", format: nil)
        let format = read.updates.first?.format ?? .v1
        let title = FileBytes.name(read.path)
        do {
            switch name {
            case "load":
                return try FileCases.load(
                    read.updates.map(\.bytes), format: format, title: title, repetitions: repetitions)
            case "merge":
                return try FileCases.merge(
                    read.updates.map(\.bytes), format: format, title: title, repetitions: repetitions)
            default:
                let update = try DocLoading.merged([read], as: format)
                return try FileCases.memory(update, format: format, title: title, copies: 10)
            }
        } catch let error as UpdateError {
            throw read.failure(error, update: 0)
        }
    }
}
