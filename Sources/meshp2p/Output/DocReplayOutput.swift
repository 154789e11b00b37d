import MeshCRDTBenchmarks

/// A replay with its figures.
struct DocReplayOutput: CommandOutput {
    let report: ReplayReport
    let path: String

    var json: [any Encodable] { [report] }

    func lines(_ layout: Layout) -> [String] {
        let edits =
            "\(report.edits) edits in \(Quantity.count(report.transactions, "transaction")), \(report.kind)"
        var lines = ["\(layout.style.bold(FileBytes.name(path)))   \(edits)"]
        lines.append(
            layout.row(
                "ends with",
                "\(Quantity.count(report.characters, "character")), "
                    + (report.matchesTrace ? "as the trace says" : "not with the text that the trace names")))
        lines.append(layout.row("sha256", report.sha256))
        lines.append(
            layout.row(
                "document",
                "v1 \(report.bytes.v1) bytes, v2 \(report.bytes.v2) bytes, \(Quantity.count(report.structs, "struct"))"
            ))
        lines.append(layout.row("updates", "\(report.bytes.updatesV1) bytes in v1, all single ones together"))
        for step in ReplayStep.allCases {
            guard let milliseconds = report.milliseconds[step.rawValue] else { continue }
            let time = Quantity.milliseconds(milliseconds).paddedLeft(to: 9)
            lines.append("  " + "\(step.rawValue)".padded(to: 21) + time)
        }
        if report.repetitions > 1 { lines.append("  medians of \(report.repetitions) after one to warm up") }
        return lines
    }
}
