import MeshNode

/// The addresses that a dial tried, one a line.
struct AttemptTable {
    let attempts: [DialReport.Attempt]
    let peer: String?

    /// The lines: address, what came of it, how long it took.
    func lines(_ layout: Layout, indent: Int) -> [String] {
        let space = layout.width - indent
        let addressWidth = min(max(space - Self.timeWidth - Self.outcomeWidth, 20), 48)
        let addresses = attempts.map { layout.address($0.address, peer: peer, width: addressWidth) }
        let column = min(addresses.map(\.count).max() ?? 0, addressWidth)
        return zip(attempts, addresses).map { attempt, address in
            let outcome = Self.outcome(attempt)
            let time = Quantity.milliseconds(attempt.milliseconds).paddedLeft(to: Self.timeWidth)
            let text = TerminalText.escaped(
                layout.isVerbose ? outcome : Shortened.sentence(outcome), limit: 200)
            let outcomeColumn = max(space - column - 2 - Self.timeWidth, 0)
            let shown = attempt.outcome == "connected" ? layout.style.good(text) : text
            let gap = String(repeating: " ", count: max(outcomeColumn - text.count, 1))
            return String(repeating: " ", count: indent) + address.padded(to: column) + "  " + shown + gap
                + time
        }
    }

    private static func outcome(_ attempt: DialReport.Attempt) -> String {
        switch (attempt.outcome, attempt.error) {
        case ("connected", _): "connected"
        case ("cancelled", _): "not needed"
        case (let outcome, nil): outcome
        case (_, let error?): error
        }
    }

    private static let timeWidth = 9
    private static let outcomeWidth = 24
}
