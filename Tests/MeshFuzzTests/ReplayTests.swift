import Foundation
import MeshFuzzTargets
import Testing

/// A short, repeatable run of every fuzz target: the long one is `make fuzz`.
@Suite struct ReplayTests {
    static let names = FuzzTarget.all.map(\.name)

    /// Each target runs in a process of its own: a trap fails its test and no other.
    @Test(arguments: names)
    func `no seed and no mutation of one traps or breaks a promise`(_ name: String) async throws {
        let trace = FileManager.default.temporaryDirectory.appending(path: "meshp2p-fuzz-\(name)-\(getpid())")
        defer { try? FileManager.default.removeItem(at: trace) }
        let result = await #expect(processExitsWith: .success) {
            [name = name as String, path = trace.path as String] in
            try Replay(name).run(trace: path)
        }
        if result == nil {
            let input = (try? Data(contentsOf: trace)) ?? Data()
            Issue.record(
                "\(name), mutator seed \(Replay.mutatorSeed), last input in base64: \(input.base64EncodedString())"
            )
        }
    }

    @Test func `every target has seeds and every folder of seeds a target`() throws {
        let folders = try FileManager.default.contentsOfDirectory(atPath: Replay.corpus.path)
        #expect(folders.sorted() == ReplayTests.names.sorted())
        for name in ReplayTests.names {
            #expect(try Replay(name).seeds.count >= 4, "\(name)")
        }
    }

    @Test func `the mutator makes the same inputs of the same seed`() {
        let input = Array("an input to change".utf8)
        var first = Mutator(seed: 1, corpus: [input])
        var second = Mutator(seed: 1, corpus: [input])
        var other = Mutator(seed: 2, corpus: [input])
        let made = (0..<20).map { _ in first.mutate(input) }
        #expect(made == (0..<20).map { _ in second.mutate(input) })
        #expect(made != (0..<20).map { _ in other.mutate(input) })
        #expect(Set(made).count > 10)
    }
}
