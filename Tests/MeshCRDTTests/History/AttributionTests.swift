import MeshCore
import Testing

@testable import MeshCRDT

@Suite("Attribution")
struct AttributionTests {
    @Test(arguments: [UInt64](1...40))
    func `every unit of a text and a list is attributed to who wrote it`(seed: UInt64) throws {
        var rng = SeededGenerator(seed: seed)
        // Client 1 writes only "a", client 2 only "b", client 3 only "c"; in lists their numbers.
        let documents = [ClientID](1...3).map { Document(clientID: $0) }
        for _ in 0..<60 {
            let document = documents[Int.random(in: 0..<3, using: &rng)]
            let letter = ["a", "b", "c"][Int(document.clientID) - 1]
            let text = document.text("t")
            let array = document.array("l")
            let word = String(repeating: letter, count: Int.random(in: 1...4, using: &rng))
            try text.insert(word, at: Int.random(in: 0...text.length, using: &rng))
            let number = SharedInput.any(.number(Double(document.clientID)))
            try array.insert([number], at: Int.random(in: 0...array.count, using: &rng))
            if text.length > 5, Bool.random(using: &rng) {
                try text.delete(at: Int.random(in: 0..<text.length - 3, using: &rng), length: 3)
            }
            let other = documents[Int.random(in: 0..<3, using: &rng)]
            if other !== document { try other.apply(document.encodeStateAsUpdate(since: other.stateVector)) }
        }
        for document in documents {
            let text = Array(document.text("t").string.utf8)
            let ranges = try document.text("t").writers()
            #expect(ranges.map(\.range.count).reduce(0, +) == text.count, "seed \(seed)")
            for range in ranges {
                #expect(range.range.count == Int(range.units.length))
                let expected = UInt8(ascii: "a") + UInt8(range.units.client - 1)
                #expect(text[range.range].allSatisfy { $0 == expected }, "seed \(seed)")
            }
            let values = document.array("l").values
            for range in try document.array("l").writers() {
                let expected = SharedValue.any(.number(Double(range.units.client)))
                #expect(values[range.range].allSatisfy { $0 == expected }, "seed \(seed)")
            }
            let middle = text.count / 2
            let part = try document.text("t").writers(in: middle..<text.count)
            #expect(part.map(\.range.count).reduce(0, +) == text.count - middle)
            #expect(part.first?.range.lowerBound == (middle < text.count ? middle : nil))
            let standing = documents.map { document.history(of: $0.clientID).standingCount }.reduce(0, +)
            #expect(standing == text.count + values.count, "seed \(seed)")
        }
    }

    @Test func `a history tells what was written where and what still stands`() throws {
        let document = Document(clientID: 7)
        let map = document.map("m")
        try map.set("k", 1)
        try map.set("k", 2)
        let nested = try #require(try map.set("n", .type(.text("abc"))).type)
        guard case .text(let text) = nested else {
            Issue.record("a text was set")
            return
        }
        try text.delete(at: 1, length: 1)
        let history = document.history(of: 7)
        #expect(history.spans.map(\.stands) == [false, true, true, true, false, true])
        #expect(history.spans.map(\.units.length).reduce(0, +) == 6)
        #expect(history.spans[1].place == ClientHistory.Place(rootName: "m", path: [], key: "k"))
        #expect(history.spans[5].place == ClientHistory.Place(rootName: "m", path: [.key("n")], index: 1))
        #expect(history.deletedCount == 2)
        #expect(map.entryWriters().map(\.key) == ["k", "n"])
        #expect(map.entryWriters().map(\.id.clock) == [1, 2])
        #expect(document.history(of: 8).spans.isEmpty)
        #expect(document.writers.map(\.client) == [7])
        try map.delete("n")
        #expect(document.history(of: 7).spans.last?.place == nil)
    }

    @Test func `a range beyond the end is refused`() throws {
        let text = Document(clientID: 1).text("t")
        try text.insert("ab", at: 0)
        #expect(throws: DocumentError.outOfBounds(index: 3, length: 2)) { try text.writers(in: 1..<3) }
        #expect(try text.writers(in: 1..<1).isEmpty)
    }
}
