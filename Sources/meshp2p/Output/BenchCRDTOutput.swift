import MeshCRDTBenchmarks

/// The figures of `bench crdt`: a line a case, a table for growth.
struct BenchCRDTOutput: CommandOutput {
    let report: CRDTBenchReport

    var json: [any Encodable] { [report] }

    func lines(_ layout: Layout) -> [String] {
        var lines: [String] = []
        for entry in report.cases {
            lines.append("\(layout.style.bold(entry.name))   \(TerminalText.escaped(entry.title))")
            let times = entry.milliseconds.sorted { $0.key < $1.key }.map { name, value in
                "\(name) \(Quantity.milliseconds(value))"
            }
            let counts = entry.counts.sorted { $0.key < $1.key }.map { name, value in "\(name) \(value)" }
            lines +=
                Self.wrapped(times, layout.width) + Self.wrapped(counts, layout.width).map(layout.style.dim)
        }
        guard !report.scale.isEmpty else { return lines }
        let rows =
            [["", "edits", "ns an edit", "growth", "encode ms", "load ms"]]
            + report.scale.map { row in
                [
                    row.name, "\(row.edits)", Quantity.fixed(row.nanosecondsPerEdit, digits: 0),
                    Quantity.fixed(row.growth, digits: 2),
                    Quantity.fixed(row.milliseconds["encodeV1"] ?? 0, digits: 2),
                    Quantity.fixed(row.milliseconds["loadV1"] ?? 0, digits: 2),
                ]
            }
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return lines
            + rows.map { row in
                zip(row, widths).enumerated().map { column, cell in
                    column == 0 ? cell.0.padded(to: cell.1) : cell.0.paddedLeft(to: cell.1)
                }.joined(separator: "  ")
            } + report.skipped.map { "not measured, it would take minutes: \($0)" }
    }

    /// Pieces side by side, indented, in lines of at most `width` columns.
    private static func wrapped(_ pieces: [String], _ width: Int) -> [String] {
        var lines: [String] = []
        for piece in pieces {
            if let last = lines.last, last.count + piece.count + 3 <= width {
                lines[lines.count - 1] = last + "   " + piece
            } else {
                lines.append("  " + piece)
            }
        }
        return lines
    }
}
