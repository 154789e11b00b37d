import ArgumentParser
import MeshBenchmarks

/// `meshp2p bench crypto`.
struct BenchCryptoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "crypto",
        abstract: "Curve, signatures, AEAD by size and library, hash, handshakes: processor time of each.",
        discussion: """
            PRIMITIVES
            \(CryptoBenchmark.primitives.joined(separator: ", ")). noise-xx and noise-ik are both ends without \
            signatures; noise-xx-identity is both ends of libp2p's handshake, each verifying the other's key.

            EXAMPLES
              meshp2p bench crypto
              meshp2p bench crypto --primitive chacha20 --json
            """)

    @Option(
        name: .long,
        help: ArgumentHelp("Only primitives whose names begin so.", valueName: "name"))
    var primitive = ""

    @Option(
        name: .long,
        help: ArgumentHelp("Processor time for each case, 1 to 10000 milliseconds.", valueName: "n"))
    var milliseconds = 40

    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws {
        guard (1...10_000).contains(milliseconds) else {
            throw ValidationError("--milliseconds is 1 to 10000.")
        }
        guard CryptoBenchmark.primitives.contains(where: { $0.hasPrefix(primitive) }) else {
            throw ValidationError(
                "--primitive is the beginning of one of \(CryptoBenchmark.primitives.joined(separator: ", "))."
            )
        }
    }

    func run() async throws {
        let (console, primitive, milliseconds) = (output.console, primitive, milliseconds)
        let report = try await console.waiting(for: "measuring primitives") {
            try CryptoBenchmark.run(primitive: primitive, milliseconds: milliseconds) { step in
                if console.layout.isVerbose { console.note(step) }
            }
        }
        try console.show(BenchOutput(report))
    }
}
