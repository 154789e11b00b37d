import Foundation
import Testing

/// `meshp2p doc replay` and `meshp2p bench crdt` from outside.
@Suite struct DocReplayTests {
    private let folder: DocFolder

    init() throws {
        folder = try DocFolder()
    }

    /// The path of a trace in the checkout that these tests were compiled from.
    private static func trace(_ name: String) -> String {
        URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Benchmarks/traces/\(name).json.gz").path
    }

    private static let steps: Set = [
        "local", "localV1", "localV2", "oneTransaction", "applyEach", "applyOneTransaction", "encodeV1",
        "encodeV2", "loadV1", "loadV2", "mergeUpdates",
    ]

    @Test(arguments: [
        ("automerge-paper", "a489e9022976c14e46627aea174d07797edcb3fd17df42605956d4cf01bf9039", 259_778),
        ("sveltecomponent", "d8bb93b7cf87b4c3a0394fddc028284a093d90d5794a213d1ccb0794eb4ede8f", 19_749),
        ("friendsforever", "4720ec330c91e288c00b71cab318f7a1cdde689dfc401f269c353acfd6cb03f6", 26_078),
        ("friendsforever_flat", "4720ec330c91e288c00b71cab318f7a1cdde689dfc401f269c353acfd6cb03f6", 26_078),
    ])
    func `a trace ends at the recorded hash`(name: String, hash: String, edits: Int) throws {
        let outcome = try CommandProcess.run(
            ["doc", "replay", Self.trace(name), "--only", "encodeV1", "--json"])
        #expect(outcome.status == 0, "\(outcome)")
        let report = try DocCommandTests.object(outcome.output)
        #expect(report["sha256"] as? String == hash)
        #expect(report["edits"] as? Int == edits)
        #expect(report["matchesTrace"] as? Bool == true)
        #expect((report["milliseconds"] as? [String: Double]).map { Set($0.keys) } == ["encodeV1"])
    }

    @Test func `all parts are measured, and the document and the log are written`() throws {
        let (out, log) = (folder.path + "/out.bin", folder.path + "/log.jsonl")
        let outcome = try CommandProcess.run(
            ["doc", "replay", Self.trace("sveltecomponent"), "--json", "--out", out, "--log", log])
        let report = try DocCommandTests.object(outcome.output)
        #expect(Set((report["milliseconds"] as? [String: Double] ?? [:]).keys) == Self.steps)
        let bytes = try #require(report["bytes"] as? [String: Int])
        #expect(bytes["v1"] == 62_103)
        #expect(bytes["v2"] == 36_841)
        #expect(try folder.read("out.bin").count == 62_103)
        let shown = try CommandProcess.run(["doc", "show", log, "--json"])
        let encoded = try #require(try DocCommandTests.object(shown.output)["bytes"] as? [String: Int])
        #expect(encoded == ["v1": 62_103, "v2": 36_841])
        let merged = try CommandProcess.run(["doc", "merge", log, "--out", folder.path + "/merged", "--json"])
        #expect(merged.status == 0, "\(merged)")
    }

    @Test func `the client and the format of the document can be chosen`() throws {
        let out = folder.path + "/out.bin"
        let arguments = [
            "doc", "replay", Self.trace("sveltecomponent"), "--only", "encodeV2", "--client",
            "9007199254740991",
            "--out", out, "--format", "v2",
        ]
        #expect(try CommandProcess.run(arguments).status == 0)
        let shown = try CommandProcess.run(["doc", "show", out, "--json"])
        let state = try #require(try DocCommandTests.object(shown.output)["stateVector"] as? [String: Int])
        #expect(Array(state.keys) == ["9007199254740991"])
    }

