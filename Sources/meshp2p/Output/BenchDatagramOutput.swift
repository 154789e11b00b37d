import MeshBenchmarks

extension BenchOutput {
    init(_ report: RPCReport) {
        let cells = report.cases.map { item in
            [
                "\(item.kind), window \(item.window), \(Quantity.count(item.loops, "loop"))",
                Quantity.fixed(item.cpuMicrosecondsPerRPC, digits: 2),
                Quantity.fixed(item.roundTripMicroseconds.p50, digits: 1),
                Quantity.fixed(item.roundTripMicroseconds.p99, digits: 1),
                Quantity.fixed(item.rpcPerSecond, digits: 0), Quantity.fixed(item.datagramsPerRPC, digits: 2),
                "\(item.failures)",
            ]
        }
        self.init(
            report, title: "encrypted requests over UDP, both ends in this process",
            rows: [
                ("payload", "\(report.payload) bytes both ways"),
                ("load", Quantity.fixed(report.loadAverage, digits: 2)),
                ("first contact", Self.handshake(report.cold)),
                ("resumption", Self.handshake(report.resumption)),
            ],
            table: [["", "CPU us", "p50 us", "p99 us", "a second", "datagrams", "failed"]] + cells)
    }

    private static func handshake(_ report: RPCReport.Handshake) -> String {
        let failed = report.failures > 0 ? ", \(report.failures) failed" : ""
        return "\(Quantity.fixed(report.cpuMillisecondsPerHandshake, digits: 3)) ms of CPU, answer after "
            + "\(milliseconds(report.firstAnswerMilliseconds.p50)), "
            + "p99 \(milliseconds(report.firstAnswerMilliseconds.p99))\(failed)"
    }

    init(_ report: LookupReport) {
        self.init(
            report,
            title: "a DHT of \(report.nodes) datagram nodes on \(Quantity.count(report.loops, "event loop"))",
            rows: [
                (
                    "parameters",
                    "k \(report.replication), α \(report.parallelism), β \(report.resiliency), "
                        + "\(Quantity.count(report.paths, "path")), seed \(report.seed)"
                ),
                ("load", Quantity.fixed(report.loadAverage, digits: 2)),
                (
                    "join",
                    "\(Self.milliseconds(report.joinCPUMillisecondsPerNode)) of CPU and "
                        + "\(Quantity.fixed(report.joinDatagramsPerNode, digits: 0)) datagrams a node; "
                        + "\(Quantity.fixed(report.tablePeersMean, digits: 0)) peers, "
                        + "\(Quantity.fixed(report.sessionsMean, digits: 0)) sessions"
                ),
                (
                    "idle node",
                    "\(Quantity.bytes(report.rssBytesPerIdleNode)) "
                        + "(\(Quantity.bytes(report.anonymousBytesPerIdleNode)) without code), "
                        + "\(Quantity.fixed(report.idleCPUPercentPerNode, digits: 3)) % of CPU, "
                        + "\(Quantity.fixed(report.idleDatagramsPerSecondPerNode, digits: 2)) datagrams a second"
                ),
                ("node after all", Quantity.bytes(report.rssBytesPerNode)),
                (
                    "replicas",
                    "\(Quantity.fixed(report.replicasMean, digits: 1)), "
                        + "\(Quantity.fixed(report.overlapTrueClosest * 100, digits: 1)) % of the true closest"
                ),
            ],
            table: [["", "right", "p50 ms", "p99 ms", "RPCs", "handshakes", "CPU us", "an RPC"]]
                + Self.cells(report.cold, "strangers: ") + Self.cells(report.warm, ""))
    }

    private static func cells(_ pass: LookupReport.Pass, _ prefix: String) -> [[String]] {
        let operations: [(String, LookupReport.Operation?)] = [
            ("put", pass.put), ("get, first value", pass.getFirst), ("get, closest set", pass.getClosest),
            ("provide", pass.provide), ("find providers, first", pass.findProvidersFirst),
            ("find providers, closest set", pass.findProvidersClosest), ("find peer", pass.findPeer),
            ("closest peers", pass.closestPeers),
        ]
        return operations.compactMap { name, operation in
            guard let operation else { return nil }
            return [
                prefix + name, "\(Quantity.fixed(operation.success * 100, digits: 1)) %",
                Quantity.fixed(operation.milliseconds.p50, digits: 3),
                Quantity.fixed(operation.milliseconds.p99, digits: 3),
                Quantity.fixed(operation.rpcs, digits: 1), Quantity.fixed(operation.handshakes, digits: 2),
                Quantity.fixed(operation.cpuMicroseconds, digits: 0),
                Quantity.fixed(operation.cpuMicrosecondsPerRPC, digits: 1),
            ]
        }
    }
}
