import MeshBenchmarks

extension BenchOutput {
    init(_ report: RoutingReport) {
        let k = report.replication
        self.init(
            report, title: "a routing table of \(report.entries) peers in \(report.buckets) buckets",
            rows: [
                ("offered", "\(report.offered)"), ("load", Quantity.fixed(report.loadAverage, digits: 2)),
                ("closest \(k), sorted", Self.nanoseconds(report.closestNanoseconds)),
                ("near the node itself", Self.nanoseconds(report.closestNearSelfNanoseconds)),
                ("each after a touch", Self.nanoseconds(report.closestAfterTouchNanoseconds)),
                ("as peers with addresses", Self.nanoseconds(report.closestPeersNanoseconds)),
                ("touch", Self.nanoseconds(report.touchNanoseconds)),
                ("insert into a full bucket", Self.nanoseconds(report.insertNanoseconds)),
                ("insert a known peer", Self.nanoseconds(report.insertKnownNanoseconds)),
                ("remove and insert", Self.nanoseconds(report.replaceNanoseconds)),
            ], table: [])
    }

    private static func nanoseconds(_ value: Double) -> String { "\(Quantity.fixed(value, digits: 1)) ns" }
}
