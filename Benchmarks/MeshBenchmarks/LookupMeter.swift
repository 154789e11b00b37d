import MeshCore
import MeshDHT

/// Runs operations of one kind one after the other and collects what they cost all nodes together.
struct LookupMeter {
    private let network: LookupNetwork
    private var latencies = LatencyHistogram()
    private var inside = LatencyHistogram()
    private var count = 0
    private var requests = 0
    private var hops = 0
    private let totals: DatagramHost.Totals
    private let processor: Double

    /// Begins to count.
    init(_ network: LookupNetwork) async throws {
        self.network = network
        try await network.settle()
        totals = await network.totals
        processor = ProcessorTime.seconds
    }

    /// Runs one operation at node `node`; `isRight` judges what came of it.
    mutating func run(
        _ task: DatagramHost.Task, at node: Int, _ isRight: (QueryOutcome) -> Bool
    ) async {
        let start = Instant.now
        let ending = await network.run(node, task)
        let duration = Instant.now.duration(since: start)
        count += 1
        requests += ending.statistics.requests
        hops += ending.statistics.hops
        guard isRight(ending.outcome) else { return }
        latencies.record(duration)
        inside.record(ending.statistics.duration)
    }

    /// What it came to, once all answers are in.
    func operation() async throws -> LookupReport.Operation {
        try await network.settle()
        let spent = ProcessorTime.seconds - processor
        let now = await network.totals
        let datagrams = Double(now.sent - totals.sent)
        let runs = Double(max(count, 1))
        return LookupReport.Operation(
            count: count, success: Double(latencies.count) / runs, milliseconds: latencies.inMilliseconds,
            queryMilliseconds: inside.inMilliseconds, datagrams: (datagrams / runs).rounded(digits: 2),
            rpcs: (datagrams / 2 / runs).rounded(digits: 2),
            requests: (Double(requests) / runs).rounded(digits: 2),
            hops: (Double(hops) / runs).rounded(digits: 2),
            handshakes: (Double(now.handshakes - totals.handshakes) / runs).rounded(digits: 3),
            cpuMicroseconds: (spent * 1e6 / runs).rounded(digits: 1),
            cpuMicrosecondsPerRPC: (spent * 1e6 / max(1, datagrams / 2)).rounded(digits: 2))
    }
}
