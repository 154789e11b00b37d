import MeshCRDT
import Testing

/// Documents that earlier versions of Yjs and other programs wrote.
@Suite struct CompatibilityTests {
    static let names = [
        "testArrayCompatibilityV1", "testMapDecodingCompatibilityV1", "testTextDecodingCompatibilityV1",
    ]

    @Test(arguments: names)
    func `a document of Yjs 13-2 loads and is written as Yjs 13-6 writes it`(_ name: String) throws {
        let fixture = try #require(
            try DocumentFixtures.json("yjs-compatibility.json").elements.first { $0["name"]?.string == name })
        let v1 = try fixture["reencoded_v1_b64"]?.base64()
        let v2 = try fixture["reencoded_v2_b64"]?.base64()
        let update = try #require(try fixture["update_b64"]?.base64())
        let again = try #require(v2)
        for (bytes, format) in [(update, UpdateFormat.v1), (again, .v2)] {
            let document = Document(clientID: 4_000_000_000)
            try document.apply(bytes, format: format)
            try document.checkInvariants()
            #expect(document.pendingByteCount == 0)
            #expect(document.stateVector.encoded() == (try fixture["stateVector_b64"]?.base64()))
            #expect(document.encodeStateAsUpdate(.v1) == v1, "v1 from \(format)")
            #expect(document.encodeStateAsUpdate(.v2) == v2, "v2 from \(format)")
            #expect(try value(of: document, fixture) == fixture["expected"].map { SessionCalls.value($0) })
        }
    }

    /// The value of the fixture's root, as JSON or as a delta.
    private func value(of document: Document, _ fixture: OrderedJSON) throws -> AnyValue {
        let name = try #require(fixture["rootName"]?.string)
        switch fixture["rootType"]?.string {
        case "array": return document.array(name).toJSON()
        case "map": return document.map(name).toJSON()
        default:
            let operations: [AnyValue] = document.text(name).toDelta().compactMap { operation in
                guard case .insert(let insert, let attributes) = operation else { return nil }
                var fields = AnyFields()
                switch insert {
                case .text(let text): fields["insert"] = .string(text)
                case .embed(let value): fields["insert"] = value
                case .type: fields["insert"] = .undefined
                }
                if let attributes { fields["attributes"] = .object(attributes) }
                return .object(fields)
            }
            return .array(operations)
        }
    }

    @Test func `a whole text document has the recorded text and sizes`() throws {
        let fixture = try #require(try DocumentFixtures.lines("b4-document.jsonl.gz").first)
        let update = try #require(try fixture["update_b64"]?.base64())
        let document = Document(clientID: 1)
        try document.apply(update)
        try document.checkInvariants()
        let text = document.text("text").string
        #expect(text.utf16.count == fixture["chars"]?.int)
        #expect(ContentHash.hexadecimal(of: Array(text.utf8)) == fixture["textSha256"]?.string)
        #expect(document.encodeStateAsUpdate(.v1).count == fixture["reencodedV1Bytes"]?.int)
        let v2 = document.encodeStateAsUpdate(.v2)
        #expect(v2.count == fixture["reencodedV2Bytes"]?.int)
        let other = Document(clientID: 2)
        try other.apply(v2, format: .v2)
        #expect(other.text("text").string == text)
    }

    @Test func `the hash of these tests is SHA-256`() {
        #expect(
            ContentHash.hexadecimal(of: Array("abc".utf8))
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        // FIPS 180-2, appendix B.2: two blocks.
        #expect(
            ContentHash.hexadecimal(
                of: Array("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8))
                == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
    }

    @Test func `numbers are written as JavaScript writes them`() {
        // Each text is what node 20 prints for the number.
        let expected: [(Double, String)] = [
            (0.1, "0.1"), (1e100, "1e+100"), (.leastNonzeroMagnitude, "5e-324"), (123456.789, "123456.789"),
            (3.4028234663852886e38, "3.4028234663852886e+38"), (9_007_199_254_740_991, "9007199254740991"),
            (1e20, "100000000000000000000"), (1e21, "1e+21"), (1e-6, "0.000001"), (1e-7, "1e-7"),
            (-2147483649, "-2147483649"), (-3.25, "-3.25"), (1.5e-10, "1.5e-10"),
        ]
        for (number, text) in expected { #expect(OrderedJSON.number(number).description == text) }
    }
}
