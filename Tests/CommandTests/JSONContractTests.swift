import FoundationEssentials
import MeshAPI
import MeshNode
import Testing

@testable import meshp2p

/// The names that scripts rely on, as the command's contract lists them.
@Suite struct JSONContractTests {
    @Test func `dial`() throws {
        let keys = try Self.keys(DialOutput(report: SampleReports.dial))
        #expect(
            keys.isSuperset(of: [
                "ok", "peer", "address", "transport", "security", "muxer", "agent", "protocolVersion",
                "protocols",
                "observedAddress", "connectMilliseconds", "roundTripMilliseconds",
                "roundTripMilliseconds.count",
                "roundTripMilliseconds.min", "roundTripMilliseconds.median", "roundTripMilliseconds.max",
                "attempts",
                "attempts.address", "attempts.outcome", "attempts.milliseconds", "attempts.error",
            ]))
    }

    @Test func `what is not known is null, not missing`() throws {
        var report = SampleReports.dial
        report.observedAddress = nil
        report.roundTripMilliseconds = nil
        report.name = nil
        report.attempts[0].error = nil
        let text = try Self.text(DialOutput(report: report))
        for field in ["observedAddress", "roundTripMilliseconds", "name", "error"] {
            #expect(text.contains("\"\(field)\":null"), "\(field)")
        }
        #expect(try Self.text(StatusOutput(report: SampleReports.status)).contains(#""name":null"#))
    }

    @Test func `status`() throws {
        let keys = try Self.keys(StatusOutput(report: SampleReports.status))
        #expect(
            keys.isSuperset(of: [
                "peer", "did", "name", "uptimeSeconds", "addresses", "connections", "connections.peer",
                "connections.address", "connections.direction", "connections.transport", "connections.path",
                "routingTable", "routingTable.peers", "memoryBytes",
            ]))
    }

    @Test func `the ready line`() throws {
        let ready = ReadyOutput(
            status: SampleReports.status, api: "http://127.0.0.1:8421", startMilliseconds: 1, home: "/x")
        #expect(try Self.keys(ready) == ["event", "peer", "did", "addresses", "api"])
        #expect(try Self.text(ready).contains(#""event":"ready""#))
        #expect(try Self.text(ready).contains("\"/ip6/"))
    }

    @Test(arguments: [
        (FindKind.peer, ["peer.id", "peer.addresses"]), (.value, ["value"]),
        (.providers, ["providers.id", "providers.addresses"]),
        (
            .mesh,
            [
                "meshes.name", "meshes.did", "meshes.peer", "meshes.addresses", "meshes.capabilities",
                "meshes.sequence", "meshes.expires",
            ]
        ),
        (.skill, ["meshes.did"]),
    ])
    func `find`(kind: FindKind, own: [String]) throws {
        let keys = try Self.keys(FindOutput(report: SampleReports.find(kind)))
        #expect(keys.isSuperset(of: ["ok", "kind", "key", "hops", "messages", "milliseconds"] + own))
        #expect(!keys.contains("trace"))
        let traced = try Self.keys(FindOutput(report: SampleReports.find(kind, trace: true)))
        let names = ["round", "peer", "address", "milliseconds", "closer", "outcome", "distance"]
        #expect(traced.isSuperset(of: names.map { "trace.\($0)" }))
    }

    @Test func `a value is base64`() throws {
        #expect(
            try Self.text(FindOutput(report: SampleReports.find(.value))).contains(#""value":"aGVsbG8=""#))
    }

    @Test func `put, provide, id`() throws {
        let report = try JSONText.decode(
            StoreReport.self, from: Array(#"{"ok":true,"stored":3,"milliseconds":1}"#.utf8))
        #expect(
            try Self.keys(StoreOutput(report: report, key: "k", verb: "x")) == [
                "ok", "stored", "milliseconds",
            ])
        let identity = IdentityOutput(.init(peer: "12D3", did: "did:key:z"), home: "/x")
        #expect(try Self.keys(identity).isSuperset(of: ["peer", "did"]))
    }

    @Test func `meshes are one object a line`() throws {
        let output = MeshesOutput(report: SampleReports.meshes)
        #expect(output.json.count == 2)
        for object in output.json { #expect(!(try JSONText.encode(object)).contains(0x0a)) }
    }

    @Test func `a failure`() throws {
        let output = FailureOutput(failure: MeshFailure(.notFound, "nothing", next: "look elsewhere"))
        #expect(
            try Self.text(output)
                == #"{"error":{"code":"not_found","message":"nothing","next":"look elsewhere"},"ok":false}"#)
    }

    private static func text(_ output: some CommandOutput) throws -> String {
        try output.json.map { String(decoding: try JSONText.encode($0), as: UTF8.self) }.joined(
            separator: "\n")
    }

    /// Every key of the first object, nested ones after a dot; lists count as what is in them.
    private static func keys(_ output: some CommandOutput) throws -> Set<String> {
        let object = try #require(output.json.first)
        return try JSONText.decode(JSONKeys.self, from: try JSONText.encode(object)).paths
    }
}

/// The key paths in a JSON text.
private struct JSONKeys: Decodable {
    var paths: Set<String> = []

    private struct Key: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
        if let object = try? decoder.container(keyedBy: Key.self) {
            for key in object.allKeys {
                paths.insert(key.stringValue)
                let inner = try object.decode(JSONKeys.self, forKey: key).paths
                paths.formUnion(inner.map { "\(key.stringValue).\($0)" })
            }
        } else if var list = try? decoder.unkeyedContainer() {
            while !list.isAtEnd { paths.formUnion(try list.decode(JSONKeys.self).paths) }
        }
    }
}
