import Foundation
import MeshCore
import Testing

@testable import MeshCRDT

@Suite("Snapshots")
struct SnapshotTests {
    @Test func `snapshots have the bytes of Yjs and restore what Yjs restores`() throws {
        for vector in try HistoryVectors.shared.get().snapshots {
            let document = Document.forVectors(1_000, collectsGarbage: false)
            for update in vector.updates { try document.apply(Array(update)) }
            let state = document.encodeStateAsUpdate()
            let snapshots = try vector.marks.map { try Snapshot(decoding: Array($0.v1)) }
            for (mark, snapshot) in zip(vector.marks, snapshots) {
                #expect(snapshot.encoded() == Array(mark.v1))
                #expect(snapshot.encoded(.v2) == Array(mark.v2))
                #expect(try Snapshot(decoding: Array(mark.v2), format: .v2) == snapshot)
                #expect(String(snapshots.map { $0 == snapshot ? "1" : "0" }.joined()) == mark.equal)
                let contained = try vector.updates.map {
                    try snapshot.contains(update: Array($0)) ? "1" : "0"
                }
                #expect(contained.joined() == mark.contains)
                try check(mark, snapshot, in: document)
            }
            #expect(document.encodeStateAsUpdate() == state)
        }
    }

    private func check(
        _ mark: HistoryVectors.Snapshots.Mark, _ snapshot: Snapshot, in document: Document
    ) throws {
        var options = DocumentOptions()
        options.collectsGarbage = false
        let restored = try Document(restoring: snapshot, from: document, clientID: 5, options: options)
        #expect(restored.text("text").string == mark.text)
        #expect(document.text("text").string(at: snapshot) == mark.text)
        #expect(restored.encodeStateAsUpdate() == Array(mark.restored))
        let values = document.array("array").values(at: snapshot).map { value in
            // Types are as they are now.
            value.type == nil ? value.toJSON() : .null
        }
        let expected = restored.array("array").values.map { $0.type == nil ? $0.toJSON() : .null }
        #expect(values == expected)
        #expect(restored.array("array").toJSON().isDeeplyEqual(to: try AnyValue(json: mark.array)))
        #expect(restored.map("map").toJSON().isDeeplyEqual(to: try AnyValue(json: mark.map)))
        let entries = document.map("map").entries(at: snapshot)
        let live = restored.map("map").entries
        #expect(Set(entries.map(\.key)) == Set(live.map(\.key)))
        for (key, value) in entries where value.type == nil {
            #expect(restored.map("map").get(key)?.toJSON() == value.toJSON())
            #expect(document.map("map").value(of: key, at: snapshot) == value)
        }
    }

    @Test(arguments: [UInt64](1...40))
    func `a restored document is the document of that time`(seed: UInt64) throws {
        var rng = SeededGenerator(seed: seed)
        var options = DocumentOptions()
        options.collectsGarbage = false
        let document = Document(clientID: 1, options: options)
        let other = Document(clientID: 2, options: options)
        var moments: [(snapshot: Snapshot, text: String, array: [SharedValue])] = []
        for step in 0..<40 {
            let writer = Bool.random(using: &rng) ? document : other
            let text = writer.text("t")
            if text.length > 3, Bool.random(using: &rng) {
                try text.delete(at: Int.random(in: 0..<text.length - 2, using: &rng), length: 2)
            } else {
                try text.insert("aéc", at: Int.random(in: 0...text.length, using: &rng))
            }
            let array = writer.array("a")
            try array.insert([1, "two"], at: Int.random(in: 0...array.count, using: &rng))
            if array.count > 4 { try array.delete(at: Int.random(in: 0..<array.count - 1, using: &rng)) }
            if step % 5 == 4 {
                try document.apply(other.encodeStateAsUpdate(since: document.stateVector))
                try other.apply(document.encodeStateAsUpdate(since: other.stateVector))
            }
            moments.append((document.snapshot, document.text("t").string, document.array("a").values))
        }
        for moment in moments {
            let restored = try Document(restoring: moment.snapshot, from: document, clientID: 9)
            #expect(restored.text("t").string == moment.text, "seed \(seed)")
            #expect(document.text("t").string(at: moment.snapshot) == moment.text, "seed \(seed)")
            #expect(restored.array("a").values == moment.array, "seed \(seed)")
            #expect(document.array("a").values(at: moment.snapshot) == moment.array, "seed \(seed)")
            #expect(restored.snapshot == moment.snapshot, "seed \(seed)")
        }
    }

    @Test func `a document that collects garbage is refused, and one that knows less`() throws {
        let document = Document(clientID: 1)
        try document.text("t").insert("abc", at: 0)
        let snapshot = document.snapshot
        #expect(throws: SnapshotError.collectsGarbage) {
            try Document(restoring: snapshot, from: document, clientID: 2)
        }
        var options = DocumentOptions()
        options.collectsGarbage = false
        let empty = Document(clientID: 3, options: options)
        #expect(throws: SnapshotError.missingUnits(client: 1, known: 0, wanted: 3)) {
            try Document(restoring: snapshot, from: empty, clientID: 2)
        }
    }

    @Test func `broken bytes are refused`() {
        #expect(throws: UpdateError.truncated(offset: 0)) { try Snapshot(decoding: []) }
        #expect(throws: UpdateError.truncated(offset: 1)) { try Snapshot(decoding: [0]) }
        #expect(throws: UpdateError.self) { try Snapshot(decoding: [1, 1, 1, 0, 0, 0]) }
    }
}
