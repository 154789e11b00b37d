import ArgumentParser
import MeshNode

/// `meshp2p id`.
struct IDCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "id",
        abstract: "Show the peer id and the DID of a node, running or not.",
        discussion: """
            EXAMPLES
              meshp2p id
              meshp2p id --home ./harbour --json
            """)

    @OptionGroup(title: "Node") var home: HomeOption
    @OptionGroup(title: "Output") var output: OutputOptions

    func run() async throws {
        let identity = try NodeHome.identity(in: home.path)
        try output.console.show(IdentityOutput(identity, home: home.path))
    }
}
