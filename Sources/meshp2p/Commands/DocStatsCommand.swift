import ArgumentParser
import MeshCRDT

/// `meshp2p doc stats`.
struct DocStatsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats",
        abstract: "Where a document's size comes from: items, clients, tombstones, bytes by kind.",
        discussion: """
            EXAMPLES
              meshp2p doc stats notes.bin
              meshp2p doc stats log.jsonl --json
            """)

    @Argument(help: "Files of updates; - reads standard input.", completion: .file())
    var files: [String]

    @OptionGroup var input: DocInputOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func run() async throws {
        let (files, format, console) = (files, input.format, output.console)
        let shown = try await console.waiting(for: "reading \(files.joined(separator: ", "))") {
            let files = try DocLoading.files(files, format: format)
            return DocStatsOutput(try DocLoading.document(files), files)
        }
        try console.show(shown)
    }
}
