import MeshBenchmarks

/// The result of `bench simulate`: JSON as it is, for people as a table.
struct SimulationOutput: CommandOutput {
    let report: SimulationReport

    var json: [any Encodable] { [report] }

    func lines(_ layout: Layout) -> [String] {
        let rows = networkRows + resultRows + costRows
        let column = (rows.map(\.label.count).max() ?? 0) + 2
        return [layout.style.bold("a simulated DHT of \(report.scenario.nodes) nodes")]
            + rows.map { "  " + layout.style.dim($0.label.padded(to: column)) + $0.value }
    }

    private typealias Row = (label: String, value: String)

    private var networkRows: [Row] {
        let scenario = report.scenario
        var rows: [Row] = [
            (
                "parameters",
                "k \(scenario.replication), \(Quantity.count(scenario.paths, "path")), seed \(scenario.seed), "
                    + "latency \(scenario.latency), loss \(Self.percent(scenario.loss))"
            ),
            ("trouble", "churn \(scenario.churn), adversary \(scenario.adversary), \(scenario.hours) h"),
            (
                "join",
                "\(Quantity.fixed(scenario.messagesPerJoin, digits: 1)) requests a node; "
                    + "\(Quantity.fixed(scenario.tablePeersMean, digits: 1)) peers in a table"
            ),
        ]
        if let sent = scenario.datagramsSentPerNodePerSecond, let messages = scenario.messagesPerNodePerHour {
            rows.append(
                (
                    "traffic",
                    "\(Quantity.fixed(sent, digits: 2)) datagrams sent a second by a node, "
                        + "\(Quantity.fixed(messages, digits: 0)) messages an hour"
                ))
        }
        if scenario.departures > 0 { rows.append(("departures", "\(scenario.departures)")) }
        return rows
    }

    private var resultRows: [Row] {
        let scenario = report.scenario
        var rows: [Row] = [
            ("right", Self.percent(scenario.lookupSuccess)),
            (
                "hops",
                "\(Quantity.fixed(scenario.hopsMean, digits: 2)) of \(Quantity.fixed(scenario.hopsTheory, digits: 2)) expected"
            ),
            ("messages", "\(Quantity.fixed(scenario.messagesPerLookup, digits: 1)) requests a lookup"),
        ]
        if let overlap = scenario.overlapTrueClosest { rows.append(("overlap", Self.percent(overlap))) }
        if let retrievable = scenario.recordsRetrievable {
            rows.append(("records", "\(Self.percent(retrievable)) of \(scenario.records) found"))
        }
        let kinds = [
            ("lookup", scenario.closest), ("put", scenario.put), ("get", scenario.get),
            ("provide", scenario.provide),
        ]
        for case (let name, let summary?) in kinds {
            rows.append(
                (
                    name,
                    "\(Self.percent(summary.success)) of \(summary.count), p50 \(Quantity.milliseconds(summary.millisecondsP50)), "
                        + "p99 \(Quantity.milliseconds(summary.millisecondsP99)), "
                        + "\(Quantity.fixed(summary.messagesMean, digits: 1)) requests"
                ))
        }
        if let republish = scenario.republish {
            rows.append(
                (
                    "republish",
                    "\(republish.keys) keys with \(Quantity.count(republish.lookups, "lookup")), "
                        + "\(Self.percent(republish.savedLookups)) fewer than one each; "
                        + "\(Self.percent(republish.keysAtTheirPlace)) arrived"
                ))
        }
        return rows
    }

    private var costRows: [Row] {
        let cost = report.cost
        return [
            (
                "speed",
                "\(Quantity.fixed(cost.messagesPerSecond, digits: 0)) messages and "
                    + "\(Quantity.fixed(cost.lookupsPerSecond, digits: 0)) lookups a second of processor time"
            ),
            (
                "memory",
                "\(Quantity.bytes(cost.bytesPerNode)) a node, \(Quantity.bytes(cost.peakMemoryBytes)) in all"
            ),
            ("digest", report.scenario.digest),
        ]
    }

    private static func percent(_ part: Double) -> String { "\(Quantity.fixed(part * 100, digits: 2)) %" }
}
