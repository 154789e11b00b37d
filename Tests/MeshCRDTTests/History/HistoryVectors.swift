import Foundation
import MeshCore
import Testing

@testable import MeshCRDT

/// What Yjs 13.6.31 made of positions, snapshots and undo: `Specs/vectors/crdt/history/history.json`.
struct HistoryVectors: Decodable {
    struct Position: Decodable {
        struct Place: Decodable {
            let path: [String]
            let index: Int
            let assoc: Int
            let bytes: Data
            let json: String
        }

        struct Step: Decodable {
            let update: Data
            let at: [Int?]
        }

        let client: ClientID
        let before: Data
        let list: [Place]
        let steps: [Step]
        let empty: [Int?]
    }

    struct Redone: Decodable {
        struct Place: Decodable {
            let index: Int
            let assoc: Int
            let bytes: Data
        }

        let updates: [Data]
        let undos: Int
        let list: [Place]
        let follows: [Int]
        let stays: [Int]
    }

    struct Snapshots: Decodable {
        struct Mark: Decodable {
            let v1: Data
            let v2: Data
            let restored: Data
            let text: String
            let delta: String
            let diff: String
            let array: String
            let map: String
            let contains: String
            let equal: String
        }

        let updates: [Data]
        let marks: [Mark]
    }

    struct Undo: Decodable {
        let seed: Int
        let gc: Bool
        let timeout: Int
        let scope: String
        let replaces: Bool
        let keepsTypes: Bool
        let log: [Step]
    }

    /// One step of an undo session; the generator's head explains it.
    struct Step: Decodable {
        enum Action {
            /// `order` is that of the clients in the newest undo step's deletions, which an update does not tell.
            case edit(origin: String?, update: Data, order: [ClientID])
            case call(String, v1: Data, v2: Data)
            case receive([Int], cleanUps: [Data])
        }

        let client: Int
        let action: Action
        let milliseconds: UInt64
        let undoCount: Int
        let redoCount: Int

        init(from decoder: any Decoder) throws {
            var list = try decoder.unkeyedContainer()
            client = try list.decode(Int.self)
            let name = try list.decode(String.self)
            switch name {
            case "edit":
                let origin = try list.decodeIfPresent(String.self)
                milliseconds = try list.decode(UInt64.self)
                action = .edit(
                    origin: origin, update: try list.decode(Data.self),
                    order: try list.decode([ClientID].self))
            case "recv":
                milliseconds = try list.decode(UInt64.self)
                action = .receive(try list.decode([Int].self), cleanUps: try list.decode([Data].self))
            default:
                milliseconds = try list.decode(UInt64.self)
                action = .call(name, v1: try list.decode(Data.self), v2: try list.decode(Data.self))
            }
            undoCount = try list.decode(Int.self)
            redoCount = try list.decode(Int.self)
        }
    }

    /// Two documents whose users are known: what they sent, and who wrote and deleted what.
    struct Users: Decodable {
        struct Update: Decodable {
            let client: ClientID
            let v1: Data
        }

        let updates: [Update]
        let clients: [String?]
        let textClock: Clock
        let deleted: [String?]
    }

    struct Calls: Decodable {
        let gc: Bool
        let log: [Call]
    }

    /// One step of a session of calls; the generator's head explains it.
    struct Call: Decodable {
        enum Action {
            case insertText(Int, String)
            case insertValues(Int, [AnyValue])
            case delete(root: String, Int, Int)
            case set(String, Double)
            case remove(String)
            case undo
            case redo
            case receive([Int])
        }

        let client: Int
        let action: Action
        let update: Data

        init(from decoder: any Decoder) throws {
            var list = try decoder.unkeyedContainer()
            client = try list.decode(Int.self)
            guard let name = try? list.decode(String.self) else {
                var call = try list.nestedUnkeyedContainer()
                let (root, method) = (try call.decode(String.self), try call.decode(String.self))
                switch (root, method) {
                case ("t", "insert"):
                    action = .insertText(try call.decode(Int.self), try call.decode(String.self))
                case ("a", "insert"):
                    let index = try call.decode(Int.self)
                    var values = try call.nestedUnkeyedContainer()
                    action = .insertValues(
                        index,
                        [.number(try values.decode(Double.self)), .string(try values.decode(String.self))])
                case ("m", "set"): action = .set(try call.decode(String.self), try call.decode(Double.self))
                case ("m", _): action = .remove(try call.decode(String.self))
                default: action = .delete(root: root, try call.decode(Int.self), try call.decode(Int.self))
                }
                update = try list.decode(Data.self)
                return
            }
            switch name {
            case "undo": action = .undo
            case "redo": action = .redo
            default: action = .receive(try list.decode([Int].self))
            }
            update = list.isAtEnd ? Data() : try list.decode(Data.self)
        }
    }

    /// A list with contents of three clients that one deletes and brings back.
    struct Nested: Decodable {
        let before: Data
        let deleted: Data
        let undone: Data
    }

    let positions: [Position]
    let users: Users
    let nested: Nested
    let calls: [Calls]
    let redone: [Redone]
    let snapshots: [Snapshots]
    let undo: [Undo]

    static let shared = Result { try load() }

    private static func load() throws -> HistoryVectors {
        var root = URL(filePath: #filePath)
        for _ in 0..<4 { root.deleteLastPathComponent() }
        let data = try Data(contentsOf: root.appending(path: "Specs/vectors/crdt/history/history.json"))
        return try JSONDecoder().decode(HistoryVectors.self, from: data)
    }
}

extension Document {
    /// A document with the roots of the vectors.
    static func forVectors(
        _ clientID: ClientID, collectsGarbage: Bool = true
    ) -> Document {
        var options = DocumentOptions()
        options.collectsGarbage = collectsGarbage
        let document = Document(clientID: clientID, options: options)
        _ = document.text("text")
        _ = document.array("array")
        _ = document.map("map")
        return document
    }

    /// Makes the changes of an update that this client wrote elsewhere, as if it made them here.
    func repeatLocally(_ update: Data, origin: AnyHashable?) throws {
        try transact(origin: origin) { _ in
            if !update.isEmpty { try store.apply(Array(update), format: .v1) }
        }
    }

    /// The type at a path of root name, keys and indexes.
    func type(at path: [String]) throws -> SharedType {
        let root = try #require(store.roots[store.keys.find(path[0])])
        var branch = root
        for key in path.dropFirst() {
            let item = store.value(of: store.keys.find(key), in: branch)
            try #require(!item.isNone && store.items[item].kind == .type)
            branch = BranchIndex(raw: store.items[item].contentOffset)
        }
        return try #require(SharedType(branch, in: self))
    }
}
