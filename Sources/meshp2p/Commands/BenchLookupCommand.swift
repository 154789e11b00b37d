import ArgumentParser
import MeshBenchmarks

/// `meshp2p bench lookup`.
struct BenchLookupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lookup",
        abstract:
            "A DHT of many datagram nodes in this process: put, get, provide, find providers, find peer.",
        discussion: """
            Every node has its own UDP socket and encrypted sessions, and neither connections nor a disk. Whoever \
            asks is neither the publisher nor a holder; values are compared. Operations run twice: among strangers, \
            where a first contact costs a handshake, and with a session between every two nodes. \
            Benchmarks/compare/dht runs OpenDHT, libtorrent and PyPI kademlia in the same way.

            EXAMPLES
              meshp2p bench lookup
              meshp2p bench lookup --nodes 200 --k 20 --parallelism 10 --paths 4 --json
            """)

    @Option(name: .long, help: ArgumentHelp("Nodes, 2 to 300.", valueName: "n"))
    var nodes = 100

    @Option(name: .customLong("k"), help: ArgumentHelp("k: replicas and results, 1 to 20.", valueName: "n"))
    var replication = 8

    @Option(name: .long, help: ArgumentHelp("α: requests in flight of a path, 1 to 32.", valueName: "n"))
    var parallelism = 4

    @Option(
        name: .long,
        help: ArgumentHelp("β: closest peers that answer before a store, 1 to 20.", valueName: "n"))
    var resiliency = 3

    @Option(name: .long, help: ArgumentHelp("Disjoint paths of a lookup, 1 to 16.", valueName: "n"))
    var paths = 1

    @Option(name: .long, help: ArgumentHelp("Operations of each kind, 1 to 10000.", valueName: "n"))
    var operations = 200

    @Option(
        name: .long,
        help: ArgumentHelp(
            "When searches are over: first (the first value), closest (all k asked) or both in turn.",
            valueName: "stop"))
    var stop = LookupBenchmark.Stop.both

    @Option(name: .long, help: ArgumentHelp("Event loops that run the nodes, 1 to 16.", valueName: "n"))
    var loops = 1

    @Option(
        name: .customLong("idle"),
        help: ArgumentHelp("Seconds for which idle nodes are watched, 0 to 3600.", valueName: "n"))
    var idleSeconds = 5

    @Option(name: .long, help: ArgumentHelp("The seed that chooses who asks whom.", valueName: "n"))
    var seed: UInt64 = 1

    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws {
        let ranges: [(name: String, value: Int, range: ClosedRange<Int>)] = [
            ("nodes", nodes, 2...300), ("k", replication, 1...20), ("parallelism", parallelism, 1...32),
            ("resiliency", resiliency, 1...20), ("paths", paths, 1...16),
            ("operations", operations, 1...10_000), ("loops", loops, 1...16), ("idle", idleSeconds, 0...3600),
        ]
        for (name, value, range) in ranges where !range.contains(value) {
            throw ValidationError("--\(name) is \(range.lowerBound) to \(range.upperBound).")
        }
    }

    func run() async throws {
        var parameters = LookupBenchmark.Parameters()
        parameters.nodes = nodes
        parameters.replication = replication
        parameters.parallelism = parallelism
        parameters.resiliency = resiliency
        parameters.paths = paths
        parameters.operations = operations
        parameters.stop = stop
        parameters.loops = loops
        parameters.idleSeconds = idleSeconds
        parameters.seed = seed
        let (console, chosen) = (output.console, parameters)
        let report = try await console.waiting(for: "\(nodes) nodes, \(operations) operations of each kind") {
            try await LookupBenchmark.run(chosen) { step in
                if console.layout.isVerbose { console.note(step) }
            }
        }
        try console.show(BenchOutput(report))
    }
}

extension LookupBenchmark.Stop: ExpressibleByArgument {}
