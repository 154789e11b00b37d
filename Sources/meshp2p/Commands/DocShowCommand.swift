import ArgumentParser
import MeshCRDT

/// `meshp2p doc show`.
struct DocShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "The content of every root, the state vector, the delete set, sizes.",
        discussion: """
            Several files are shown as the one document that they make together. A root's kind is what its content \
            implies; --roots says it where that is not enough. In the JSON, values that JSON cannot say are objects \
            with one key: $undef, $bigint, $bin (base64), $num (NaN, -0 and infinities).

            EXAMPLES
              meshp2p doc show notes.bin
              meshp2p doc show a.bin b.bin --roots text:Text,todo:Array --json
            """)

    @Argument(help: "Files of updates; - reads standard input.", completion: .file())
    var files: [String]

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Only these roots, with their kinds: Text, Array, Map, XmlFragment, XmlElement, XmlText.",
            valueName: "name:kind,…"))
    var roots: DocRootList?

    @OptionGroup var input: DocInputOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func run() async throws {
        let (files, format, roots, console) = (files, input.format, roots, output.console)
        let shown = try await console.waiting(for: "reading \(files.joined(separator: ", "))") {
            let files = try DocLoading.files(files, format: format)
            return DocShowOutput(try DocLoading.document(files), files, roots: roots?.roots)
        }
        try console.show(shown)
    }
}
