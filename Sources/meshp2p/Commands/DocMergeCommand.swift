import ArgumentParser
import MeshCRDT

/// `meshp2p doc merge`.
struct DocMergeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge",
        abstract: "Merge updates into one, without loading a document.",
        discussion: """
            Nothing is lost: what waits for updates that are in none of the files waits in the result too. The \
            result is v2 when every file is, else v1; --format chooses it.

            EXAMPLES
              meshp2p doc merge alice.bin bob.bin --out both.bin
              meshp2p doc merge log.jsonl --format v2 --out log.bin
            """)

    @Argument(help: "Files of updates, of either format; - reads standard input.", completion: .file())
    var files: [String]

    @Option(name: .long, help: ArgumentHelp("The format of the result: v1 or v2.", valueName: "format"))
    var format: UpdateFormat?

    @OptionGroup var target: DocOutFile
    @OptionGroup(title: "Output") var output: OutputOptions

    func run() async throws {
        let (files, format, target, console) = (files, format, target, output.console)
        let written = try await console.waiting(for: "merging \(files.joined(separator: ", "))") {
            let read = try DocLoading.files(files, format: nil)
            let updates = read.flatMap(\.updates)
            let chosen = format ?? (updates.allSatisfy { $0.format == .v2 } ? .v2 : .v1)
            let merged = try DocLoading.merged(read, as: chosen)
            return try target.write(
                merged, chosen, what: "merged \(Quantity.count(updates.count, "update"))",
                updates: updates.count)
        }
        try console.show(written)
    }
}
