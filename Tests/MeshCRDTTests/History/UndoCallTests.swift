import Foundation
import MeshCore
import Testing

@testable import MeshCRDT

@Suite("Undo of own calls like Yjs")
struct UndoCallTests {
    @Test func `edits, undo and redo by calls send the bytes that Yjs sent`() throws {
        for (number, session) in try HistoryVectors.shared.get().calls.enumerated() {
            let documents = [1, 300, 4_294_967_295].map {
                Document.forVectors($0, collectsGarbage: session.gc)
            }
            var options = UndoOptions()
            options.captureTimeout = .zero
            let managers = documents.map { document in
                UndoManager(
                    document, types: [document.text("text"), document.array("array"), document.map("map")],
                    options: options
                ) { .zero }
            }
            var update: [UInt8] = []
            let remote = AnyHashable("remote")
            let subscriptions = documents.map { document in
                document.onUpdate { event in
                    if event.origin != remote { update = event.update }
                }
            }
            var sent: [[UInt8]] = []
            for (step, call) in session.log.enumerated() {
                update = []
                let document = documents[call.client]
                switch call.action {
                case .undo: managers[call.client].undo()
                case .redo: managers[call.client].redo()
                case .receive(let numbers):
                    for number in numbers { try document.apply(sent[number], origin: remote) }
                case .insertText(let index, let text): try document.text("text").insert(text, at: index)
                case .insertValues(let index, let values):
                    try document.array("array").insert(values.map { .any($0) }, at: index)
                case .delete("t", let index, let length):
                    try document.text("text").delete(at: index, length: length)
                case .delete(_, let index, let length):
                    try document.array("array").delete(at: index, length: length)
                case .set(let key, let number): try document.map("map").set(key, .any(.number(number)))
                case .remove(let key): try document.map("map").delete(key)
                }
                try #require(update == Array(call.update), "session \(number), step \(step)")
                if !update.isEmpty { sent.append(update) }
            }
            subscriptions.forEach { $0.cancel() }
        }
    }

    @Test func `what is below one element is deleted, and brought back, before the next element`() throws {
        let vector = try HistoryVectors.shared.get().nested
        let document = Document.forVectors(4)
        try document.apply(Array(vector.before))
        document.clientID = 1
        let manager = UndoManager(document, types: [document.array("array")]) { .zero }
        var sent: [Data] = []
        let subscription = document.onUpdate { sent.append(Data($0.update)) }
        try document.array("array").delete(at: 0)
        manager.undo()
        #expect(sent == [vector.deleted, vector.undone])
        subscription.cancel()
    }
}
