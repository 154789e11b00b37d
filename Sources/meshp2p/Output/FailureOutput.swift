import MeshAPI
import MeshNode

/// A failure: what happened, what was tried, what to do next.
struct FailureOutput: CommandOutput {
    let failure: MeshFailure

    var json: [any Encodable] {
        [FailureBody(failure)]
    }

    func lines(_ layout: Layout) -> [String] {
        var lines = [layout.style.bad(Self.sentence(failure.message))]
        if let attempts = failure.attempts {
            lines += AttemptTable(attempts: attempts, peer: nil).lines(layout, indent: 2)
        }
        // Some advice is a list: its lines are ours, what a peer said is in the message.
        if let next = failure.next {
            lines += "next: \(next)".split(separator: "\n").map { Self.sentence(String($0)) }
        }
        return lines
    }

    /// Messages may quote what a peer said.
    private static func sentence(_ text: String) -> String {
        TerminalText.escaped(text, limit: 600)
    }
}
