import ArgumentParser
import MeshNode

/// `meshp2p run`.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run a node until Ctrl-C.",
        discussion: """
            Makes the home and the identity when there are none, listens, joins the network, publishes the mesh, \
            and then says that it can be used; with --json as one line {"event":"ready",…}. Port 0 takes a free \
            port. SIGTERM and SIGINT stop it cleanly.

            EXAMPLES
              meshp2p run --name harbour
              meshp2p run --bootstrap /ip4/192.0.2.1/tcp/4101/p2p/12D3KooW…
              meshp2p run --home ./b --listen /ip4/127.0.0.1/tcp/0 --api off --json
            """)

    @OptionGroup(title: "Node") var home: HomeOption
    @OptionGroup(title: "Mesh") var options: RunOptions
    @OptionGroup(title: "Network") var network: NetworkOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func run() async throws {
        try await NodeRun(home: home, options: options, network: network, output: output, isRegistry: false)
            .run()
    }
}
