import MeshCRDT

/// A session that real Yjs recorded: `Specs/vectors/crdt/generate/yjs_gen.mjs` explains the lines.
struct SessionLog: Sendable {
    /// One update in both formats.
    struct RecordedUpdate: Sendable {
        var number: Int
        var v1: [UInt8]
        var v2: [UInt8]

        func bytes(_ format: UpdateFormat) -> [UInt8] { format == .v1 ? v1 : v2 }
    }

    /// One line: what a client did, or what reached it.
    enum Step: Sendable {
        case operation(client: Int, calls: [OrderedJSON], updates: [RecordedUpdate], hash: String)
        case receipt(
            client: Int, numbers: [Int], format: UpdateFormat, updates: [RecordedUpdate], hash: String)
    }

    /// A client once everybody had got everything.
    struct Final: Sendable {
        var client: Int
        var content: String
        var stateVector: String
        var deleteSet: String
        var stateVectorBytes: [UInt8]
        var snapshot: [UInt8]
        var v1: [UInt8]
        var v2: [UInt8]
    }

    var name: String
    var clients: [ClientID] = []
    var collectsGarbage = true
    var hasUndo = false
    var roots: [(name: String, kind: String)] = []
    var steps: [Step] = []
    /// Every update by its number.
    var updates: [RecordedUpdate] = []
    var finals: [Final] = []
    var mergedV1: [UInt8] = []
    var mergedV2: [UInt8] = []

    /// Reads `sessions/<name>.jsonl.gz`.
    init(_ name: String) throws {
        self.name = name
        for line in try DocumentFixtures.lines("sessions/\(name).jsonl.gz") {
            switch line["k"]?.string {
            case "header": readHeader(line)
            case "op", "recv": try readStep(line)
            case "final": try readFinal(line)
            case "merged":
                mergedV1 = try line["v1"]?.base64() ?? []
                mergedV2 = try line["v2"]?.base64() ?? []
            default: break
            }
        }
        updates.sort { $0.number < $1.number }
        guard !finals.isEmpty, updates.indices.allSatisfy({ updates[$0].number == $0 }) else {
            throw BrokenFixture(name: name)
        }
    }

    private mutating func readHeader(_ line: OrderedJSON) {
        clients = (line["clients"]?.elements ?? []).map { ClientID($0.number ?? 0) }
        collectsGarbage = line["gc"]?.bool ?? true
        hasUndo = line["undo"]?.bool ?? false
        roots = (line["roots"]?.string ?? "").split(separator: ",").map { root in
            let parts = root.split(separator: ":").map(String.init)
            return (parts[0], parts[1])
        }
    }

    private mutating func readStep(_ line: OrderedJSON) throws {
        let client = line["c"]?.int ?? 0
        let hash = line["h"]?.string ?? ""
        var emitted = try (line["auto"]?.elements ?? []).map(SessionLog.update)
        if line["k"]?.string == "op" {
            if line["i"]?.isNull == false { emitted.insert(try SessionLog.update(line), at: 0) }
            steps.append(
                .operation(
                    client: client, calls: line["calls"]?.elements ?? [], updates: emitted, hash: hash))
        } else {
            let format: UpdateFormat = line["enc"]?.int == 2 ? .v2 : .v1
            let numbers = (line["from"]?.elements ?? []).compactMap(\.int)
            steps.append(
                .receipt(client: client, numbers: numbers, format: format, updates: emitted, hash: hash))
        }
        updates += emitted
    }

    private mutating func readFinal(_ line: OrderedJSON) throws {
        finals.append(
            Final(
                client: line["c"]?.int ?? 0, content: line["roots"]?.description ?? "",
                stateVector: ClockTables.text(line["sv"] ?? .null),
                deleteSet: ClockTables.text(line["ds"] ?? .null),
                stateVectorBytes: try line["stateVector"]?.base64() ?? [],
                snapshot: try line["snapshot"]?.base64() ?? [],
                v1: try line["v1"]?.base64() ?? [], v2: try line["v2"]?.base64() ?? []))
    }

    private static func update(_ line: OrderedJSON) throws -> RecordedUpdate {
        RecordedUpdate(
            number: line["i"]?.int ?? -1, v1: try line["v1"]?.base64() ?? [],
            v2: try line["v2"]?.base64() ?? [])
    }
}
