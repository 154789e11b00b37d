import Foundation
import MeshCore
import Testing

@testable import MeshCRDT

/// One client of an undo session.
private final class Editor {
    let document: Document
    let manager: UndoManager
    var milliseconds: UInt64 = 0
    var sent: [(v1: [UInt8], v2: [UInt8])] = []
    private var subscriptions: [Subscription] = []
    private var v1: [UInt8] = []

    init(_ clientID: ClientID, _ session: HistoryVectors.Undo) {
        document = .forVectors(clientID, collectsGarbage: session.gc)
        var options = UndoOptions()
        options.captureTimeout = .milliseconds(session.timeout)
        options.trackedOrigins = session.scope == "document" ? ["local"] : [nil, "local"]
        options.replacesRemoteMapValues = session.replaces
        if session.keepsTypes { options.mayDelete = { $0.kind != .type } }
        let all: [any SharedHandle] = [document.text("text"), document.array("array"), document.map("map")]
        let types: [any SharedHandle] =
            switch session.scope {
            case "document": []
            case "all": all
            case "map": [all[2]]
            default: [all[0]]
            }
        var time: () -> Instant = { .zero }
        manager = UndoManager(document, types: types, options: options) { time() }
        time = { [unowned self] in Instant(nanoseconds: milliseconds * 1_000_000) }
        subscriptions.append(
            document.onUpdate(.v1) { [unowned self] event in
                if event.origin != AnyHashable("remote") { v1 = event.update }
            })
        subscriptions.append(
            document.onUpdate(.v2) { [unowned self] event in
                if event.origin != AnyHashable("remote") { sent.append((v1, event.update)) }
            })
    }

    func call(_ name: String) {
        switch name {
        case "undo": manager.undo()
        case "redo": manager.redo()
        case "stop": manager.stopCapturing()
        default: manager.clear()
        }
    }
}

@Suite("Undo like Yjs")
struct UndoVectorTests {
    @Test func `every undo and redo of the recorded sessions makes the bytes that Yjs made`() throws {
        let sessions = try HistoryVectors.shared.get().undo
        var calls = 0
        for session in sessions { calls += try check(session) }
        #expect(calls > 100)
    }

    private func check(_ session: HistoryVectors.Undo) throws -> Int {
        let editors = [1, 300, 4_294_967_295].map { Editor($0, session) }
        var sent: [[UInt8]] = []
        var calls = 0
        for (number, step) in session.log.enumerated() {
            let editor = editors[step.client]
            editor.milliseconds = max(editor.milliseconds, step.milliseconds)
            editor.sent = []
            let place = Comment(rawValue: "session \(session.seed), step \(number)")
            switch step.action {
            case .edit(let origin, let update, let order):
                try editor.document.repeatLocally(update, origin: origin.map { AnyHashable($0) })
                if !update.isEmpty { sent.append(Array(update)) }
                if let step = editor.manager.undoStack.last {
                    step.deleted = OrderedUnits(units: step.deletions, clients: order)
                }
            case .call(let name, let v1, let v2):
                editor.call(name)
                try #require((editor.sent.first?.v1 ?? []) == Array(v1), place)
                try #require((editor.sent.first?.v2 ?? []) == Array(v2), place)
                if !v1.isEmpty { sent.append(Array(v1)) }
                calls += v1.isEmpty ? 0 : 1
            case .receive(let numbers, let cleanUps):
                for number in numbers { try editor.document.apply(sent[number], origin: "remote") }
                for update in cleanUps {
                    try editor.document.repeatLocally(update, origin: nil)
                    sent.append(Array(update))
                }
            }
            try #require(editor.manager.undoStack.count == step.undoCount, place)
            try #require(editor.manager.redoStack.count == step.redoCount, place)
            try editor.document.checkInvariants()
        }
        return calls
    }
}
