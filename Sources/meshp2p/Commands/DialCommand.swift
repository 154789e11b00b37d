import ArgumentParser
import MeshNode

/// `meshp2p dial`.
struct DialCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dial",
        abstract: "Connect to a peer and tell what happened on the way.",
        discussion: """
            TARGET is a multiaddr, a peer id, a did:key, or the name of a mesh. Every address that was tried \
            is shown with its outcome. A running node of the home dials; without one a temporary client does, \
            which enters the network through --bootstrap.

            EXAMPLES
              meshp2p dial /ip4/192.0.2.1/tcp/4101/p2p/12D3KooW…
              meshp2p dial harbour --count 20
              meshp2p dial did:key:z6Mk… --bootstrap /ip4/192.0.2.1/tcp/4101/p2p/12D3KooW… --json
            """)

    @Argument(help: "A multiaddr, a peer id, a did:key, or a mesh name.")
    var target: String

    @Option(
        name: .shortAndLong, help: ArgumentHelp("Pings after the connection, 0 to 10000.", valueName: "n"))
    var count = 5

    @OptionGroup(title: "Node") var home: HomeOption
    @OptionGroup(title: "Network of a temporary client") var network: NetworkOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws {
        guard (0...10_000).contains(count) else { throw ValidationError("--count is 0 to 10000.") }
    }

    func run() async throws {
        let access = NodeAccess(home: home, network: network, output: output)
        let request = DialRequest(target: target, count: count)
        let report = try await output.console.waiting(for: "dialling \(target)") {
            try await access.withAnyNode { try await $0.dial(request) }
        }
        try output.console.show(DialOutput(report: report))
    }
}
