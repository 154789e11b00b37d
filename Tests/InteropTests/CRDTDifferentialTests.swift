import Foundation
import MeshCRDT
import Testing

extension InteropTests {
    /// Sessions between our documents and pycrdt's (yrs).
    ///
    /// `MESHP2P_CRDT_SEED` runs one seed, `MESHP2P_CRDT_SEEDS` so many of them.
    @Suite struct CRDTDifferentialTests {
        /// Seeds that failed once.
        static let failedOnce: [UInt64] = [1112]

        @Test func `random sessions with pycrdt end in equal documents and state vectors`() async throws {
            let seeds = CRDTDifferentialTests.seeds
            try await Stage.run { stage in
                // One half for each core of a small machine.
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for half in 0..<2 {
                        let share = seeds.enumerated().filter { $0.offset % 2 == half }.map(\.element)
                        let folder = stage.folder
                        group.addTask {
                            let foreign = try CRDTForeignDocuments(folder: folder, number: half)
                            defer { foreign.end() }
                            for seed in share { try CRDTDifferentialTests.run(seed, foreign) }
                        }
                    }
                    try await group.waitForAll()
                }
            }
        }

        private static var seeds: [UInt64] {
            let environment = ProcessInfo.processInfo.environment
            if let seed = environment["MESHP2P_CRDT_SEED"].flatMap(UInt64.init) { return [seed] }
            let count = environment["MESHP2P_CRDT_SEEDS"].flatMap(UInt64.init) ?? 2_000
            return failedOnce + Array(1...count)
        }

        private static func run(_ seed: UInt64, _ foreign: CRDTForeignDocuments) throws {
            do {
                try CRDTMixedSession(seed: seed, foreign: foreign).run(rounds: 5)
            } catch {
                throw WaitError(description: "seed \(seed): \(error)")
            }
        }
    }
}
