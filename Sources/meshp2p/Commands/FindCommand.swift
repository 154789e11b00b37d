import ArgumentParser
import MeshNode

/// `meshp2p find`.
struct FindCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "find",
        abstract: "Look something up in the DHT: a peer, a mesh, a skill, a value, or providers.",
        discussion: """
            KEY is for `peer` a peer id or a did:key, for `mesh` a name or a DID, for `skill` a capability; for \
            `value` and `providers` text, hex:…, base64:… or /pk/PEERID. Providers are also found by CID or \
            multihash; any other key is hashed with sha2-256 for them.

            EXAMPLES
              meshp2p find mesh harbour --trace
              meshp2p find peer 12D3KooW… --json
              meshp2p find value greeting --raw > greeting.txt
              meshp2p find providers bafkrei…
            """)

    @Argument(help: "peer, mesh, skill, value or providers.")
    var kind: FindKind

    @Argument(help: "What is looked for.")
    var key: String

    @Flag(name: .long, help: "Show every hop: who was asked, what came back, how near it was.")
    var trace = false

    @Flag(name: .long, help: "Write the bytes of a value as they are, and nothing else.")
    var raw = false

    @OptionGroup(title: "Node") var home: HomeOption
    @OptionGroup(title: "Network of a temporary client") var network: NetworkOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws {
        if raw, kind != .value { throw ValidationError("--raw belongs to `find value`.") }
        if raw, output.json { throw ValidationError("--raw and --json exclude each other.") }
    }

    func run() async throws {
        let access = NodeAccess(home: home, network: network, output: output)
        let request = FindRequest(kind: kind, key: key, trace: trace)
        let report = try await output.console.waiting(for: "looking for \(kind.rawValue) \(key)") {
            try await access.withAnyNode { try await $0.find(request) }
        }
        if raw {
            try output.console.emit(Base64Text.decode(report.value ?? "") ?? [])
        } else {
            try output.console.show(FindOutput(report: report))
        }
    }
}
