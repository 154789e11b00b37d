import ArgumentParser
import MeshCRDT

/// `meshp2p doc convert`.
struct DocConvertCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert",
        abstract: "Write an update in the other format.",
        discussion: """
            EXAMPLES
              meshp2p doc convert notes.bin --to v2 --out notes.v2.bin
            """)

    @Argument(help: "The file of updates; - reads standard input.", completion: .file())
    var file: String

    @Option(name: .customLong("to"), help: ArgumentHelp("The format: v1 or v2.", valueName: "format"))
    var format: UpdateFormat

    @OptionGroup var target: DocOutFile
    @OptionGroup var input: DocInputOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func run() async throws {
        let (file, format, input, target, console) = (file, format, input, target, output.console)
        let written = try await console.waiting(for: "converting \(file)") {
            let read = try DocFile(file, format: input.format)
            let converted = try DocLoading.merged([read], as: format)
            return try target.write(converted, format, what: "converted", updates: read.updates.count)
        }
        try console.show(written)
    }
}
