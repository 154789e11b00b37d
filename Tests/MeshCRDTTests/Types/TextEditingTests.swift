import Testing

@testable import MeshCRDT

/// What formatted texts promise beside the bytes of their updates.
struct TextEditingTests {
    private func text(_ document: Document = Document(clientID: 1)) -> SharedText { document.text("text") }

    /// The attributes of one unit, found by walking over the whole text.
    private func attributes(of unit: Int, in text: SharedText) -> AnyFields? {
        var index = 0
        for case .insert(.text(let part), let attributes) in text.toDelta() {
            index += part.utf16.count
            if index > unit { return attributes }
        }
        return nil
    }

    @Test func `what lies outside of the text is refused and changes nothing`() throws {
        let text = text()
        try text.insert("abc", at: 0, attributes: ["b": true])
        let before = text.document.encodeStateAsUpdate()
        #expect(throws: DocumentError.outOfBounds(index: 4, length: 3)) { try text.insert("x", at: 4) }
        #expect(throws: DocumentError.outOfBounds(index: -1, length: 3)) { try text.insert("x", at: -1) }
        #expect(throws: DocumentError.outOfBounds(index: 4, length: 3)) { try text.delete(at: 2, length: 2) }
        #expect(throws: DocumentError.self) { try text.delete(at: 2, length: -1) }
        #expect(throws: DocumentError.self) { try text.delete(at: 1, length: .max) }
        #expect(throws: DocumentError.self) { try text.format(at: 4, length: 1, attributes: ["i": true]) }
        #expect(throws: DocumentError.self) { try text.insertEmbed(true, at: 9) }
        #expect(throws: DocumentError.self) { try text.insertType(.text("a"), at: 9) }
        #expect(throws: DocumentError.self) { try text.applyDelta([.retain(-1)]) }
        #expect(throws: DocumentError.self) { try text.applyDelta([.delete(.max)]) }
        #expect(text.document.encodeStateAsUpdate() == before)
    }

    @Test func `values that JSON cannot say are no embeds`() {
        for value in [AnyValue.undefined, .null, .bigInt(1)] {
            #expect(throws: DocumentError.self) { try text().insertEmbed(value, at: 0) }
        }
    }

    @Test func `padding with newlines stays within the document's limit`() throws {
        var options = DocumentOptions()
        options.limits.contentByteCount = 1000
        let text = text(Document(clientID: 1, options: options))
        try text.insert("abc", at: 0)
        #expect(throws: DocumentError.self) {
            try text.format(at: 0, length: 1_000_000, attributes: ["b": true])
        }
        #expect(throws: DocumentError.self) { try text.applyDelta([.retain(Int(UInt32.max))]) }
        #expect(text.string == "abc")
    }

    @Test func `a deleted text refuses every change`() throws {
        let document = Document(clientID: 1)
        let outer = text(document)
        let inner = try outer.insertType(.text("inner"), at: 0)
        guard case .text(let nested)? = inner else {
            Issue.record("no text")
            return
        }
        try nested.format(at: 0, length: 2, attributes: ["b": true])
        try outer.delete(at: 0, length: 1)
        #expect(throws: DocumentError.deleted) { try nested.insert("x", at: 0) }
        #expect(throws: DocumentError.deleted) { try nested.applyDelta([.insert(.text("x"))]) }
        #expect(throws: DocumentError.deleted) { try nested.insert("x", at: 0, attributes: ["b": .null]) }
        #expect(throws: DocumentError.deleted) {
            try nested.format(at: 0, length: 1, attributes: ["b": .null])
        }
        #expect(throws: DocumentError.deleted) { try nested.setAttribute("a", .any(1)) }
    }

    @Test func `an undefined attribute is no attribute`() throws {
        let text = text()
        try text.insert("abc", at: 0, attributes: ["b": .undefined])
        try text.format(at: 0, length: 2, attributes: ["i": .undefined])
        #expect(text.toDelta() == [.insert(.text("abc"))])
    }

    @Test func `keys are told apart by their bytes`() throws {
        let text = text()
        try text.insert("abc", at: 0, attributes: ["\u{e9}": true])
        try text.format(at: 0, length: 1, attributes: ["e\u{301}": 1])
        #expect(
            text.toDelta() == [
                .insert(.text("a"), attributes: ["e\u{301}": 1, "\u{e9}": true]),
                .insert(.text("bc"), attributes: ["\u{e9}": true]),
            ])
    }

    @Test func `a type in a delta is inserted as a copy`() throws {
        let text = text()
        try text.insertType(.text("inner"), at: 0)
        let delta = text.toDelta()
        try text.applyDelta(delta)
        #expect(text.length == 2)
        guard case .insert(.type(let first), _)? = text.toDelta().first else {
            Issue.record("no type")
            return
        }
        #expect(first.toJSON() == "inner")
        #expect(delta.first != text.toDelta().first)
    }

    @Test func `attributes are found far behind many markers as by walking from the start`() throws {
        let text = text()
        for number in 0..<400 {
            try text.insert("ab", at: text.length, attributes: ["n": .number(Double(number)), "k": true])
        }
        // Places in an order in which the cache helps, and in one in which it does not.
        for place in [799, 2, 400, 401, 402, 799, 3, 500, 1] {
            let before = attributes(of: place - 1, in: text)
            try text.insert("x", at: place)
            #expect(before != nil && attributes(of: place, in: text) == before, "at \(place)")
        }
        let copy = Document(clientID: 2)
        try copy.apply(text.document.encodeStateAsUpdate())
        #expect(copy.text("text").toDelta() == text.toDelta())
        try text.document.checkInvariants()
    }
}
