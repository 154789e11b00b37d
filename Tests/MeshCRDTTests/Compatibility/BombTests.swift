import Foundation
import MeshCRDT
import MeshCore
import Testing

/// Updates that make careless readers take memory, time or the stack.
@Suite struct BombTests {
    static let names = [
        "huge-client-count", "huge-struct-count", "huge-deleteset", "gc-len-max", "skip-len-max",
        "content-deleted-len-max", "string-len-beyond-buffer", "any-array-len-max", "endless-varint",
        "deep-nested-any",
    ]

    @Test func `the list of bombs is whole`() throws {
        let bombs = try DocumentFixtures.json("bombs.json")["bombs_hex"]?.members.map(\.key)
        #expect(bombs?.sorted() == BombTests.names.sorted())
    }

    @Test(arguments: names)
    func `a bomb is refused or harmless and leaves the document untouched`(_ name: String) async throws {
        await #expect(processExitsWith: .success) { [name = name as String] in
            let bomb = try BombTests.bytes(name)
            for format in UpdateFormat.allCases { try BombTests.explode(bomb, format) }
            try BombTests.explodeWithoutDocument(bomb)
        }
    }

    @Test func `a bomb in the second format is refused or harmless`() async throws {
        await #expect(processExitsWith: .success) {
            let text = try DocumentFixtures.json("bombs.json")["yjs_687_v2_update_hex"]?.string
            let bomb = try #require(text.flatMap(Hex.decode))
            for format in UpdateFormat.allCases { try BombTests.explode(bomb, format) }
            try BombTests.explodeWithoutDocument(bomb)
        }
    }

    @Test func `a state vector that announces billions of clients is refused`() async throws {
        await #expect(processExitsWith: .success) {
            let text = try DocumentFixtures.json("bombs.json")["state_vector_bomb_hex"]?.string
            let bomb = try #require(text.flatMap(Hex.decode))
            try BombTests.within("state vector") {
                #expect(throws: UpdateError.self) { try StateVector(decoding: bomb) }
            }
        }
    }

    @Test func `the good updates of the file make its text`() throws {
        let document = try BombTests.goodDocument()
        #expect(document.text("t").string == "hello world")
    }

    /// Applies `bomb` to a document with content; what it refuses must not change it.
    private static func explode(_ bomb: [UInt8], _ format: UpdateFormat) throws {
        let document = try goodDocument()
        let before = (document.encodeStateAsUpdate(.v1), document.encodeStateAsUpdate(.v2))
        var isRefused = false
        try within("\(format)") {
            do {
                try document.apply(bomb, format: format)
            } catch {
                isRefused = true
                #expect(!"\(error)".isEmpty)
            }
        }
        try document.checkInvariants()
        #expect(document.text("t").string == "hello world")
        let after = (document.encodeStateAsUpdate(.v1), document.encodeStateAsUpdate(.v2))
        if isRefused {
            #expect(after == before)
            #expect(document.pendingByteCount == 0)
        } else {
            // Yjs takes a struct of gone content of any length: it costs a few bytes.
            #expect(after.0.count < before.0.count + 32 && after.1.count < before.1.count + 32)
            #expect(document.pendingByteCount < 1024)
        }
        try document.apply(document.encodeStateAsUpdate())
        #expect(document.text("t").string == "hello world")
    }

    /// The functions that read updates without a document meet the same bytes.
    private static func explodeWithoutDocument(_ bomb: [UInt8]) throws {
        for format in UpdateFormat.allCases {
            try within("without a document, \(format)") {
                _ = try? Updates.merge([bomb, bomb], format: format)
                _ = try? Updates.stateVector(of: bomb, format: format)
                _ = try? Updates.convert(bomb, from: format, to: format == .v1 ? .v2 : .v1)
                _ = try? Updates.diff(bomb, since: StateVector(), format: format)
            }
        }
    }

    /// Fails when `body` takes a second or makes the process grow by 50 MiB.
    private static func within(_ what: String, _ body: () throws -> Void) throws {
        let memory = try peakByteCount()
        let clock = ContinuousClock()
        let time = try clock.measure(body)
        #expect(time < .seconds(1), "\(what)")
        #expect(try peakByteCount() - memory < 50 << 20, "\(what)")
    }

    /// The most memory that this process ever had resident.
    private static func peakByteCount() throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") })
        let kibibytes = try #require(line.split(whereSeparator: \.isWhitespace).dropFirst().first)
        return try #require(Int(kibibytes)) * 1024
    }

    private static func goodDocument() throws -> Document {
        let valid = try #require(try DocumentFixtures.json("bombs.json")["valid"])
        let document = Document(clientID: 77)
        for name in ["u1_hex", "u2_hex"] {
            try document.apply(try #require(valid[name]?.string.flatMap(Hex.decode)))
        }
        return document
    }

    private static func bytes(_ name: String) throws -> [UInt8] {
        let text = try DocumentFixtures.json("bombs.json")["bombs_hex"]?[name]?.string
        return try #require(text.flatMap(Hex.decode))
    }
}
