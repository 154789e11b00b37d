import ArgumentParser
import MeshCRDT
import MeshNode

/// `meshp2p doc history`.
struct DocHistoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "What a client wrote, in the order in which it wrote it.",
        discussion: """
            Without --client it lists the clients. A document forgets the content of what was deleted; a log of its \
            updates (JSON lines) still has it.

            EXAMPLES
              meshp2p doc history notes.bin
              meshp2p doc history log.jsonl --client 130 --json
            """)

    @Argument(help: "The file of updates; - reads standard input.", completion: .file())
    var file: String

    @Option(name: .long, help: ArgumentHelp("The client whose changes are listed.", valueName: "id"))
    var client: ClientID?

    @OptionGroup var input: DocInputOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func run() async throws {
        let (file, client, format, console) = (file, client, input.format, output.console)
        let history = try await console.waiting(for: "reading \(file)") {
            let read = try DocFile(file, format: format)
            let merged = try DocLoading.merged([read], as: .v1)
            do throws(UpdateError) {
                return DocHistory(try Updates.decode(merged, format: .v1))
            } catch {
                throw read.failure(error, update: 0)
            }
        }
        guard let client else { return try console.show(DocClientsOutput(history, file)) }
        guard history.clients.contains(where: { $0.client == client }) else {
            throw MeshFailure(
                .notFound, "client \(client) wrote nothing in \(FileBytes.name(file))",
                next: "`meshp2p doc history \(FileBytes.name(file))` lists the clients")
        }
        try console.show(DocHistoryOutput(history.changes(of: client), client, file))
    }
}
