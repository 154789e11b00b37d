import MeshNode

/// The hops of a lookup, by round.
struct TraceLines {
    let steps: [TraceStep]

    /// One head for a round, one line for each peer that it asked.
    func lines(_ layout: Layout) -> [String] {
        var lines: [String] = []
        var round: Int?
        for step in steps {
            if step.round != round {
                round = step.round
                lines.append(head(of: step.round, layout))
            }
            lines.append(line(step, layout))
        }
        return lines
    }

    private func head(of round: Int, _ layout: Layout) -> String {
        let asked = steps.filter { $0.round == round }
        let nearest = asked.map(\.distance).max() ?? 0
        let count = "\(asked.count) asked"
        return "  " + layout.style.bold("round \(round)") + "   \(count)   nearest 2^-\(nearest)"
    }

    private func line(_ step: TraceStep, _ layout: Layout) -> String {
        let id = layout.id(step.peer)
        let time = Quantity.milliseconds(step.milliseconds).paddedLeft(to: 8)
        let outcome = TerminalText.escaped(step.outcome, limit: 16).padded(to: 9)
        var line =
            "    \(id)  \(outcome)\(time)  closer \("\(step.closer)".paddedLeft(to: 2))  2^-\(step.distance)"
        if let address = step.address {
            let left = layout.width - line.count - 2
            if left >= 12 || layout.isVerbose {
                line += "  " + layout.address(address, peer: step.peer, width: left)
            }
        }
        return line
    }
}
