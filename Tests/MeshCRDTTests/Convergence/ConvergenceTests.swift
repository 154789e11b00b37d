import Foundation
import MeshCRDT
import MeshCore
import Testing

/// Random sessions of several documents that must end equal, whatever the network did.
///
/// `MESHP2P_CRDT_SEED` runs one seed, `MESHP2P_CRDT_SEEDS` so many of them.
@Suite struct ConvergenceTests {
    /// Seeds that failed once.
    static let failedOnce: [UInt64] = [29, 70]

    static let seeds: [UInt64] = {
        let environment = ProcessInfo.processInfo.environment
        if let seed = environment["MESHP2P_CRDT_SEED"].flatMap(UInt64.init) { return [seed] }
        let count = environment["MESHP2P_CRDT_SEEDS"].flatMap(UInt64.init) ?? 200
        return failedOnce + Array(1...count)
    }()

    @Test func `random sessions end in the same document everywhere`() throws {
        for seed in ConvergenceTests.seeds {
            do {
                try ConvergenceTests.converge(seed)
            } catch {
                Issue.record("seed \(seed): \(error)")
                return
            }
        }
    }

    @Test func `any permutation, repetition, merging and format of the updates gives the same document`()
        throws
    {
        for seed in ConvergenceTests.seeds {
            do {
                try ConvergenceTests.permute(seed)
            } catch {
                Issue.record("seed \(seed): \(error)")
                return
            }
        }
    }

    private static func converge(_ seed: UInt64) throws {
        let mesh = SimulatedMesh(seed: seed)
        try mesh.run(steps: 60)
        try mesh.resynchronise()
        let first = mesh.sites[0]
        for site in mesh.sites {
            try expectEqual(site.content, first.content, "content")
            try expectEqual(site.document.stateVector, first.document.stateVector, "state vectors")
            try expectEqual(site.document.deleteSet, first.document.deleteSet, "delete sets")
            try expectEqual(site.document.pendingByteCount, 0, "pending bytes")
            for format in UpdateFormat.allCases {
                let copy = Document(clientID: 5)
                try copy.apply(site.document.encodeStateAsUpdate(format), format: format)
                try copy.checkInvariants()
                let content = CanonicalContent.text(of: copy, roots: SimulatedMesh.roots)
                try expectEqual(content, first.content, "a loaded copy's content")
                try expectEqual(copy.stateVector, first.document.stateVector, "a loaded copy's state vector")
            }
        }
    }

    private static func permute(_ seed: UInt64) throws {
        let mesh = SimulatedMesh(seed: seed)
        try mesh.run(steps: 40)
        try mesh.resynchronise()
        let reference = mesh.sites[0]
        var rng = SeededGenerator(seed: seed ^ 0xFEED)
        for _ in 0..<3 {
            let observer = Document(clientID: 6)
            var ownCount = 0
            let subscription = observer.onUpdate(.v1) { event in
                if event.origin != AnyHashable("remote") { ownCount += 1 }
            }
            defer { subscription.cancel() }
            let repeated = mesh.packets.filter { _ in Int.random(in: 0..<5, using: &rng) == 0 }
            try SimulatedMesh.apply(
                (mesh.packets + repeated).shuffled(using: &rng), to: observer, using: &rng)
            try observer.checkInvariants()
            try expectEqual(observer.pendingByteCount, 0, "pending bytes")
            try expectEqual(observer.stateVector, reference.document.stateVector, "state vectors")
            // Clean-up in a state that no client was in removes formatting of its own: then the others need it too.
            let other = Document(clientID: 7)
            try other.apply(reference.document.encodeStateAsUpdate())
            if ownCount > 0 { try other.apply(observer.encodeStateAsUpdate(), origin: "remote") }
            try expectEqual(
                CanonicalContent.text(of: observer, roots: SimulatedMesh.roots),
                CanonicalContent.text(of: other, roots: SimulatedMesh.roots), "content")
            try expectEqual(observer.deleteSet, other.deleteSet, "delete sets")
        }
    }

    private static func expectEqual<Value: Equatable>(_ left: Value, _ right: Value, _ what: String) throws {
        guard left != right else { return }
        let texts = [left, right].map { value in
            (value as? [UInt8]).map { String(decoding: $0, as: UTF8.self) } ?? "\(value)"
        }
        throw Difference(text: "\(what) differ\n\(texts[0])\n\(texts[1])")
    }
}

/// Two documents that should be equal.
struct Difference: Error, CustomStringConvertible {
    let text: String
    var description: String { text }
}
