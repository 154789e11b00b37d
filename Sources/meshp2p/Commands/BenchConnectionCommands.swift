import ArgumentParser
import MeshBenchmarks
import MeshMultiformats

/// The other end of a benchmark.
struct BenchTarget: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "A peer to measure against, ours or foreign; default: one in this process.",
            valueName: "multiaddr"),
        transform: AddressArgument.parse)
    var target: Multiaddr?
}

/// `meshp2p bench connect`.
struct BenchConnectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "connect",
        abstract: "Cold connections, one after the other: TCP, Noise, yamux, identify.",
        discussion: """
            EXAMPLES
              meshp2p bench connect
              meshp2p bench connect --count 1000 --json
            """)

    @Option(name: .shortAndLong, help: ArgumentHelp("Connections.", valueName: "n"))
    var count = 200

    @OptionGroup var other: BenchTarget
    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws {
        guard (1...100_000).contains(count) else { throw ValidationError("--count is 1 to 100000.") }
    }

    func run() async throws {
        let (target, count) = (other.target, count)
        let report = try await output.console.waiting(for: "\(count) connections") {
            try await ConnectionBenchmarks.connect(target: target, count: count)
        }
        try output.console.show(BenchOutput(report))
    }
}

/// `meshp2p bench ping`.
struct BenchPingCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ping",
        abstract: "Round trips of pings on one warm stream.",
        discussion: """
            EXAMPLES
              meshp2p bench ping
              meshp2p bench ping --target /ip4/127.0.0.1/tcp/4101/p2p/12D3KooW… --json
            """)

    @Option(name: .shortAndLong, help: ArgumentHelp("Pings.", valueName: "n"))
    var count = 2000

    @OptionGroup var other: BenchTarget
    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws {
        guard (1...1_000_000).contains(count) else { throw ValidationError("--count is 1 to 1000000.") }
    }

    func run() async throws {
        let (target, count) = (other.target, count)
        let report = try await output.console.waiting(for: "\(count) pings") {
            try await ConnectionBenchmarks.ping(target: target, count: count)
        }
        try output.console.show(BenchOutput(report))
    }
}

/// `meshp2p bench stream`.
struct BenchStreamCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stream",
        abstract: "Upload over one stream, with /perf/1.0.0 or what the target has.",
        discussion: """
            EXAMPLES
              meshp2p bench stream
              meshp2p bench stream --megabytes 1000 --runs 5 --json
            """)

    @Option(name: .long, help: ArgumentHelp("Megabytes (10^6 bytes) of one upload.", valueName: "n"))
    var megabytes = 256

    @Option(name: .long, help: ArgumentHelp("Uploads.", valueName: "n"))
    var runs = 3

    @OptionGroup var other: BenchTarget
    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws {
        guard (1...100_000).contains(megabytes) else { throw ValidationError("--megabytes is 1 to 100000.") }
        guard (1...1000).contains(runs) else { throw ValidationError("--runs is 1 to 1000.") }
    }

    func run() async throws {
        let (target, byteCount, runs) = (other.target, UInt64(megabytes) * 1_000_000, runs)
        let report = try await output.console.waiting(for: "\(runs) uploads of \(megabytes) MB") {
            try await ConnectionBenchmarks.stream(target: target, byteCount: byteCount, runs: runs)
        }
        try output.console.show(BenchOutput(report))
    }
}
