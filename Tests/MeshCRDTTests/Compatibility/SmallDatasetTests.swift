import MeshCRDT
import Testing

/// The 5,320 random sessions of y-crdt's data set.
@Suite struct SmallDatasetTests {
    static let name = "ycrdt-small-dataset.jsonl.gz"

    @Test(arguments: UpdateFormat.allCases)
    func `every session ends in the content and the state vector that Yjs had`(_ format: UpdateFormat) throws
    {
        let sessions = try DocumentFixtures.lines(SmallDatasetTests.name)
        #expect(sessions.count == 5_320)
        var updateCount = 0
        for session in sessions {
            let updates = try (session["updates_b64"]?.elements ?? []).map { try $0.base64() }
            updateCount += updates.count
            let document = Document(clientID: 4_000_000_000)
            for update in updates {
                let bytes = format == .v1 ? update : try Updates.convert(update, from: .v1, to: .v2)
                try document.apply(bytes, format: format)
            }
            guard check(document, session) else { return }
        }
        #expect(updateCount == 46_385)
    }

    /// Whether the session ended as recorded; the first failure is enough.
    private func check(_ document: Document, _ session: OrderedJSON) -> Bool {
        let text = Array(document.text("text").string.utf8)
        let comparisons: [(String, [UInt8], [UInt8])] = [
            (
                "state vector", Array(ClockTables.text(document.stateVector).utf8),
                Array(ClockTables.text(session["sv"] ?? .null).utf8)
            ),
            ("text", text, Array((session["text"]?.string ?? "").utf8)),
            ("map", CanonicalContent.text(of: document.map("map").toJSON()), canonical(session["map"])),
            (
                "array", CanonicalContent.text(of: document.array("array").toJSON()),
                canonical(session["array"])
            ),
        ]
        for (name, actual, expected) in comparisons where actual != expected {
            Issue.record(
                """
                session \(session["i"]?.int ?? -1), \(name)
                expected \(String(decoding: expected, as: UTF8.self))
                actual   \(String(decoding: actual, as: UTF8.self))
                """)
            return false
        }
        do {
            try document.checkInvariants()
            return true
        } catch {
            Issue.record("session \(session["i"]?.int ?? -1): \(error)")
            return false
        }
    }

    private func canonical(_ recorded: OrderedJSON?) -> [UInt8] {
        CanonicalContent.text(of: SessionCalls.value(recorded ?? .null))
    }
}
