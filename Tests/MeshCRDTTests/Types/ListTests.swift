import MeshCRDT
import MeshCore
import Testing

/// Lists and maps as an application meets them.
struct ListTests {
    private func number(_ value: SharedValue?) -> Double? {
        if case .any(.number(let number))? = value { number } else { nil }
    }

    @Test func `a list refuses undefined and big integers and stays as it was`() throws {
        let array = Document(clientID: 1).array("a")
        try array.append([1, "two"])
        #expect(throws: DocumentError.unsupportedValue("undefined")) {
            try array.append([3, .any(.undefined)])
        }
        #expect(throws: DocumentError.unsupportedValue("a big integer")) {
            try array.insert([.type(.array([.any(.bigInt(1))]))], at: 0)
        }
        #expect(array.toJSON() == [1, "two"])
        let map = Document(clientID: 1).map("m")
        try map.set("u", .any(.undefined))
        #expect(try map.set("b", .any(.bigInt(7))) == .any(.bigInt(7)))
        #expect(map.get("u") == .any(.undefined))
        #expect(map.get("x") == nil)
    }

    @Test func `an index beyond the end is refused`() throws {
        let array = Document(clientID: 1).array("a")
        try array.append([1, 2, 3])
        #expect(throws: DocumentError.outOfBounds(index: 4, length: 3)) { try array.insert([4], at: 4) }
        #expect(throws: DocumentError.outOfBounds(index: -1, length: 3)) { try array.insert([4], at: -1) }
        #expect(throws: DocumentError.outOfBounds(index: 4, length: 3)) { try array.delete(at: 2, length: 2) }
        #expect(throws: DocumentError.self) { try array.delete(at: 1, length: .max) }
        #expect(array.get(3) == nil)
        #expect(array.get(-1) == nil)
        #expect(array.slice(-2) == [.any(2), .any(3)])
        #expect(array.slice(-9, -1) == [.any(1), .any(2)])
    }

    @Test(arguments: 1...6 as ClosedRange<UInt64>)
    func `a long run is read right wherever one starts`(_ seed: UInt64) throws {
        var rng = SeededGenerator(seed: seed)
        let array = Document(clientID: 1).array("a")
        var model = (0..<3000).map { Double($0) * 0.5 }
        try array.append(model.map { .any(.number($0)) })
        for step in 0..<300 {
            let index = Int.random(in: 0..<model.count, using: &rng)
            switch step % 5 {
            case 0:
                try array.delete(at: index)
                model.remove(at: index)
            case 1:
                try array.insert([.any(.number(-1))], at: index)
                model.insert(-1, at: index)
            default:
                for offset in 0..<3 where index + offset < model.count {
                    #expect(number(array.get(index + offset)) == model[index + offset], "seed \(seed)")
                }
            }
        }
        #expect(array.map(number) == model, "seed \(seed)")
        #expect(array.slice(100, 900).map(number) == model[100..<900].map { $0 }, "seed \(seed)")
        while model.count > 2900 {
            try array.delete(at: model.count - 1)
            model.removeLast()
        }
        #expect(array.values.map(number) == model, "seed \(seed)")
    }

    @Test func `what was deleted can be held but not written to`() throws {
        let document = Document(clientID: 1)
        let map = document.map("m")
        try map.set("list", .type(.array([1, 2])))
        guard case .type(.array(let array))? = map.get("list") else {
            Issue.record("no array")
            return
        }
        #expect(array.parent == .map(map))
        #expect(array.rootName == nil)
        try map.delete("list")
        #expect(array.isDeleted)
        #expect(array.values == [])
        #expect(throws: DocumentError.deleted) { try array.append([3]) }
        #expect(map.toJSON() == [:])
        #expect(map.count == 0)
    }

    @Test func `types nest as deep as the limit says`() throws {
        var options = DocumentOptions()
        options.limits.typeDepth = 3
        let array = Document(clientID: 1, options: options).array("a")
        try array.append([.type(.array([.type(.array([.type(.array())]))]))])
        #expect(throws: DocumentError.limitExceeded(.typeDepth, limit: 3)) {
            try array.append([.type(.array([.type(.array([.type(.array([.type(.map())]))]))]))])
        }
        #expect(array.toJSON() == [[[[]]]])
    }

    @Test func `a root keeps its first kind and lends itself to others`() throws {
        let document = Document(clientID: 1)
        try document.text("t").insert("a😀", at: 0)
        #expect(document.root("t") == .text(document.text("t")))
        let array = document.array("t")
        #expect(array.values == [.any("a"), .any("\u{fffd}"), .any("\u{fffd}")])
        try document.map("t").set("k", 1)
        #expect(document.text("t").attribute("k") == .any(1))
        #expect(document.toJSON() == ["t": "a😀"])
        #expect(document.root("none") == nil)
    }

    @Test func `values of early Yjs are JSON text`() throws {
        // One struct of client 1 in the root "a": two values in content kind 2, {"x":1} and undefined.
        let update: [UInt8] =
            [1, 1, 1, 0, 2, 1, 1, 0x61, 2, 7] + Array("{\"x\":1}".utf8) + [9] + Array("undefined".utf8) + [0]
        let document = Document(clientID: 2)
        try document.apply(update)
        #expect(document.array("a").values == [.any(["x": 1]), .any(.undefined)])
        #expect(document.array("a").get(1) == .any(.undefined))
    }

    @Test func `names that look the same are not the same`() throws {
        let map = Document(clientID: 1).map("m")
        try map.set("\u{e9}", 1)
        try map.set("e\u{301}", 2)
        #expect(map.count == 2)
        #expect(map.get("\u{e9}") == .any(1))
    }
}
