import MeshNode

/// Who keeps what was put or provided.
struct StoreOutput: CommandOutput {
    let report: StoreReport
    let key: String
    /// What the remote nodes did: `stored`, `will name this node for`.
    let verb: String

    var json: [any Encodable] { [report] }

    func lines(_ layout: Layout) -> [String] {
        let nodes = Quantity.count(report.stored, "node")
        let key = TerminalText.quoted(key, limit: 60)
        return ["\(nodes) \(verb) \(key)   \(layout.style.dim(Quantity.milliseconds(report.milliseconds)))"]
    }
}
