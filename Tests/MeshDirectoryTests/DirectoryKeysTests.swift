import MeshCore
import MeshMultiformats
import Testing

@testable import MeshDirectory

struct DirectoryKeysTests {
    private struct Vectors: Decodable {
        struct Name: Decodable {
            var typed: String
            var normalized: HexBytes
            var key: HexBytes
        }
        struct Capability: Decodable {
            var text: String
            var key: HexBytes
        }
        var names: [Name]
        var capabilities: [Capability]
    }

    @Test func `names and capabilities lead to the keys that others compute`() throws {
        let vectors: Vectors = try Fixtures.vectors("names.json")
        #expect(vectors.names.count == 9)
        for vector in vectors.names {
            let name = try MeshName(typed: vector.typed)
            #expect(name.normalizedUTF8 == vector.normalized.bytes, "\(vector.typed)")
            #expect(DirectoryKeys.name(name) == vector.key.bytes, "\(vector.typed)")
        }
        for vector in vectors.capabilities {
            #expect(DirectoryKeys.capability(try MeshCapability(vector.text)) == vector.key.bytes)
        }
    }

    @Test func `a name and a capability of one spelling have different keys`() {
        #expect(
            DirectoryKeys.name(Fixtures.name("text")) != DirectoryKeys.capability(Fixtures.capability("text"))
        )
    }

    @Test func `a record provides its name and each capability`() {
        let record = Fixtures.record(Fixtures.key(1), name: "A", capabilities: ["b", "c"])
        #expect(
            DirectoryKeys.provided(by: record) == [
                DirectoryKeys.name(Fixtures.name("a")), DirectoryKeys.capability(Fixtures.capability("b")),
                DirectoryKeys.capability(Fixtures.capability("c")),
            ])
    }
}

struct DisplayTextTests {
    @Test func `escape sequences, line ends and bidi controls become visible`() {
        #expect(DisplayText.safe("x\n\u{1b}[31m") == "x\\u{A}\\u{1B}[31m")
        #expect(DisplayText.safe("a\u{202e}b\u{200b}") == "a\\u{202E}b\\u{200B}")
        #expect(DisplayText.safe("a\\u{A}") == "a\\\\u{A}")
        #expect(DisplayText.safe("\r\n") == "\\u{D}\\u{A}")
        #expect(DisplayText.safe("École 東京") == "École 東京")
    }

    @Test func `long text is cut and says so`() {
        #expect(DisplayText.safe("abc", limit: 3) == "abc")
        #expect(DisplayText.safe("abcd", limit: 3) == "abc…")
        #expect(DisplayText.safe(utf8: Array("abcd".utf8), limit: 3) == "abc…")
        #expect(DisplayText.safe("a", limit: 0) == "…")
    }

    @Test func `ill-formed bytes are written as such, each of them`() {
        #expect(DisplayText.safe(utf8: [0x61, 0xff, 0x62]) == "a\\x{FF}b")
        #expect(DisplayText.safe(utf8: [0xe2, 0x82]) == "\\x{E2}\\x{82}")
        #expect(DisplayText.safe(utf8: [0xc3, 0xa9, 0xc3]) == "é\\x{C3}")
        #expect(DisplayText.safe(utf8: [0xed, 0xa0, 0x80]) == "\\x{ED}\\x{A0}\\x{80}")
    }

    @Test func `nothing hidden survives, whatever the bytes`() {
        var generator = SeededGenerator(seed: 12)
        for round in 0..<2_000 {
            var bytes: [UInt8] = []
            bytes.appendRandom(Int.random(in: 0...24, using: &generator), using: &generator)
            let safe = DisplayText.safe(utf8: bytes)
            #expect(!safe.unicodeScalars.contains { HiddenScalars.contains($0) }, "seed 12, round \(round)")
        }
    }

    @Test func `different texts never look the same for the escapes`() {
        #expect(DisplayText.safe("\\u{A}") != DisplayText.safe("\n"))
        #expect(DisplayText.safe(utf8: Array("\\x{FF}".utf8)) != DisplayText.safe(utf8: [0xff]))
    }
}

struct CivilTimeTests {
    @Test(arguments: [
        (0, "1970-01-01T00:00:00Z"), (951_782_399, "2000-02-28T23:59:59Z"),
        (951_782_400, "2000-02-29T00:00:00Z"),
        (951_868_800, "2000-03-01T00:00:00Z"), (1_795_248_000, "2026-11-21T08:00:00Z"),
        (4_107_542_399, "2100-02-28T23:59:59Z"), (4_107_542_400, "2100-03-01T00:00:00Z"),
        (253_402_300_799, "9999-12-31T23:59:59Z"), (253_402_300_800, "9999-12-31T23:59:59Z"),
        (UInt64.max, "9999-12-31T23:59:59Z"),
    ])
    func `a time is written as RFC 3339 in UTC`(seconds: UInt64, text: String) {
        #expect(UnixTime(seconds: seconds).rfc3339 == text)
    }
}
