import MeshBenchmarks

extension BenchOutput {
    init(_ report: CryptoReport) {
        let cells = report.cases.map { item in
            [
                item.primitive, item.byteCount.map(String.init) ?? "", item.backend ?? "",
                Quantity.fixed(item.nanoseconds / 1000, digits: 2),
                Quantity.fixed(item.nanosecondsMinimum / 1000, digits: 2),
                item.megabytesPerSecond.map { Quantity.fixed($0, digits: 0) } ?? "",
            ]
        }
        self.init(
            report, title: "primitives, processor time",
            rows: [
                ("time", "\(report.millisecondsEach) ms for each case"),
                ("load", Quantity.fixed(report.loadAverage, digits: 2)),
            ], table: [["", "bytes", "library", "us", "us at best", "MB/s"]] + cells)
    }
}
