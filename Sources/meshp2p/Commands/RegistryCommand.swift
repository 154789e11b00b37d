import ArgumentParser
import MeshNode

/// `meshp2p registry`.
struct RegistryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "registry",
        abstract: "Run a registry peer: a node that others enter through and announce to.",
        discussion: """
            The same as `run`, and besides it serves rendezvous, takes heartbeats, and lists the public meshes \
            under GET /api/meshes/public of its HTTP API.

            EXAMPLES
              meshp2p registry
              meshp2p registry --listen /ip4/0.0.0.0/tcp/4101 --api 0.0.0.0:8421
            """)

    @OptionGroup(title: "Node") var home: HomeOption
    @OptionGroup(title: "Mesh") var options: RunOptions
    @OptionGroup(title: "Network") var network: NetworkOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func run() async throws {
        try await NodeRun(home: home, options: options, network: network, output: output, isRegistry: true)
            .run()
    }
}
