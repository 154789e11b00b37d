import MeshAPI
import MeshNode

/// A failure: what happened, what was tried, what to do next.
struct FailureOutput: CommandOutput {
    let failure: MeshFailure

    /// Shows a failure; one that brings no advice gets that of its code.
    init(failure: MeshFailure) {
        var failure = failure
        failure.next = failure.next ?? Self.advice(failure.code)
        self.failure = failure
    }

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

    private static func advice(_ code: MeshFailure.Code) -> String {
        switch code {
        case .badArgument: "`meshp2p help COMMAND` shows what it takes"
        case .malformed: "check that the file is whole, and of the kind that the command takes"
        case .notFound: "check the key; what was published a moment ago takes a moment to spread"
        case .unreachable: "check the address, and that the other side runs and lets you in"
        case .wrongPeer: "check the peer id in the address"
        case .refused: "ask whoever runs the other side"
        case .unsupportedProtocol: "`meshp2p dial TARGET -v` lists what the peer speaks"
        case .noPeers: "name a peer of the network with --bootstrap"
        case .noNode: "start a node with `meshp2p run`"
        case .homeInUse: "stop that process, or choose another folder with --home"
        case .keyExposed: "chmod 600 the key file"
        case .listenFailed: "choose another address with --listen or --api"
        case .storage: "check the disk and the owner of the home folder"
        case .timedOut: "try again; `meshp2p status` tells how well the node is connected"
        case .limit: "try again when less is going on"
        case .stopping: "start the node again"
        case .internal: "run it again with --log-level debug and report what it says"
        }
    }

    /// Messages may quote what a peer said.
    private static func sentence(_ text: String) -> String {
        TerminalText.escaped(text, limit: 600)
    }
}
