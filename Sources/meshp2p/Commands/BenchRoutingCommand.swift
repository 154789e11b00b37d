import ArgumentParser
import MeshBenchmarks

/// `meshp2p bench routing`.
struct BenchRoutingCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "routing",
        abstract: "The routing table by itself: closest peers, touches and insertions of a full table.",
        discussion: """
            Times are processor time of one call. A table that was offered a million peers keeps about 330.

            EXAMPLES
              meshp2p bench routing
              meshp2p bench routing --offered 1000000 --json
            """)

    @Option(name: .long, help: ArgumentHelp("Peers that are offered, 1000 to 10000000.", valueName: "n"))
    var offered = 1_000_000

    @Option(name: .customLong("k"), help: ArgumentHelp("k: peers of a bucket, 1 to 20.", valueName: "n"))
    var replication = 20

    @Option(
        name: .long,
        help: ArgumentHelp("Processor time for each case, 1 to 10000 milliseconds.", valueName: "n"))
    var milliseconds = 100

    @Option(name: .long, help: ArgumentHelp("The seed of peers and targets.", valueName: "n"))
    var seed: UInt64 = 1

    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws {
        guard (1000...10_000_000).contains(offered) else {
            throw ValidationError("--offered is 1000 to 10000000.")
        }
        guard (1...20).contains(replication) else { throw ValidationError("--k is 1 to 20.") }
        guard (1...10_000).contains(milliseconds) else {
            throw ValidationError("--milliseconds is 1 to 10000.")
        }
    }

    func run() async throws {
        let (console, offered, replication) = (output.console, offered, replication)
        let (milliseconds, seed) = (milliseconds, seed)
        let report = try await console.waiting(for: "a table of \(offered) offered peers") {
            try RoutingBenchmark.run(
                offered: offered, replication: replication, milliseconds: milliseconds, seed: seed)
        }
        try console.show(BenchOutput(report))
    }
}
