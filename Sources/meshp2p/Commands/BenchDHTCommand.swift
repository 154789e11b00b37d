import ArgumentParser
import MeshBenchmarks
import MeshNode

/// `meshp2p bench dht`.
struct BenchDHTCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dht",
        abstract: "A network of real nodes in this process: put, get, find peer, provide, find providers.",
        discussion: """
            EXAMPLES
              meshp2p bench dht
              meshp2p bench dht --nodes 200 --operations 100 --json
            """)

    @Option(name: .long, help: ArgumentHelp("Nodes, 2 to 2000.", valueName: "n"))
    var nodes = 20

    @Option(name: .long, help: ArgumentHelp("Operations of each kind.", valueName: "n"))
    var operations = 100

    @Option(name: .long, help: ArgumentHelp("The seed that chooses who asks whom.", valueName: "n"))
    var seed: UInt64 = 1

    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws {
        guard (2...2000).contains(nodes) else { throw ValidationError("--nodes is 2 to 2000.") }
        guard (1...100_000).contains(operations) else {
            throw ValidationError("--operations is 1 to 100000.")
        }
    }

    func run() async throws {
        let (console, nodes, operations, seed) = (output.console, nodes, operations, seed)
        let report = try await console.waiting(for: "\(nodes) nodes, \(operations) operations of each kind") {
            try await DHTBenchmark.run(nodes: nodes, operations: operations, seed: seed) { step in
                if console.layout.isVerbose { console.note(step) }
            }
        }
        try console.show(BenchOutput(report))
    }
}
