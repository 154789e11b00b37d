import ArgumentParser
import MeshBenchmarks

/// `meshp2p bench simulate`.
struct BenchSimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "The node's DHT code in a simulated Internet: joins, lookups, churn, hostile nodes.",
        discussion: """
            The network grows by joins, records are stored, trouble follows, and then lookups and gets are measured. \
            The same parameters give the same network and the same digest on every machine. 10^6 nodes take hours.

            CHURN
            none; half: half of the nodes vanish at once; weibull[:k,lambda]: sessions of random length, lambda in \
            minutes, for --hours.

            ADVERSARY
            none; colluding:SHARE name only each other; sybil:COUNT identities around one key; silent:SHARE answer \
            only signs of life; replay:SHARE serve and push old values; eclipse:SHARE collude and are bootstrap peers.

            EXAMPLES
              meshp2p bench simulate --nodes 10000
              meshp2p bench simulate --churn weibull:0.38,42.4 --hours 24 --json
              meshp2p bench simulate --nodes 10000 --adversary colluding:0.5 --paths 8
              meshp2p bench simulate --nodes 100000 --lookups 1 --provides 200
            """)

    @Option(name: .long, help: ArgumentHelp("Nodes that join, 2 to 2000000.", valueName: "n"))
    var nodes = 1000

    @Option(name: .long, help: ArgumentHelp("The origin of everything random.", valueName: "n"))
    var seed: UInt64 = 1

    @Option(name: .long, help: ArgumentHelp("Lookups, and gets when there are records.", valueName: "n"))
    var lookups = 1000

    @Option(
        name: .long,
        help: ArgumentHelp("Records, 0 to 1000000; default: 200 with trouble, else 0.", valueName: "n"))
    var records: Int?

    @Option(name: .long, help: ArgumentHelp("Announcements that are measured.", valueName: "n"))
    var provides = 0

    @Option(
        name: .long, help: ArgumentHelp("Keys that one node publishes again by region.", valueName: "n"))
    var republish = 0

    @Option(name: .long, help: ArgumentHelp("How nodes come and go.", valueName: "none|half|weibull[:k,l]"))
    var churn = "none"

    @Option(name: .long, help: ArgumentHelp("What hostile nodes do.", valueName: "kind:n"))
    var adversary = "none"

    @Option(name: .long, help: ArgumentHelp("Disjoint paths of a lookup, 1 to 16.", valueName: "n"))
    var paths: Int?

    @Option(name: .long, help: ArgumentHelp("k, 1 to 64.", valueName: "n"))
    var k = 20

    @Option(name: .long, help: ArgumentHelp("Holders that end a get; 0 asks all.", valueName: "n"))
    var quorum = 3

    @Option(name: .long, help: ArgumentHelp("The part of packets that are lost, 0 to 0.5.", valueName: "p"))
    var loss = 0.0

    @Option(
        name: .long, help: ArgumentHelp("The part of packets that arrive twice, 0 to 0.5.", valueName: "p"))
    var duplication = 0.0

    @Option(
        name: .long,
        help: ArgumentHelp("Simulated hours of trouble, 0 to 336; default: 24 of churn.", valueName: "h"))
    var hours: Double?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "How far nodes are from each other.",
            valueName: SimulationOptions.latencies.joined(separator: "|")))
    var latency = "king"

    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws {
        do {
            try options.check()
        } catch {
            throw ValidationError("\(error).")
        }
    }

    func run() async throws {
        let (console, options) = (output.console, options)
        let report = try await console.waiting(for: "simulating \(options.nodes) nodes") {
            try SimulationBenchmark.run(options) { step in console.note(step) }
        }
        try console.show(SimulationOutput(report: report))
    }

    private var options: SimulationOptions {
        var options = SimulationOptions()
        options.nodes = nodes
        options.seed = seed
        options.lookups = lookups
        options.records = records
        options.provides = provides
        options.republishedKeys = republish
        options.churn = churn
        options.adversary = adversary
        options.paths = paths
        options.replication = k
        options.quorum = quorum
        options.loss = loss
        options.duplication = duplication
        options.hours = hours
        options.latency = latency
        return options
    }
}
