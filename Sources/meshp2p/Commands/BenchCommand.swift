import ArgumentParser

/// `meshp2p bench`.
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure connections, datagrams, a DHT of many nodes, primitives, and shared documents.",
        discussion: """
            Without --target both ends run in this process, on loopback. Numbers of a busy machine are ratios: \
            compare what was measured in one run.

            EXAMPLES
              meshp2p bench connect --json
              meshp2p bench stream --target /ip4/127.0.0.1/tcp/4101/p2p/12D3KooW…
              meshp2p bench dht --nodes 50
              meshp2p bench crdt --case B4
            """,
        subcommands: [
            BenchConnectCommand.self, BenchPingCommand.self, BenchStreamCommand.self, BenchDHTCommand.self,
            BenchRPCCommand.self, BenchLookupCommand.self, BenchRoutingCommand.self,
            BenchSimulateCommand.self, BenchCryptoCommand.self,
            BenchCRDTCommand.self,
        ])

    @OptionGroup(title: "Output") var output: OutputOptions

    func run() async throws {
        throw ValidationError("Name what to measure; `meshp2p bench --help` lists it.")
    }
}
