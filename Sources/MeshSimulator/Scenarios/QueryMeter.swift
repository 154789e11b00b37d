import MeshCore
import MeshDHT

/// What many queries of one kind did.
public struct QuerySummary: Codable, Hashable, Sendable {
    /// Queries.
    public var count = 0
    /// The part that gave the right answer, 0 to 1.
    public var success = 0.0
    /// The mean of the longest chain of referrals that led to an answer.
    public var hopsMean = 0.0
    /// The mean of the chain of referrals that led to the closest node which answered.
    public var closestHopsMean = 0.0
    /// Requests per query, on average.
    public var messagesMean = 0.0
    /// The median of the simulated time.
    public var millisecondsP50 = 0.0
    /// The simulated time that 99 of 100 do not exceed.
    public var millisecondsP99 = 0.0

    /// Creates the summary of nothing.
    public init() {}
}

/// Adds up queries.
struct QueryMeter {
    private var right = 0
    private var hops = 0
    private var closestHops = 0
    private var requests = 0
    private var milliseconds: [Double] = []

    mutating func add(_ result: SimulatedResult, isRight: Bool) {
        right += isRight ? 1 : 0
        hops += result.statistics.hops
        closestHops += result.statistics.closestHops
        requests += result.statistics.requests
        milliseconds.append(result.finished.duration(since: result.started).milliseconds)
    }

    var summary: QuerySummary {
        var summary = QuerySummary()
        let count = milliseconds.count
        guard count > 0 else { return summary }
        let sorted = milliseconds.sorted()
        summary.count = count
        summary.success = Double(right) / Double(count)
        summary.hopsMean = Double(hops) / Double(count)
        summary.closestHopsMean = Double(closestHops) / Double(count)
        summary.messagesMean = Double(requests) / Double(count)
        // Nearest rank.
        summary.millisecondsP50 = sorted[(count + 1) / 2 - 1]
        summary.millisecondsP99 = sorted[min((count * 99 + 99) / 100, count) - 1]
        return summary
    }
}
