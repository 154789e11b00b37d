import Foundation
import MeshCRDT
import Testing

@testable import MeshCRDTBenchmarks

/// Recorded editing sessions, typed again: the text and every byte must be those of Yjs.
@Suite struct TraceReplayTests {
    /// What Yjs 13.6.31 makes of a trace, client 1 (or agent + 1); digests are FNV-1a.
    ///
    /// Origin: Yjs under node, one transaction for each of the trace, then `encodeStateAsUpdate`, `encodeStateAsUpdateV2`
    /// and the bytes of all single updates one after the other.
    struct Expected: Sendable, CustomTestStringConvertible {
        var name: String
        var v1: (count: Int, digest: UInt64)
        var v2: (count: Int, digest: UInt64)
        var updates: (count: Int, digest: UInt64)

        var testDescription: String { name }
    }

    static let traces = [
        Expected(
            name: "automerge-paper", v1: (223_414, 0x3125_f05a_1470_3c7f),
            v2: (159_921, 0xd178_4c4d_32bf_ee29), updates: (259_778, 0xe448_b749_71a5_93fa)),
        Expected(
            name: "friendsforever", v1: (38_745, 0x1ab9_1d11_449e_fe38),
            v2: (32_961, 0xcf60_6b8b_3509_1161), updates: (26_078, 0xebd2_9f67_925f_9973)),
        Expected(
            name: "friendsforever_flat", v1: (53_220, 0x1b94_cf7e_fb6c_a23a),
            v2: (40_881, 0xadef_4ee8_7e86_a9c7), updates: (26_078, 0xc20b_0085_c596_5fa7)),
        Expected(
            name: "sveltecomponent", v1: (62_103, 0xd1c4_07ae_ccc9_1bb8),
            v2: (36_841, 0x7e04_0476_e082_d04e), updates: (18_335, 0x8927_9748_5d5e_8f35)),
    ]

    @Test(arguments: traces)
    func `a replay ends with the text of the trace and the bytes of Yjs`(expected: Expected) throws {
        let trace = try Self.trace(expected.name)
        let outcome = try TraceReplay(trace).run(collecting: .v1)
        let text = outcome.document.text(TraceReplay.rootName).string
        #expect(text.utf8.elementsEqual(trace.endContent.utf8))
        let v1 = outcome.document.encodeStateAsUpdate(.v1)
        let v2 = outcome.document.encodeStateAsUpdate(.v2)
        #expect(v1.count == expected.v1.count)
        #expect(Self.digest(v1) == expected.v1.digest)
        #expect(v2.count == expected.v2.count)
        #expect(Self.digest(v2) == expected.v2.digest)
        #expect(outcome.updates.count == expected.updates.count)
        #expect(Self.digest(outcome.updates.joined()) == expected.updates.digest)
    }

    @Test(arguments: ["friendsforever", "sveltecomponent"])
    func `updates of a replay make the same document one by one, together, merged, and in v2`(
        name: String
    ) throws {
        let trace = try Self.trace(name)
        for format in UpdateFormat.allCases {
            let outcome = try TraceReplay(trace).run(collecting: format)
            let whole = outcome.document.encodeStateAsUpdate(.v1)
            let merged = try Updates.merge(outcome.updates, format: format)
            for updates in [outcome.updates, [merged], outcome.updates.reversed()] {
                let copy = Document(clientID: 99)
                try copy.transact { _ in
                    for update in updates { try copy.apply(update, format: format) }
                }
                #expect(copy.pendingByteCount == 0)
                #expect(copy.text(TraceReplay.rootName).string.utf8.elementsEqual(trace.endContent.utf8))
                #expect(copy.stateVector == outcome.document.stateVector)
                #expect(copy.encodeStateAsUpdate(.v1) == whole)
            }
        }
    }

    @Test func `all patches in one transaction give the text of the trace`() throws {
        let trace = try Self.trace("sveltecomponent")
        let outcome = try TraceReplay(trace, client: 7).runInOneTransaction()
        #expect(outcome.document.text(TraceReplay.rootName).string.utf8.elementsEqual(trace.endContent.utf8))
        #expect(outcome.document.clientID == 7)
    }

    @Test func `every part of a replay can be measured`() throws {
        let trace = try EditingTrace(
            Array(
                #"{"startContent":"abc","endContent":"abXc","txns":[{"patches":[[2,0,"X"]]}]}"#.utf8))
        let measurement = try ReplayMeasurement(trace, client: 1, repetitions: 2) { _ in }
        let report = try measurement.report(ReplayStep.allCases) { "\($0.count) bytes" }
        #expect(Set(report.milliseconds.keys) == Set(ReplayStep.allCases.map(\.rawValue)))
        #expect(report.matchesTrace)
        #expect(report.sha256 == "4 bytes")
        #expect(report.edits == 2)
        #expect(report.characters == 4)
    }

    /// A trace of the benchmarks' folder.
    static func trace(_ name: String) throws -> EditingTrace {
        let root = URL(filePath: #filePath).resolvingSymlinksInPath()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let file = root.appending(path: "Benchmarks/traces/\(name).json.gz")
        return try EditingTrace([UInt8](Data(contentsOf: file)))
    }

    /// The FNV-1a digest with 64 bits.
    ///
    /// Source: draft-eastlake-fnv-17.
    private static func digest(_ bytes: some Sequence<UInt8>) -> UInt64 {
        bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }
}
