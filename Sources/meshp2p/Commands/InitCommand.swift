import ArgumentParser
import MeshNode

/// `meshp2p init`.
struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Make the home folder and the identity of a node.",
        discussion: """
            `run` does the same when there is none. An identity that exists is never replaced; a name or a \
            network that is given here is what `run` uses from then on.

            EXAMPLES
              meshp2p init --name harbour
              meshp2p init --home ./harbour --json
            """)

    @Option(name: .long, help: ArgumentHelp("The mesh's name in the directory.", valueName: "mesh"))
    var name: String?

    @Option(name: .long, help: ArgumentHelp("The network's name.", valueName: "name"))
    var network: String?

    @OptionGroup(title: "Node") var home: HomeOption
    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws {
        try NetworkOptions.check(network: network)
    }

    func run() async throws {
        let (identity, created) = try NodeHome.initialize(home.path, name: name, network: network)
        try output.console.show(IdentityOutput(identity, home: home.path, created: created))
    }
}
