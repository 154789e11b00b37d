import Foundation
import Testing

@testable import MeshCRDT

/// Texts at and between snapshots, as Yjs 13.6.31 shows them: `Specs/vectors/crdt/text/snapshots.json`.
struct TextSnapshotTests {
    struct Session: Decodable {
        struct View: Decodable {
            let at: Int
            let since: Int?
            let user: Bool
        }

        let client: ClientID
        let updates: [Data]
        let snapshots: [Data]
        let views: [View]
    }

    @Test func `a text at a snapshot and between two is as Yjs shows it`() throws {
        let root = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let data = try Data(contentsOf: root.appending(path: "Specs/vectors/crdt/text/snapshots.json"))
        let sessions = try JSONDecoder().decode([Session].self, from: data)
        let deltas = try Self.deltas(in: [UInt8](data))
        let described: ((TextChangeKind, MeshCRDT.ID) -> AnyValue)? = { kind, id in
            ["user": .number(Double(id.client)), "type": .string(kind.rawValue)]
        }
        var shown = 0
        for (number, session) in sessions.enumerated() {
            var options = DocumentOptions()
            options.collectsGarbage = false
            let document = Document(clientID: session.client, options: options)
            for update in session.updates { try document.apply([UInt8](update)) }
            let snapshots = try session.snapshots.map { try Snapshot(decoding: [UInt8]($0)) }
            for (place, view) in session.views.enumerated() {
                let describe = view.user ? described : nil
                let previous = view.since.map { number in snapshots[number] }
                let ours = document.text("text")
                    .toDelta(at: snapshots[view.at], since: previous, describe: describe)
                #expect(
                    TextSession.json(ours) == deltas[number][place], "session \(number), view \(place)")
                shown += 1
            }
            try document.checkInvariants()
        }
        #expect(shown > 50)
    }

    /// The deltas of all views, with their fields in the order of the file.
    private static func deltas(in bytes: [UInt8]) throws -> [[AnyValue]] {
        let value = try JSONText.parse(bytes, 0..<bytes.count - 1, depthLimit: 64)
        guard case .array(let sessions) = value else { return [] }
        return sessions.map { session in
            guard case .object(let fields) = session, case .array(let views)? = fields["views"] else {
                return []
            }
            return views.map { view in
                guard case .object(let fields) = view else { return .undefined }
                return fields["delta"] ?? .undefined
            }
        }
    }
}
