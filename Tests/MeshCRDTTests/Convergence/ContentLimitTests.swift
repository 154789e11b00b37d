import MeshCRDT
import Testing

@Suite("The limit of content") struct ContentLimitTests {
    @Test func `an update is held to the limit with what it brings itself`() throws {
        let source = Document(clientID: 1)
        try source.text("text").insert(String(repeating: "a", count: 100), at: 0)
        let update = source.encodeStateAsUpdate()
        var options = DocumentOptions()
        options.limits.contentByteCount = 99
        let small = Document(clientID: 2, options: options)
        #expect(throws: UpdateError.limitExceeded(.contentByteCount, value: 100, limit: 99, offset: 0)) {
            try small.apply(update)
        }
        #expect(small.encodeStateAsUpdate() == [0, 0])
        try small.checkInvariants()
        small.limits.contentByteCount = 100
        try small.apply(update)
        // A repetition brings nothing.
        try small.apply(update)
        #expect(small.text("text").length == 100)
        try small.checkInvariants()
    }
}
