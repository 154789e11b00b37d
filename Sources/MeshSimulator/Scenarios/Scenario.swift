import MeshCore
import MeshDHT

/// One experiment: a network that grows by joins, records, trouble, and then what the trouble has done.
///
/// | Phase | What happens | Kind |
/// |---|---|---|
/// | ``build()`` | nodes join one after the other, and settle | liveness |
/// | ``store()`` | records are put by random nodes | liveness |
/// | ``trouble()`` | churn, or hostile nodes show their face, or nothing, for some hours | safety |
/// | ``measure()`` | lookups and gets; hostile nodes go on, churn has ended | liveness |
///
/// The caller runs the phases in this order and may read clocks between them. Hostile nodes join as honest ones do, and
/// are honest until the trouble begins: then the tables are those of a network that does not know them.
public struct Scenario: ~Copyable {
    /// What was asked for.
    public let parameters: ScenarioParameters
    /// What came out so far.
    public internal(set) var report: ScenarioReport
    /// The network.
    public internal(set) var simulation: Simulation
    /// Where steps are told to somebody who waits.
    let progress: (String) -> Void

    var records: [ScenarioRecord] = []
    /// Hostile nodes, by index.
    var hostile: Set<UInt32> = []

    /// How long a network settles after the last join.
    static let settling = Duration.seconds(120)

    /// Creates the scenario, whose parameters must be possible.
    public init(
        _ parameters: ScenarioParameters, configuration: KademliaConfiguration? = nil,
        progress: @escaping (String) -> Void = { _ in }
    ) throws(ScenarioError) {
        try parameters.validate()
        self.parameters = parameters
        self.progress = progress
        var made = SimulationParameters(seed: parameters.seed)
        made.capacity = parameters.nodes
        made.validators = SequencedRecords.validators
        made.configuration = configuration ?? made.configuration
        made.configuration.reportsSteps = false
        made.configuration.replication = parameters.replication
        made.configuration.resiliency = min(made.configuration.resiliency, parameters.replication)
        made.configuration.disjointPaths = parameters.paths
        made.network.latency = parameters.latency.model
        made.network.loss = parameters.loss
        made.network.duplication = parameters.duplication
        simulation = Simulation(made)
        report = ScenarioReport(parameters)
    }

    /// Runs all phases.
    public mutating func run() {
        build()
        store()
        trouble()
        measure()
    }

    /// Lets the nodes join.
    public mutating func build() {
        let step = max(parameters.nodes / 10, 1)
        for count in stride(from: step, through: parameters.nodes, by: step) {
            simulation.grow(to: count)
            progress("\(count) of \(parameters.nodes) nodes joined")
        }
        simulation.grow(to: parameters.nodes)
        simulation.run(for: Self.settling)
        report.joinSimulatedSeconds = simulation.now.seconds
        report.messagesPerJoin = Double(simulation.counters.requests) / Double(parameters.nodes)
        note(simulation.digest)
    }

    /// Has random nodes put the records.
    public mutating func store() {
        guard parameters.records > 0 else { return }
        progress("\(parameters.records) records")
        var stored: [SimulatedQueryID] = []
        var start = simulation.now
        for index in 0..<parameters.records {
            let publisher = simulation.randomNode()
            let key = SequencedRecords.key(index, seed: parameters.seed)
            records.append(ScenarioRecord(index: index, key: key, publisher: publisher, sequence: 1))
            let value = SequencedRecords.value(index, sequence: 1)
            stored.append(simulation.plan(.putValue(key: key, value: value), on: publisher, at: start))
            start = start + .milliseconds(10)
        }
        simulation.run(until: start)
        simulation.runUntilQueriesFinish(limit: .seconds(120))
        var meter = QueryMeter()
        var acknowledged = 0
        for id in stored {
            guard let result = simulation.takeResult(of: id) else { continue }
            if case .stored(let count, _) = result.outcome, count > 0 {
                acknowledged += count
                meter.add(result, isRight: true)
            } else {
                meter.add(result, isRight: false)
            }
        }
        report.put = meter.summary
        report.replicasPerPut = Double(acknowledged) / Double(parameters.records)
        // What goes on in the background after an optimistic put.
        simulation.run(for: .seconds(30))
        note(simulation.digest)
    }

    mutating func note(_ digest: UInt64) {
        let hex = String(digest, radix: 16)
        report.digest = String(repeating: "0", count: 16 - hex.count) + hex
    }
}

/// A record that is stored before the trouble, and looked for after it.
struct ScenarioRecord: Sendable {
    let index: Int
    let key: [UInt8]
    let publisher: NodeIndex
    /// The number of the newest value that was stored.
    var sequence: UInt64
}

extension Instant {
    /// Seconds since the origin.
    var seconds: Double { Double(nanoseconds) / 1e9 }
}
