import MeshCore
import MeshDHT

/// What publications take in the simulated latencies.
extension Scenario {
    /// Announcements of fresh keys by random nodes.
    mutating func measureProvides() {
        progress("\(parameters.provides) announcements")
        var plans: [SimulatedQueryID] = []
        for number in 0..<parameters.provides {
            let query = SimulatedQuery.provide(key: simulation.randomKey())
            plans.append(plan(query, on: honestNode(), number: number))
        }
        simulation.runUntilQueriesFinish(limit: .seconds(3600))
        var meter = QueryMeter()
        var copies = 0
        // What an optimistic announcement promises when it returns.
        let enough = (3 * parameters.replication + 3) / 4
        for id in plans {
            guard let result = simulation.takeResult(of: id) else { continue }
            var sent = 0
            if case .provided(let count) = result.outcome { sent = count }
            copies += sent
            meter.add(result, isRight: sent >= min(enough, simulation.runningCount - 1))
        }
        report.provide = meter.summary
        report.copiesPerProvide = Double(copies) / Double(max(parameters.provides, 1))
    }
}
