import ArgumentParser
import MeshCRDT
import MeshNode

/// `meshp2p doc diff`.
struct DocDiffCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "What a peer with a given state vector is missing.",
        discussion: """
            The state vector is a file, as bytes, hexadecimal digits or base64, or base64 itself. AA== is that of an \
            empty document.

            EXAMPLES
              meshp2p doc diff both.bin --state-vector peer.sv --out news.bin
              meshp2p doc diff both.bin --state-vector AQEF --out news.bin
            """)

    @Argument(help: "The file of updates; - reads standard input.", completion: .file())
    var file: String

    @Option(
        name: .customLong("state-vector"),
        help: ArgumentHelp("What the peer has: a file, or base64.", valueName: "file|base64"),
        completion: .file())
    var stateVector: String

    @OptionGroup var target: DocOutFile
    @OptionGroup var input: DocInputOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func run() async throws {
        let (file, input, target, console) = (file, input, target, output.console)
        let known = try Self.stateVector(stateVector)
        let written = try await console.waiting(for: "comparing \(file)") {
            let read = try DocFile(file, format: input.format)
            let format = read.updates.first?.format ?? .v1
            let merged = try DocLoading.merged([read], as: format)
            let missing = try Self.missing(merged, known, format, read)
            return try target.write(missing, format, what: "what is missing", updates: read.updates.count)
        }
        try console.show(written)
    }

    private static func missing(
        _ update: [UInt8], _ known: StateVector, _ format: UpdateFormat, _ file: DocFile
    ) throws(MeshFailure) -> [UInt8] {
        do throws(UpdateError) {
            return try Updates.diff(update, since: known, format: format)
        } catch {
            throw file.failure(error, update: 0)
        }
    }

    /// A file of that name counts before base64.
    private static func stateVector(_ text: String) throws(MeshFailure) -> StateVector {
        let bytes: [UInt8]
        if FileBytes.exists(text) {
            let content = try FileBytes.read(text, limit: maximumStateVectorBytes)
            bytes = DocFile.unpackedText(content)?.0 ?? content
        } else if let decoded = Base64Text.decode(text) {
            bytes = decoded
        } else {
            throw MeshFailure(
                .badArgument, "\(TerminalText.quoted(text, limit: 60)) is neither a file nor base64",
                next: "name a file with a state vector; AA== is that of an empty document")
        }
        do throws(UpdateError) {
            return try StateVector(decoding: bytes)
        } catch {
            throw MeshFailure(
                .malformed, "\(TerminalText.quoted(text, limit: 60)) holds no state vector: \(error)",
                next: "`meshp2p doc show FILE --json` prints the state vector of a file of updates")
        }
    }

    /// A million clients with the longest numbers.
    private static let maximumStateVectorBytes = 16 << 20
}
