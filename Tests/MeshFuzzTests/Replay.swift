import Foundation
import MeshFuzzTargets

/// The seeds of one target, and the inputs made of them.
struct Replay {
    /// Inputs made of each seed.
    static let mutationsPerSeed = 40
    static let mutatorSeed: UInt64 = 20_261_121

    let target: FuzzTarget
    let seeds: [[UInt8]]

    init(_ name: String) throws {
        guard let target = FuzzTarget.all.first(where: { $0.name == name }) else {
            throw ReplayError(description: "no fuzz target \(name)")
        }
        self.target = target
        let folder = Replay.corpus.appending(path: name)
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        seeds = try files.map { try Array(Data(contentsOf: folder.appending(path: $0))) }
    }

    /// Runs everything; `trace` holds the last input, for when the process does not live to tell.
    func run(trace: String) throws {
        var mutator = Mutator(seed: Replay.mutatorSeed, corpus: seeds)
        for seed in seeds {
            try run(seed, trace)
            for _ in 0..<Replay.mutationsPerSeed { try run(mutator.mutate(seed), trace) }
        }
    }

    private func run(_ input: [UInt8], _ trace: String) throws {
        try Data(input).write(to: URL(filePath: trace))
        try target.run(input)
    }

    static let corpus: URL = URL(filePath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Fuzz/corpus")
}

/// A replay that cannot start.
struct ReplayError: Error, CustomStringConvertible {
    let description: String
}
