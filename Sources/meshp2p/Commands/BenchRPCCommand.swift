import ArgumentParser
import MeshBenchmarks

/// `meshp2p bench rpc`.
struct BenchRPCCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rpc",
        abstract: "Encrypted requests over UDP: warm, first contact, resumption; both ends in this process.",
        discussion: """
            Each case of --loops and --window asks once with bytes that come back (echo) and once with FIND_NODE. \
            The processor time is that of both ends.

            EXAMPLES
              meshp2p bench rpc
              meshp2p bench rpc --loops 1 --window 1,16,64 --payload 1000 --json
            """)

    @Option(name: .long, help: ArgumentHelp("Bytes of an echo, 1 to 1160.", valueName: "n"))
    var payload = 200

    @Option(name: .long, help: ArgumentHelp("Requests of each case, 10 to 10000000.", valueName: "n"))
    var requests = 20_000

    @Option(name: .long, help: ArgumentHelp("Handshakes of either kind, 1 to 10000.", valueName: "n"))
    var handshakes = 200

    @Option(
        name: .long,
        help: ArgumentHelp("Requests in flight, one or several by commas, 1 to 1024.", valueName: "n,…"))
    var window = NumberList([1, 64])

    @Option(
        name: .long,
        help: ArgumentHelp("Event loops: 1, 2 or both by commas.", valueName: "n,…"))
    var loops = NumberList([1, 2])

    @Option(
        name: .customLong("k"), help: ArgumentHelp("Peers of a FIND_NODE answer, 1 to 20.", valueName: "n"))
    var replication = 20

    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws {
        guard (1...RPCBenchmark.maximumPayload).contains(payload) else {
            throw ValidationError("--payload is 1 to \(RPCBenchmark.maximumPayload).")
        }
        guard (10...10_000_000).contains(requests) else {
            throw ValidationError("--requests is 10 to 10000000.")
        }
        guard (1...10_000).contains(handshakes) else { throw ValidationError("--handshakes is 1 to 10000.") }
        guard window.isWithin(1...1024) else { throw ValidationError("--window is 1 to 1024.") }
        guard loops.isWithin(1...2) else { throw ValidationError("--loops is 1 or 2.") }
        guard (1...20).contains(replication) else { throw ValidationError("--k is 1 to 20.") }
    }

    func run() async throws {
        var parameters = RPCBenchmark.Parameters()
        parameters.payload = payload
        parameters.requests = requests
        parameters.handshakes = handshakes
        parameters.windows = window.values
        parameters.loops = loops.values
        parameters.replication = replication
        let (console, chosen) = (output.console, parameters)
        let report = try await console.waiting(for: "\(requests) requests of each case") {
            try await RPCBenchmark.run(chosen) { step in
                if console.layout.isVerbose { console.note(step) }
            }
        }
        try console.show(BenchOutput(report))
    }
}
