import Foundation
import Testing

@testable import MeshCRDT

/// Sessions on arrays, maps, XML and nested documents that Yjs went through, gone through by ours.
struct TypeSessionTests {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../Specs/vectors/crdt/types/").standardizedFileURL

    /// The files of sessions; a folder of many more may be given in the environment.
    static let files: [String] = {
        let path = ProcessInfo.processInfo.environment["TYPE_SESSIONS"] ?? folder.path
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return names.filter { $0.hasSuffix(".jsonl") }.sorted().map { name in "\(path)/\(name)" }
    }()

    @Test func `there are sessions`() {
        #expect(Self.files.count >= 4)
    }

    @Test(arguments: files) func `a session ends as in Yjs, with the same updates and events`(
        _ file: String
    ) throws {
        let text = try String(contentsOf: URL(filePath: file), encoding: .utf8)
        var replicas: [TypeReplica] = []
        var updates: [(v1: [UInt8], v2: [UInt8])] = []
        var echoCount = 0
        for (number, line) in text.split(separator: "\n").enumerated() {
            let place = "\(file):\(number + 1)"
            let bytes = Array(line.utf8)
            let entry = try JSONText.parse(bytes, bytes.indices, depthLimit: 64)
            let kind = entry.field("k")?.textValue
            if kind == "session" {
                let collects = entry.field("gc") == .bool(true)
                replicas = (entry.field("clients")?.listValue ?? []).map { client in
                    TypeReplica(
                        clientID: ClientID(client.intValue ?? 0), collectsGarbage: collects,
                        observesRootsOnly: entry.field("roots") == .bool(true)
                    ) {
                        defer { echoCount += 1 }
                        return echoCount
                    }
                }
                continue
            }
            let replica = replicas[try #require(entry.field("c")?.intValue)]
            if kind == "op" {
                try replica.document.transact(origin: "local") { _ in
                    for call in entry.field("calls")?.listValue ?? [] { try replica.call(call) }
                }
            }
            let isV1 = entry.field("v")?.intValue == 1
            for number in entry.field("from")?.listValue ?? [] {
                let update = updates[try #require(number.intValue)]
                try replica.document.apply(
                    isV1 ? update.v1 : update.v2, format: isV1 ? .v1 : .v2, origin: "remote")
            }
            guard kind != "final" else {
                try checkEnd(of: replica, entry, place)
                continue
            }
            guard try check(replica, entry, place) else { return }
            for pair in entry.field("sent")?.listValue ?? [] {
                let both = try pair.listValue.map {
                    Array(try #require(Data(base64Encoded: $0.textValue ?? "")))
                }
                updates.append((both[0], both[1]))
            }
        }
    }

    /// Whether a step left the same updates, events and content as it left in Yjs.
    private func check(_ replica: TypeReplica, _ entry: AnyValue, _ place: String) throws -> Bool {
        let sent = replica.takeSent()
        let events = TypeVectorValues.json(replica.takeEvents())
        let json = TypeVectorValues.json(replica.json)
        let expectedEvents = TypeVectorValues.json(entry.field("events") ?? [])
        #expect(sent == entry.field("sent"), "updates, \(place)")
        #expect(events == expectedEvents, "events, \(place)")
        #expect(
            Double(Self.hash(json)) == entry.field("h")?.intValue.map(Double.init),
            "content \(json), \(place)")
        try replica.document.checkInvariants()
        return sent == entry.field("sent") && events == expectedEvents
    }

    private func checkEnd(of replica: TypeReplica, _ entry: AnyValue, _ place: String) throws {
        #expect(
            TypeVectorValues.json(replica.json) == TypeVectorValues.json(entry.field("json") ?? .null),
            "\(place)")
        #expect(
            TypeVectorValues.json(replica.reads) == TypeVectorValues.json(entry.field("reads") ?? .null),
            "\(place)"
        )
        for (format, key) in [(UpdateFormat.v1, "v1"), (.v2, "v2")] {
            let update = Data(replica.document.encodeStateAsUpdate(format)).base64EncodedString()
            #expect(update == entry.field(key)?.textValue, "\(key), \(place)")
        }
        replica.subscriptions.forEach { $0.cancel() }
        #expect(replica.document.observers.isEmpty)
    }

    /// FNV-1a with 32 bits.
    private static func hash(_ text: String) -> UInt32 {
        text.utf8.reduce(0x811c_9dc5) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
    }
}
