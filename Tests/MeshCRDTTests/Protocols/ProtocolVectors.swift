import Foundation
import MeshCore
import Testing

@testable import MeshCRDT

/// What y-protocols 1.0.7 made under node: `Specs/vectors/crdt/protocols/protocols.json`.
struct ProtocolVectors: Decodable {
    struct Document: Decodable {
        let stateVector: String
        let all: String
    }

    struct Delivery: Decodable {
        let to: String
        let frame: String
        let type: Int
        let before: Document
        let after: Document
        let reply: String?
    }

    struct Event: Decodable {
        let name: String
        let added: [String]
        let updated: [String]
        let removed: [String]
        let origin: String
    }

    struct Step: Decodable {
        let who: Int
        let now: UInt64
        let op: String?
        let json: String?
        let key: String?
        let update: String?
        let ids: [String]?
        let events: [Event]
        let all: String
        let known: String
    }

    let meeting: [Delivery]
    let messages: [[String]]
    let modified: [[String]]
    let sessions: [[Step]]

    /// The clients of the sessions, by their number in a step.
    static let clients: [ClientID] = [5, 1 << 31 + 1, 1 << 53 - 1, 77]

    static func load(thisFile: String = #filePath) throws -> ProtocolVectors {
        let root = URL(filePath: thisFile).resolvingSymlinksInPath().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let data = try Data(contentsOf: root.appending(path: "Specs/vectors/crdt/protocols/protocols.json"))
        return try JSONDecoder().decode(ProtocolVectors.self, from: data)
    }

    static func bytes(_ hex: String?) throws -> [UInt8] {
        let hex = try #require(hex)
        return try #require(Hex.decode(hex))
    }
}
