import MeshCore
import Testing

@testable import MeshCRDT

@Suite("Undo")
struct UndoTests {
    /// A document with a text, and a manager of it whose clock stands still.
    private struct Fixture {
        let document = Document(clientID: 1)
        let text: SharedText
        let manager: UndoManager

        init(_ change: (inout UndoOptions) -> Void = { _ in }) {
            text = document.text("t")
            var options = UndoOptions()
            options.captureTimeout = .zero
            change(&options)
            manager = UndoManager(document, types: [text], options: options) { .zero }
        }
    }

    private final class Time {
        var now = Instant.zero
    }

    @Test func `undo and redo take back and bring back one step`() throws {
        let fixture = Fixture()
        try fixture.text.insert("ab", at: 0)
        try fixture.text.delete(at: 0, length: 1)
        #expect(fixture.manager.undo() != nil)
        #expect(fixture.text.string == "ab")
        fixture.manager.undo()
        #expect(fixture.text.string.isEmpty)
        #expect(fixture.manager.undo() == nil)
        fixture.manager.redo()
        fixture.manager.redo()
        #expect(fixture.text.string == "b")
        #expect(!fixture.manager.canRedo)
        #expect(fixture.manager.redo() == nil)
    }

    @Test func `changes within the capture timeout are one step unless capturing stops`() throws {
        let document = Document(clientID: 1)
        let text = document.text("t")
        let time = Time()
        let manager = UndoManager(document, types: [text]) { time.now }
        try text.insert("a", at: 0)
        time.now = Instant(nanoseconds: 499_000_000)
        try text.insert("b", at: 1)
        time.now = Instant(nanoseconds: 999_000_000)
        try text.insert("c", at: 2)
        manager.stopCapturing()
        try text.insert("d", at: 3)
        #expect(manager.undoStack.count == 3)
        manager.undo()
        #expect(text.string == "abc")
        manager.undo()
        #expect(text.string == "ab")
        manager.undo()
        #expect(text.string.isEmpty)
    }

    @Test func `only tracked origins are undone, by value or by type`() throws {
        let fixture = Fixture { $0.trackedOriginTypes = [Int.self] }
        fixture.manager.addTrackedOrigin("mine")
        try fixture.document.transact(origin: "theirs") { _ in try fixture.text.insert("x", at: 0) }
        #expect(!fixture.manager.canUndo)
        try fixture.document.transact(origin: "mine") { _ in try fixture.text.insert("y", at: 0) }
        try fixture.document.transact(origin: 7) { _ in try fixture.text.insert("z", at: 0) }
        #expect(fixture.manager.undoStack.count == 2)
        fixture.manager.removeTrackedOrigin("mine")
        try fixture.document.transact(origin: "mine") { _ in try fixture.text.insert("w", at: 0) }
        #expect(fixture.manager.undoStack.count == 2)
    }

    @Test func `changes of others survive an undo`() throws {
        let fixture = Fixture()
        let other = Document(clientID: 2)
        try fixture.text.insert("mine", at: 0)
        try other.apply(fixture.document.encodeStateAsUpdate())
        try other.text("t").insert("-yours-", at: 2)
        try fixture.document.apply(other.encodeStateAsUpdate(), origin: "network")
        fixture.manager.undo()
        #expect(fixture.text.string == "-yours-")
        fixture.manager.redo()
        #expect(fixture.text.string == "mi-yours-ne")
    }

    @Test func `a transaction can be left out and a deletion refused`() throws {
        let fixture = Fixture {
            $0.capturesTransaction = { $0.origin != AnyHashable("silent") }
            $0.trackedOrigins = [nil, "silent"]
            $0.mayDelete = { $0.units.length != 3 }
        }
        try fixture.document.transact(origin: "silent") { _ in try fixture.text.insert("abcd", at: 0) }
        #expect(!fixture.manager.canUndo)
        try fixture.text.insert("123", at: 0)
        #expect(fixture.manager.undo() == nil)
        #expect(fixture.text.string == "123abcd")
    }

    @Test func `events tell of steps that come, grow, go and are cleared`() throws {
        let fixture = Fixture { $0.captureTimeout = .seconds(1) }
        var seen: [String] = []
        let subscription = fixture.manager.onChange { event in
            switch event {
            case .added(let change):
                change.step.metadata["cursor"] = 5
                seen.append("added \(change.stack) \(change.concerns(fixture.text))")
            case .updated(let change): seen.append("updated \(change.stack)")
            case .popped(let change):
                seen.append(
                    "popped \(change.stack) \(String(describing: change.step.metadata["cursor"] as? Int))")
            case .cleared(let undo, let redo): seen.append("cleared \(undo) \(redo)")
            }
        }
        try fixture.text.insert("a", at: 0)
        try fixture.text.insert("b", at: 1)
        fixture.manager.undo()
        try fixture.text.insert("c", at: 0)
        fixture.manager.clear()
        subscription.cancel()
        try fixture.text.insert("d", at: 0)
        #expect(
            seen == [
                "added undo true", "updated undo", "added redo true", "popped undo Optional(5)",
                "cleared false true", "added undo true", "cleared true true",
            ])
    }

    @Test func `what a stack needs is kept, and released with the oldest step`() throws {
        let fixture = Fixture { $0.stackLimit = 2 }
        let document = fixture.document
        try fixture.text.insert("secret", at: 0)
        try fixture.text.delete(at: 0, length: 6)
        #expect(document.store.content.usedByteCount == 6)
        try fixture.text.insert("a", at: 0)
        try fixture.text.insert("b", at: 0)
        #expect(fixture.manager.undoStack.count == 2)
        let item = document.store.item(containing: ID(client: 1, clock: 0))
        #expect(!document.store.items[item].isKept)
    }

    @Test func `a released or destroyed manager takes no more notes`() throws {
        let document = Document(clientID: 1)
        weak var released: UndoManager?
        do {
            let manager = UndoManager(document) { .zero }
            released = manager
        }
        #expect(released == nil)
        let fixture = Fixture()
        fixture.manager.destroy()
        try fixture.text.insert("a", at: 0)
        #expect(!fixture.manager.canUndo)
    }

    @Test(arguments: [UInt64](1...60))
    func `undoing all and redoing all brings back every state on the way`(seed: UInt64) throws {
        var rng = SeededGenerator(seed: seed)
        let fixture = Fixture()
        var states = [""]
        for _ in 0..<30 {
            let length = fixture.text.length
            if length > 2, UInt64.random(in: 0..<3, using: &rng) == 0 {
                let index = Int.random(in: 0..<length - 1, using: &rng)
                try fixture.text.delete(
                    at: index, length: Int.random(in: 1...min(4, length - index), using: &rng))
            } else {
                let word = ["a", "bc", "def"].randomElement(using: &rng) ?? ""
                try fixture.text.insert(word, at: Int.random(in: 0...length, using: &rng))
            }
            states.append(fixture.text.string)
        }
        for round in 0..<2 {
            for state in states.dropLast().reversed() {
                fixture.manager.undo()
                #expect(fixture.text.string == state, "seed \(seed), round \(round)")
            }
            for state in states.dropFirst() {
                fixture.manager.redo()
                #expect(fixture.text.string == state, "seed \(seed), round \(round)")
            }
        }
        let other = Document(clientID: 2)
        try other.apply(fixture.document.encodeStateAsUpdate())
        #expect(other.text("t").string == fixture.text.string, "seed \(seed)")
    }
}
