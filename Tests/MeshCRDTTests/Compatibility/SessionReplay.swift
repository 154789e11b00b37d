import MeshCRDT

/// Replays a recorded session call by call on documents of ours with the same client ids.
///
/// Every update that ours emit must have the recorded bytes in both formats, Yjs's own formatting clean-up among them,
/// and the content must have the recorded hash after every step. Only while updates wait for others may the content be another
/// one: ours takes in each struct as soon as it can, Yjs leaves more of them waiting.
final class SessionReplay {
    private let log: SessionLog
    private(set) var sites: [Site] = []

    /// One client.
    final class Site {
        let document: Document
        let undo: UndoManager?
        var emitted: [UpdateFormat: [[UInt8]]] = [:]
        private var subscriptions: [Subscription] = []

        init(_ log: SessionLog, _ client: ClientID) {
            var options = DocumentOptions()
            options.collectsGarbage = log.collectsGarbage
            document = Document(clientID: client, options: options)
            for name in log.roots.map(\.name) { SessionCalls(document: document).declare(name) }
            undo = log.hasUndo ? UndoManager.ofSession(document) : nil
            for format in UpdateFormat.allCases {
                subscriptions.append(
                    document.onUpdate(format) { [unowned self] event in
                        if event.origin != AnyHashable("remote") {
                            emitted[format, default: []].append(event.update)
                        }
                    })
            }
        }
    }

    init(_ log: SessionLog) {
        self.log = log
        sites = log.clients.map { Site(log, $0) }
    }

    /// Runs every step; throws the first difference.
    func run() throws {
        for (number, step) in log.steps.enumerated() {
            do {
                try run(step)
            } catch let mismatch as ReplayMismatch {
                throw mismatch
            } catch {
                throw ReplayMismatch(
                    log: log.name, step: number, what: "error \(error) in \(step.summary)", expected: "",
                    actual: "")
            }
            try check(step, number)
        }
    }

    private func run(_ step: SessionLog.Step) throws {
        switch step {
        case .operation(let client, let calls, _, _):
            let site = sites[client]
            site.emitted = [:]
            if let name = calls.first?["um"]?.string {
                if name == "undo" { _ = site.undo?.undo() } else { _ = site.undo?.redo() }
                return
            }
            try site.document.transact(origin: "local") { _ in
                for call in calls { try SessionCalls(document: site.document).run(call) }
            }
        case .receipt(let client, let numbers, let format, _, _):
            let site = sites[client]
            site.emitted = [:]
            for number in numbers {
                try site.document.apply(
                    log.updates[number].bytes(format), format: format, origin: "remote")
            }
        }
    }

    private func check(_ step: SessionLog.Step, _ number: Int) throws {
        let site = sites[step.client]
        for format in UpdateFormat.allCases {
            let actual = site.emitted[format] ?? []
            let expected = step.updates.map { $0.bytes(format) }
            guard actual != expected else { continue }
            throw ReplayMismatch(
                log: log.name, step: number, what: "updates in \(format) of \(step.summary)",
                expected: expected.map(base64).joined(separator: " "),
                actual: actual.map(base64).joined(separator: " "))
        }
        do {
            try site.document.checkInvariants()
        } catch {
            throw ReplayMismatch(
                log: log.name, step: number, what: "invariants after \(step.summary)", expected: "",
                actual: "\(error)")
        }
        let content = CanonicalContent.text(of: site.document, roots: log.roots)
        let hash = ContentHash.prefix(of: content)
        guard hash == step.hash || site.document.pendingByteCount > 0 else {
            throw ReplayMismatch(
                log: log.name, step: number, what: "content hash after \(step.summary)",
                expected: step.hash, actual: hash + " of " + String(decoding: content, as: UTF8.self))
        }
    }
}

/// The first difference between a recorded session and its replay.
struct ReplayMismatch: Error, CustomStringConvertible {
    let log: String
    let step: Int
    let what: String
    let expected: String
    let actual: String

    var description: String {
        "session \(log), step \(step) (line \(step + 2)): \(what)\n  expected \(expected)\n  actual   \(actual)"
    }
}

extension SessionLog.Step {
    var client: Int {
        switch self {
        case .operation(let client, _, _, _), .receipt(let client, _, _, _, _): client
        }
    }

    var updates: [SessionLog.RecordedUpdate] {
        switch self {
        case .operation(_, _, let updates, _), .receipt(_, _, _, let updates, _): updates
        }
    }

    var hash: String {
        switch self {
        case .operation(_, _, _, let hash), .receipt(_, _, _, _, let hash): hash
        }
    }

    /// What happened, in one line.
    var summary: String {
        switch self {
        case .operation(let client, let calls, _, _): "client \(client) \(OrderedJSON.array(calls))"
        case .receipt(let client, let numbers, let format, _, _):
            "client \(client) receiving \(numbers) in \(format)"
        }
    }
}
