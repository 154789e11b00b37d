import ArgumentParser
import MeshNode

/// `meshp2p provide`.
struct ProvideCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "provide",
        abstract: "Announce the running node as a provider of a key.",
        discussion: """
            KEY is a CID, a multihash, text, hex:… or base64:…; what is no multihash is hashed with sha2-256. \
            The node repeats the announcement for as long as it runs.

            EXAMPLES
              meshp2p provide bafkrei…
              meshp2p provide "harbour photos 2026" --json
            """)

    @Argument(help: "The key.")
    var key: String

    @OptionGroup(title: "Node") var home: HomeOption
    @OptionGroup(title: "Output") var output: OutputOptions

    func run() async throws {
        let access = NodeAccess(home: home, network: nil, output: output)
        let request = ProvideRequest(key: key)
        let report = try await output.console.waiting(for: "announcing \(key)") {
            try await access.withRunningNode("a provider must be there when others come") {
                try await $0.provide(request)
            }
        }
        try output.console.show(StoreOutput(report: report, key: key, verb: "took the announcement of"))
    }
}
