import MeshCRDT
import Testing

/// Sessions that real Yjs recorded, delivered to us and replayed by us.
@Suite struct SessionTests {
    @Test func `there are sessions`() {
        #expect(DocumentFixtures.sessionNames.count == 65)
    }

    @Test(arguments: DocumentFixtures.sessionNames)
    func `our documents make the recorded calls into the recorded bytes`(_ name: String) throws {
        let log = try SessionLog(name)
        let replay = SessionReplay(log)
        try replay.run()
        for final in log.finals {
            let document = replay.sites[final.client].document
            expect(document, final, log, "client \(final.client)")
            #expect(document.stateVector.encoded() == final.stateVectorBytes)
            #expect(document.snapshot.encoded() == final.snapshot)
            // The splits of runs are those of Yjs too, after the same calls and receipts.
            #expect(base64(document.encodeStateAsUpdate(.v1)) == base64(final.v1), "v1")
            #expect(base64(document.encodeStateAsUpdate(.v2)) == base64(final.v2), "v2")
            for (format, recorded) in [(UpdateFormat.v1, final.v1), (.v2, final.v2)] {
                try expectReadable(document.encodeStateAsUpdate(format), format, final, log)
                try expectReadable(recorded, format, final, log)
            }
        }
    }

    @Test(arguments: DocumentFixtures.sessionNames)
    func `the recorded updates lead to the recorded content`(_ name: String) throws {
        let log = try SessionLog(name)
        let final = try #require(log.finals.first)
        for format in UpdateFormat.allCases {
            let updates = log.updates.map { $0.bytes(format) }
            try expect(updates, format, final, log, "in order")
            try expect(updates.reversed(), format, final, log, "reversed")
            try expect(updates + updates, format, final, log, "twice")
            try expect([format == .v1 ? log.mergedV1 : log.mergedV2], format, final, log, "merged by Yjs")
        }
    }

    @Test(arguments: DocumentFixtures.sessionNames)
    func `merging and converting the recorded updates gives the bytes of Yjs`(_ name: String) throws {
        let log = try SessionLog(name)
        #expect(try Updates.merge(log.updates.map(\.v1), format: .v1) == log.mergedV1)
        #expect(try Updates.merge(log.updates.map(\.v2), format: .v2) == log.mergedV2)
        let others = try SessionTests.conversions(name)
        for update in log.updates {
            let other = others[update.number]
            let v2 = try Updates.convert(update.v1, from: .v1, to: .v2)
            let v1 = try Updates.convert(update.v2, from: .v2, to: .v1)
            #expect(base64(v2) == base64(other?.v2 ?? update.v2), "update \(update.number) to v2")
            #expect(base64(v1) == base64(other?.v1 ?? update.v1), "update \(update.number) to v1")
        }
        let final = try #require(log.finals.first)
        #expect(try Updates.stateVector(of: log.mergedV1, format: .v1).encoded() == final.stateVectorBytes)
        #expect(try Updates.stateVector(of: log.mergedV2, format: .v2).encoded() == final.stateVectorBytes)
    }

    private func expect(
        _ updates: [[UInt8]], _ format: UpdateFormat, _ final: SessionLog.Final, _ log: SessionLog,
        _ how: String
    ) throws {
        let document = SessionTests.observer(log)
        for update in updates { try document.apply(update, format: format, origin: "remote") }
        try document.checkInvariants()
        #expect(document.pendingByteCount == 0, "\(log.name) \(how) \(format)")
        expect(document, final, log, "\(how) \(format)")
    }

    private func expect(
        _ document: Document, _ final: SessionLog.Final, _ log: SessionLog, _ what: String
    ) {
        let content = CanonicalContent.text(of: document, roots: log.roots)
        #expect(String(decoding: content, as: UTF8.self) == final.content, "\(log.name), \(what)")
        #expect(ClockTables.text(document.stateVector) == final.stateVector, "\(log.name), \(what)")
        #expect(ClockTables.text(document.deleteSet) == final.deleteSet, "\(log.name), \(what)")
    }

    /// A whole document, ours or Yjs's, loads into a fresh one with the recorded content.
    private func expectReadable(
        _ update: [UInt8], _ format: UpdateFormat, _ final: SessionLog.Final, _ log: SessionLog
    ) throws {
        let document = SessionTests.observer(log)
        try document.apply(update, format: format, origin: "remote")
        try document.checkInvariants()
        expect(document, final, log, "whole document \(format)")
    }

    /// What Yjs makes of the updates that it converts to other bytes than it emits.
    private static func conversions(_ name: String) throws -> [Int: (v2: [UInt8], v1: [UInt8])] {
        let lines = try DocumentFixtures.lines("conversions.jsonl.gz")
        let line = try #require(lines.first { $0["log"]?.string == name })
        var conversions: [Int: (v2: [UInt8], v1: [UInt8])] = [:]
        for entry in line["converted"]?.elements ?? [] {
            conversions[entry[0]?.int ?? -1] = (try entry[1]?.base64() ?? [], try entry[2]?.base64() ?? [])
        }
        return conversions
    }

    /// A client that only listens.
    private static func observer(_ log: SessionLog) -> Document {
        var options = DocumentOptions()
        options.collectsGarbage = log.collectsGarbage
        let document = Document(clientID: 424_242, options: options)
        for name in log.roots.map(\.name) { SessionCalls(document: document).declare(name) }
        return document
    }
}
