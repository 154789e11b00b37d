import MeshAPI
import MeshBenchmarks

/// The numbers of a benchmark: JSON as they are, for people as a table with their units.
struct BenchOutput: CommandOutput {
    private let report: any Encodable & Sendable
    private let title: String
    private let rows: [(label: String, value: String)]
    private let table: [[String]]

    var json: [any Encodable] { [report] }

    func lines(_ layout: Layout) -> [String] {
        let column = (rows.map(\.label.count).max() ?? 0) + 2
        var lines = [layout.style.bold(title)]
        lines += rows.map { "  " + layout.style.dim($0.label.padded(to: column)) + $0.value }
        let widths = (table.first ?? []).indices.map { index in table.map { $0[index].count }.max() ?? 0 }
        lines += table.map { row in
            let cells = zip(row, widths).enumerated().map { index, cell in
                index == 0 ? cell.0.padded(to: cell.1) : cell.0.paddedLeft(to: cell.1)
            }
            return "  " + cells.joined(separator: "  ")
        }
        return lines
    }

    /// Creates the output of a report whose rows and cells are made elsewhere.
    init(
        _ report: any Encodable & Sendable, title: String, rows: [(label: String, value: String)],
        table: [[String]]
    ) {
        self.report = report
        self.title = title
        self.rows = rows
        self.table = table
    }

    init(_ report: ConnectReport) {
        self.report = report
        title = "cold connections to \(TerminalText.escaped(report.target, limit: 40))"
        rows = [
            ("connections", "\(report.connections)"),
            (
                "connect",
                "median \(Self.milliseconds(report.connectMillisecondsMedian)), p95 \(Self.milliseconds(report.connectMillisecondsP95))"
            ),
            (
                "rate",
                "\(Quantity.fixed(report.handshakesPerSecond, digits: 0)) a second, one after the other"
            ),
            (
                "processor",
                "\(Self.milliseconds(report.cpuMillisecondsPerHandshake)) a connection in this process"
            ),
        ]
        table = []
    }

    init(_ report: PingReport) {
        self.report = report
        title = "warm pings of \(TerminalText.escaped(report.target, limit: 40))"
        rows = [
            ("pings", "\(report.pings)"),
            (
                "round trip",
                "median \(Self.microseconds(report.roundTripMicrosecondsMedian)), "
                    + "min \(Self.microseconds(report.roundTripMicrosecondsMinimum)), "
                    + "p99 \(Self.microseconds(report.roundTripMicrosecondsP99))"
            ),
        ]
        table = []
    }

    init(_ report: StreamReport) {
        self.report = report
        title = "uploads to \(TerminalText.escaped(report.target, limit: 40))"
        let all = report.megabytesPerSecondAll.map { Quantity.fixed($0, digits: 0) }.joined(separator: " ")
        rows = [
            ("bytes", "\(report.byteCount) each, \(report.runs) times"),
            ("rate", "median \(Quantity.fixed(report.megabytesPerSecond, digits: 0)) MB/s   (\(all))"),
            (
                "processor",
                "\(Quantity.fixed(report.cpuSecondsPerGigabyte, digits: 2)) s a gigabyte in this process"
            ),
        ]
        table = []
    }

    init(_ report: DHTReport) {
        self.report = report
        title = "a DHT of \(report.nodes) nodes in this process"
        rows = [
            (
                "parameters",
                "k \(report.replication), α \(report.parallelism), β \(report.resiliency), seed \(report.seed)"
            ),
            ("join", Self.milliseconds(report.joinMilliseconds)),
            ("memory", "\(Quantity.bytes(report.rssBytesPerNode)) a node"),
        ]
        let operations = [
            ("put", report.put), ("get", report.get), ("find peer", report.findPeer),
            ("provide", report.provide),
            ("find providers", report.findProviders),
        ]
        table =
            [["", "right", "p50 ms", "p99 ms", "messages", "us of CPU a message"]]
            + operations.map { name, operation in
                [
                    name, "\(Quantity.fixed(operation.success * 100, digits: 1)) %",
                    Quantity.fixed(operation.milliseconds.p50, digits: 2),
                    Quantity.fixed(operation.milliseconds.p99, digits: 2),
                    Quantity.fixed(operation.messages, digits: 1),
                    Quantity.fixed(operation.cpuMicrosecondsPerRPC, digits: 0),
                ]
            }
    }

    static func milliseconds(_ value: Double) -> String { "\(Quantity.fixed(value, digits: 2)) ms" }

    static func microseconds(_ value: Double) -> String { "\(Quantity.fixed(value, digits: 1)) us" }
}