    @Test func `a concurrent trace has no part in one transaction`() throws {
        let outcome = try CommandProcess.run(["doc", "replay", Self.trace("friendsforever"), "--json"])
        let report = try DocCommandTests.object(outcome.output)
        #expect(report["kind"] as? String == "concurrent")
        #expect(
            Set((report["milliseconds"] as? [String: Double] ?? [:]).keys)
                == Self.steps.subtracting(["oneTransaction"]))
    }

    @Test func `a file that is no trace, or a cut one, is refused with the place`() throws {
        let whole = try Data(contentsOf: URL(fileURLWithPath: Self.trace("sveltecomponent")))
        let cut = try folder.write("cut.json.gz", data: whole.prefix(whole.count / 2))
        let json = try folder.write("x.json", text: "{\"endContent\":\"\",\"txns\":[7]}")
        for (file, place) in [(cut, "near byte"), (json, "byte 25")] {
            let outcome = try CommandProcess.run(["doc", "replay", file])
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains(place), "\(outcome)")
            #expect(outcome.errors.contains("\nnext: "))
        }
    }

    @Test func `bench crdt measures cases by name`() throws {
        let inputs = try folder.write(
            "inputs.json",
            text: #"""
                {"init":"start","sqrtN":5,"B1.1":[["i",0,"ab"],["d",1,1],["i",1,"c"]],"B1.8":[["a",0,[1,2]],["a",1,[3]]],
                "B2.1":[[["i",0,"x"]],[["d",0,2],["i",3,"y"]]]}
                """#)
        let outcome = try CommandProcess.run(
            ["bench", "crdt", "--case", "B1,B2.1,B3", "--inputs", inputs, "--repeat", "2", "--json"])
        #expect(outcome.status == 0, "\(outcome)")
        let cases = try #require(try DocCommandTests.object(outcome.output)["cases"] as? [[String: Any]])
        #expect(
            cases.map { $0["name"] as? String } == ["B1.1", "B1.8", "B2.1", "B3.1", "B3.2", "B3.3", "B3.4"])
        let first = try #require(cases[0]["milliseconds"] as? [String: Double])
        #expect(Set(first.keys) == ["local", "remote", "encodeV1", "encodeV2", "loadV1", "loadV2"])
        let last = try #require(cases[6]["milliseconds"] as? [String: Double])
        #expect(last["mergeUpdates"] != nil && last["applyEach"] != nil)
    }

    @Test func `bench crdt measures how the cost of an edit grows`() throws {
        let trace = try folder.write(
            "trace.json",
            text: #"{"endContent":"b","txns":[{"patches":[[0,0,"ab"]]},{"patches":[[0,1,""]]}]}"#)
        let outcome = try CommandProcess.run(
            ["bench", "crdt", "--case", "scale", "--factor", "1", "--trace", trace, "--json"])
        #expect(outcome.status == 0, "\(outcome)")
        let rows = try #require(try DocCommandTests.object(outcome.output)["scale"] as? [[String: Any]])
        #expect(Set(rows.compactMap { $0["name"] as? String }).count == rows.count)
        #expect(rows.count == 12)
        #expect(
            rows.allSatisfy {
                ($0["growth"] as? Double) == 1 && ($0["nanosecondsPerEdit"] as? Double ?? 0) > 0
            })
        #expect(
            try CommandProcess.run(["bench", "crdt", "--case", "scale", "--trace", "/nonexistent"]).status
                == 2)
    }

    @Test func `bench crdt measures the updates of a file`() throws {
        let log = try folder.write(
            "log.jsonl",
            text: [DocFixtures.base, DocFixtures.second].map { #"{"update":"\#($0)","v":1}"# }.joined(
                separator: "\n"))
        let outcome = try CommandProcess.run(
            ["bench", "crdt", "--case", "load,merge,memory", "--file", log, "--repeat", "1", "--json"])
        #expect(outcome.status == 0, "\(outcome)")
        let cases = try #require(try DocCommandTests.object(outcome.output)["cases"] as? [[String: Any]])
        #expect(cases.map { $0["name"] as? String } == ["load", "merge", "memory"])
        #expect((cases[0]["counts"] as? [String: Int])?["structs"] == 32)
        let text = try CommandProcess.run(["bench", "crdt", "--case", "load", "--file", log, "--repeat", "1"])
        #expect(text.output.contains("loadV1"))
    }
}
