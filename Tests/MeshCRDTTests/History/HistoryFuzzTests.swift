import Foundation
import MeshCore
import Testing

@testable import MeshCRDT

@Suite("Hostile history bytes")
struct HistoryFuzzTests {
    /// Seeds with a few bytes changed, cut off or put in.
    private func mutate(_ bytes: [UInt8], using rng: inout SeededGenerator) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &rng) {
            let place = Int.random(in: 0...bytes.count, using: &rng)
            switch Int.random(in: 0..<4, using: &rng) {
            case 0: bytes.insert(UInt8.random(in: 0...255, using: &rng), at: place)
            case 1 where place < bytes.count: bytes.remove(at: place)
            case 2 where place < bytes.count:
                bytes[place] = [0, 1, 0x7f, 0x80, 0xff].randomElement(using: &rng) ?? 0
            default: bytes.removeLast(bytes.count - place)
            }
        }
        return bytes
    }

    @Test func `damaged positions, snapshots and floors are read or refused`() throws {
        let vectors = try HistoryVectors.shared.get()
        var options = DocumentOptions()
        options.collectsGarbage = false
        let document = Document(clientID: 1_000, options: options)
        for update in vectors.snapshots[0].updates { try document.apply(Array(update)) }
        var rng = SeededGenerator(seed: 1)
        let floor = SyncFloor(epoch: 3, stateVector: document.stateVector, pruned: document.deleteSet)
        var read = 0
        for round in 0..<4_000 {
            let place = vectors.positions[round % 6].list[round % 24].bytes
            if let position = try? RelativePosition(decoding: mutate(Array(place), using: &rng)) {
                _ = document.absolutePosition(of: position)
                _ = position.encoded()
                read += 1
            }
            let mark = vectors.snapshots[0].marks[round % 5]
            let format: UpdateFormat = round % 2 == 0 ? .v1 : .v2
            let bytes = mutate(Array(format == .v1 ? mark.v1 : mark.v2), using: &rng)
            if let snapshot = try? Snapshot(decoding: bytes, format: format) {
                _ = try? Document(restoring: snapshot, from: document, clientID: 5)
                _ = document.array("array").values(at: snapshot)
                _ = document.map("map").entries(at: snapshot)
                read += 1
            }
            if let floor = try? SyncFloor(decoding: mutate(floor.encoded(), using: &rng)) {
                _ = floor.verdict(epoch: 3, stateVector: document.stateVector)
                let update = mutate(Array(vectors.snapshots[0].updates[round % 20]), using: &rng)
                _ = try? document.staleChange(in: update, floor: floor)
                read += 1
            }
        }
        #expect(read > 1_000)
        #expect(document.pendingByteCount == 0)
    }

    @Test func `undo goes on after any remote update`() throws {
        let vectors = try HistoryVectors.shared.get()
        for (seed, session) in vectors.undo.enumerated() {
            var rng = SeededGenerator(seed: UInt64(seed))
            let document = Document.forVectors(77, collectsGarbage: session.gc)
            var options = UndoOptions()
            options.captureTimeout = .zero
            options.trackedOrigins = [nil, "remote"]
            let manager = UndoManager(document, options: options) { .zero }
            for step in session.log {
                let update: Data
                switch step.action {
                case .edit(_, let data, _): update = data
                case .call(_, let data, _): update = data
                case .receive: continue
                }
                if !update.isEmpty { try document.apply(Array(update), origin: "remote") }
                switch Int.random(in: 0..<3, using: &rng) {
                case 0: manager.undo()
                case 1: manager.redo()
                default: break
                }
            }
            try document.checkInvariants()
            let copy = Document.forVectors(78)
            try copy.apply(document.encodeStateAsUpdate())
            #expect(copy.toJSON().isDeeplyEqual(to: document.toJSON()), "session \(session.seed)")
        }
    }
}
