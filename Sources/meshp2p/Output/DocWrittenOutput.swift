/// An update that was written to a file.
struct DocWrittenOutput: CommandOutput {
    private struct Report: Encodable {
        var ok = true
        var bytes: Int
        var format: String
        var updates: Int
    }

    /// What the file holds now: `merged 2 updates`.
    let what: String
    let path: String
    let bytes: Int
    let format: String
    /// Updates that were read.
    let updates: Int

    var json: [any Encodable] { [Report(bytes: bytes, format: format, updates: updates)] }

    func lines(_ layout: Layout) -> [String] {
        [
            "\(what): \(format), \(Quantity.bytes(bytes))   \(layout.style.dim(TerminalText.escaped(path, limit: 200)))"
        ]
    }
}
