import MeshNode

/// The hops of a lookup, by round.
struct TraceLines {
    let steps: [TraceStep]

    /// One head for a round, one line for each peer that it asked.
    func lines(_ layout: Layout) -> [String] {
        rounds.flatMap { round in [Self.head(of: round, layout)] + round.map { Self.line($0, layout) } }
    }

    /// The steps in groups; where a peer is asked again, the next lookup has begun.
    private var rounds: [[TraceStep]] {
        var rounds: [[TraceStep]] = []
        for step in steps {
            let isSame = rounds.last.map { last in
                last.first?.round == step.round && !last.contains { $0.peer == step.peer }
            }
            if isSame == true { rounds[rounds.count - 1].append(step) } else { rounds.append([step]) }
        }
        return rounds
    }

    private static func head(of round: [TraceStep], _ layout: Layout) -> String {
        let number = layout.style.bold("round \(round.first?.round ?? 0)")
        return "  \(number)   \(round.count) asked   nearest 2^-\(round.map(\.distance).max() ?? 0)"
    }

    private static func line(_ step: TraceStep, _ layout: Layout) -> String {
        let id = layout.id(step.peer)
        let time = Quantity.milliseconds(step.milliseconds).paddedLeft(to: 8)
        let outcome = TerminalText.escaped(step.outcome, limit: 16).padded(to: 9)
        let closer = "closer \("\(step.closer)".paddedLeft(to: 2))"
        let line = "    \(id)  \(outcome)\(time)  \(closer)  2^-\(step.distance)"
        guard let address = step.address else { return line }
        let left = layout.width - line.count - 2
        guard left >= 12 || layout.isVerbose else { return line }
        return line + "  " + layout.address(address, peer: step.peer, width: left)
    }
}
