import Foundation
import Testing

@testable import MeshCRDT

/// One case of `Specs/vectors/crdt/updates/updates.jsonl`: updates, and what Yjs makes of them.
struct UpdateCase: Decodable, Sendable, CustomTestStringConvertible {
    struct MetaEntry: Decodable, Sendable {
        let client: ClientID
        let from: Clock
        let to: Clock

        init(from decoder: any Decoder) throws {
            var values = try decoder.unkeyedContainer()
            client = ClientID(try values.decode(String.self)) ?? 0
            from = try values.decode(Clock.self)
            to = try values.decode(Clock.self)
        }
    }

    let name: String
    /// The updates, v1 and v2.
    let u1: [Data]
    let u2: [Data]
    /// Merged.
    let m1: Data
    let m2: Data
    /// What was merged, converted to the other format.
    let c12: Data
    let c21: Data
    /// What was merged, obfuscated: all of it, and (v1) without formats, documents and names.
    let o1: Data
    let o2: Data
    let p1: Data
    /// The state vectors of what was merged.
    let sv1: Data
    let sv2: Data
    let meta: [MetaEntry]
    /// State vector, v1 and v2 of the difference to what was merged.
    let diffs: [[Data]]

    var testDescription: String { name }

    func updates(_ format: UpdateFormat) -> [[UInt8]] { (format == .v1 ? u1 : u2).map { [UInt8]($0) } }

    func merged(_ format: UpdateFormat) -> [UInt8] { [UInt8](format == .v1 ? m1 : m2) }

    static let all: [UpdateCase] = {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let file = root.appending(path: "Specs/vectors/crdt/updates/updates.jsonl")
        let lines = (try? String(contentsOf: file, encoding: .utf8))?.split(separator: "\n") ?? []
        return lines.compactMap { try? JSONDecoder().decode(UpdateCase.self, from: Data($0.utf8)) }
    }()
}
