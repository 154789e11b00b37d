import MeshNode
import MeshSimulator

/// Runs one scenario and measures what it costs this machine.
public enum SimulationBenchmark {
    /// Runs the scenario of `options`; throws a `ScenarioError` when they are impossible.
    public static func run(
        _ options: SimulationOptions, progress: @escaping (String) -> Void
    ) throws -> SimulationReport {
        try options.check()
        var scenario = try Scenario(try options.parameters(), progress: progress)
        let before = ProcessMemory.residentByteCount
        let load = LoadAverage.lastMinute
        var meter = PhaseMeter()
        scenario.build()
        meter.note("build", scenario.simulation.counters.delivered)
        let after = ProcessMemory.residentByteCount
        scenario.store()
        meter.note("store", scenario.simulation.counters.delivered)
        scenario.trouble()
        meter.note("trouble", scenario.simulation.counters.delivered)
        scenario.measure()
        meter.note("measure", scenario.simulation.counters.delivered)
        var cost = SimulationCost(phases: meter.phases)
        let processor = meter.phases.reduce(0) { $0 + $1.cpuSeconds }
        cost.messagesPerSecond = (Double(scenario.report.messagesDelivered) / max(processor, 1e-6)).rounded()
        let queries = (scenario.report.closest?.count ?? 0) + (scenario.report.get?.count ?? 0)
        let measuring = meter.phases.last?.cpuSeconds ?? 0
        cost.lookupsPerSecond = (Double(queries) / max(measuring, 1e-6)).rounded(digits: 1)
        cost.peakMemoryBytes = ProcessPeak.peakByteCount
        cost.bytesPerNode = max(after - before, 0) / scenario.report.nodes
        cost.loadAverage = load
        return SimulationReport(scenario: scenario.report, cost: cost)
    }
}

/// Processor time and messages of the phases of a run.
private struct PhaseMeter {
    var phases: [SimulationCost.Phase] = []
    private var processor = ProcessorTime.seconds
    private var delivered: UInt64 = 0

    mutating func note(_ name: String, _ delivered: UInt64) {
        let seconds = ProcessorTime.seconds
        let messages = delivered - self.delivered
        phases.append(
            SimulationCost.Phase(
                name: name, cpuSeconds: (seconds - processor).rounded(digits: 3), messages: messages))
        (processor, self.delivered) = (seconds, delivered)
    }
}
