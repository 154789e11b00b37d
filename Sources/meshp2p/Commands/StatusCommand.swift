import ArgumentParser
import MeshNode

/// `meshp2p status`.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show who the running node is and how it is doing.",
        discussion: """
            EXAMPLES
              meshp2p status
              meshp2p status --home ./harbour --json
            """)

    @OptionGroup(title: "Node") var home: HomeOption
    @OptionGroup(title: "Output") var output: OutputOptions

    func run() async throws {
        let access = NodeAccess(home: home, network: nil, output: output)
        let report = try await access.withRunningNode(nil) {
            try await $0.status()
        }
        try output.console.show(StatusOutput(report: report))
    }
}
