import MeshCRDT
import Testing

/// Documents in documents.
struct SubdocumentTests {
    private func nested(_ guid: String, autoLoad: Bool = false) -> Document {
        var options = DocumentOptions()
        options.guid = guid
        options.autoLoad = autoLoad
        return Document(clientID: 9, options: options)
    }

    @Test func `a document is in one place at a time and never in itself`() throws {
        let document = Document(clientID: 1)
        let inner = nested("a")
        try document.map("m").set("x", .document(inner))
        #expect(inner.parent === document)
        #expect(inner.clientID == 1)
        #expect(throws: DocumentError.self) { try document.map("m").set("y", .document(inner)) }
        #expect(throws: DocumentError.self) { try document.map("m").set("y", .document(document)) }
        #expect(throws: DocumentError.self) { try inner.map("m").set("y", .document(document)) }
        let other = nested("b")
        #expect(throws: DocumentError.self) {
            try document.array("a").append([.document(other), .document(other)])
        }
        #expect(document.array("a").count == 0)
        #expect(document.subdocumentGUIDs == ["a"])
    }

    @Test func `the other side gets an empty document that it loads when it wants`() throws {
        let document = Document(clientID: 1)
        try document.map("m").set("x", .document(nested("a")))
        try document.map("m").set("y", .document(nested("b", autoLoad: true)))
        let replica = Document(clientID: 2)
        var told: [[String]] = []
        let subscription = replica.onSubdocuments { event in
            told.append([event.added, event.removed, event.loaded].flatMap { $0.map(\.guid) + ["|"] })
        }
        try replica.apply(document.encodeStateAsUpdate())
        #expect(told == [["a", "b", "|", "|", "b", "|"]])
        guard case .document(let inner)? = replica.map("m").get("x") else {
            Issue.record("no document")
            return
        }
        #expect(!inner.shouldLoad)
        inner.load()
        inner.load()
        #expect(inner.shouldLoad)
        #expect(told.dropFirst() == [["|", "|", "a", "|"]])
        try replica.map("m").delete("x")
        #expect(inner.isDestroyed)
        #expect(inner.parent == nil)
        #expect(replica.subdocumentGUIDs == ["b"])
        subscription.cancel()
    }

    @Test func `a destroyed document makes room for a fresh one`() throws {
        let document = Document(clientID: 1)
        let inner = nested("a")
        try document.array("a").append([.document(inner)])
        var destroyed = 0
        let subscription = inner.onDestroy { _ in destroyed += 1 }
        inner.destroy()
        #expect(destroyed == 1)
        guard case .document(let fresh)? = document.array("a").get(0) else {
            Issue.record("no document")
            return
        }
        #expect(fresh !== inner)
        #expect(fresh.guid == "a")
        #expect(!fresh.shouldLoad)
        try document.array("b").append([.document(inner)])
        subscription.cancel()
    }
}
