import ArgumentParser
import MeshAPI
import MeshMultiformats
import MeshNode

/// `meshp2p meshes`.
struct MeshesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "meshes",
        abstract: "List the meshes that registries know.",
        discussion: """
            Without --registry every registry of the running node is asked. A registry is named by its multiaddr, \
            or by the http:// address of its API, which also tells status and numbers of members and bots.

            EXAMPLES
              meshp2p meshes
              meshp2p meshes --registry http://127.0.0.1:8421
              meshp2p meshes --registry /ip4/192.0.2.1/tcp/4101/p2p/12D3KooW… --json
            """)

    @Option(name: .long, help: ArgumentHelp("The registry to ask.", valueName: "multiaddr|url"))
    var registry: String?

    @OptionGroup(title: "Node") var home: HomeOption
    @OptionGroup(title: "Network of a temporary client") var network: NetworkOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func run() async throws {
        let console = output.console
        let report: MeshesReport
        if let registry, registry.contains("://") {
            let client = try PublicListingClient(url: registry)
            report = try await console.waiting(for: "asking \(registry)") { try await client.meshes() }
        } else {
            if let registry { _ = try AddressArgument.parse(registry) }
            let access = NodeAccess(home: home, network: network, output: output)
            let request = MeshesRequest(registry: registry)
            report = try await console.waiting(for: "asking the registries") {
                try await access.withAnyNode { try await $0.meshes(request) }
            }
        }
        try console.show(MeshesOutput(report: report))
    }
}
