import Foundation
import MeshCore
import Testing

@testable import MeshCRDT

@Suite("Relative positions")
struct RelativePositionTests {
    @Test func `positions have the bytes and the JSON of Yjs, and lead where Yjs goes after edits`() throws {
        for vector in try HistoryVectors.shared.get().positions {
            let writer = Document.forVectors(1_000)
            try writer.apply(Array(vector.before))
            let reader = Document.forVectors(1_001)
            let empty = Document.forVectors(1_002)
            var positions: [RelativePosition] = []
            for place in vector.list {
                let type = try writer.type(at: place.path)
                let position = try type.relativePosition(at: place.index, association: place.assoc)
                #expect(position.encoded() == Array(place.bytes))
                #expect(try json(position.json) == json(AnyValue(json: place.json)))
                #expect(RelativePosition(json: position.json) == position)
                let decoded = try RelativePosition(decoding: Array(place.bytes))
                #expect(decoded.encoded() == Array(place.bytes))
                positions.append(decoded)
            }
            #expect(positions.map { empty.absolutePosition(of: $0)?.index } == vector.empty)
            for step in vector.steps {
                try reader.apply(Array(step.update))
                let places = positions.map { reader.absolutePosition(of: $0) }
                #expect(places.map { $0?.index } == step.at)
                #expect(
                    zip(places, positions).allSatisfy { $0?.association ?? $1.association == $1.association })
            }
        }
    }

    private func json(_ value: AnyValue) -> [UInt8] {
        var bytes: [UInt8] = []
        JSONText.append(value, to: &bytes)
        return bytes
    }

    @Test func `a position in undone deletions follows the undo only when asked to`() throws {
        for vector in try HistoryVectors.shared.get().redone {
            let document = Document.forVectors(9)
            var options = UndoOptions()
            options.captureTimeout = .zero
            let manager = UndoManager(document, types: [document.text("text")], options: options) { .zero }
            var sent: [[UInt8]] = []
            let subscription = document.onUpdate { sent.append($0.update) }
            for update in vector.updates.dropLast(vector.undos) {
                try document.repeatLocally(update, origin: nil)
            }
            for _ in 0..<vector.undos { manager.undo() }
            #expect(sent == vector.updates.map { Array($0) })
            for (index, place) in vector.list.enumerated() {
                let position = try RelativePosition(decoding: Array(place.bytes))
                #expect(document.absolutePosition(of: position)?.index == vector.follows[index])
                #expect(
                    document.absolutePosition(of: position, followsUndo: false)?.index == vector.stays[index])
            }
            subscription.cancel()
        }
    }

    @Test(arguments: [UInt64](1...20))
    func `a position stays with its unit through remote edits`(seed: UInt64) throws {
        var rng = SeededGenerator(seed: seed)
        let here = Document(clientID: 1)
        let there = Document(clientID: 2)
        let text = here.text("t")
        let other = there.text("t")
        try text.insert("0123456789", at: 0)
        try there.apply(here.encodeStateAsUpdate())
        let position = try text.relativePosition(at: 5)
        let before = try text.relativePosition(at: 5, association: -1)
        for _ in 0..<60 {
            let characters = Array(other.string)
            if characters.count > 4, Bool.random(using: &rng) {
                let index = Int.random(in: 0..<characters.count, using: &rng)
                if characters[index] != "5", characters[index] != "4" {
                    try other.delete(at: index, length: 1)
                }
            } else {
                try other.insert("x", at: Int.random(in: 0...characters.count, using: &rng))
            }
            try here.apply(there.encodeStateAsUpdate(since: here.stateVector))
            let now = Array(text.string)
            #expect(here.absolutePosition(of: position)?.index == now.firstIndex(of: "5"), "seed \(seed)")
            let four = try #require(now.firstIndex(of: "4"))
            #expect(here.absolutePosition(of: before)?.index == four + 1, "seed \(seed)")
        }
    }

    @Test func `broken bytes are refused with their place`() throws {
        #expect(throws: UpdateError.truncated(offset: 0)) { try RelativePosition(decoding: []) }
        #expect(throws: UpdateError.malformed(.value, offset: 0)) { try RelativePosition(decoding: [3, 0]) }
        #expect(throws: UpdateError.truncated(offset: 2)) { try RelativePosition(decoding: [0, 1]) }
        #expect(throws: UpdateError.malformed(.clock, offset: 2)) {
            try RelativePosition(decoding: [0, 1, 0xff, 0xff, 0xff, 0xff, 0x1f, 0])
        }
        #expect(throws: UpdateError.malformed(.text, offset: 2)) {
            try RelativePosition(decoding: [1, 1, 0xff, 0])
        }
        #expect(try RelativePosition(decoding: [0, 1, 2]) == RelativePosition(item: ID(client: 1, clock: 2)))
    }

    @Test func `an index beyond the end is refused`() throws {
        let text = Document(clientID: 1).text("t")
        try text.insert("ab", at: 0)
        #expect(throws: DocumentError.outOfBounds(index: 3, length: 2)) { try text.relativePosition(at: 3) }
        #expect(throws: DocumentError.outOfBounds(index: -1, length: 2)) { try text.relativePosition(at: -1) }
    }

    @Test func `a type that is gone has no positions, and positions in it lead nowhere`() throws {
        let document = Document(clientID: 1)
        let map = document.map("m")
        let nested = try #require(try map.set("n", .type(.text("abc"))).type)
        let inside = try nested.relativePosition(at: 1)
        let end = try nested.relativePosition(at: 3)
        #expect(document.absolutePosition(of: inside)?.type == nested)
        #expect(document.absolutePosition(of: end)?.index == 3)
        try map.delete("n")
        #expect(throws: DocumentError.deleted) { try nested.relativePosition(at: 0) }
        #expect(document.absolutePosition(of: inside) == nil)
        #expect(document.absolutePosition(of: end) == nil)
    }

    @Test func `names are told apart by their bytes`() {
        let composed = RelativePosition(rootName: "\u{e9}")
        let decomposed = RelativePosition(rootName: "e\u{301}")
        #expect(composed != decomposed)
    }
}
