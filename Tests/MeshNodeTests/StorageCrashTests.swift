import Glibc
import MeshCore
import MeshNode
import Testing

/// What a process that ends without warning leaves.
@Suite(.timeLimit(.minutes(2))) struct StorageCrashTests {
    @Test(arguments: [UInt64](1...3))
    func `after kill -9 every acknowledged record is there`(_ seed: UInt64) async throws {
        let folder = try ScratchFolder()
        var rng = SeededGenerator(seed: seed)
        var acknowledged: Set<Int> = []
        for round in 0..<5 {
            let child = try StorageChildProcess(["put", folder("db"), "\(round * 1_000_000)"])
            var rest = Int.random(in: 1...400, using: &rng)
            while let line = child.line() {
                acknowledged.insert(try #require(Int(line), "seed \(seed), round \(round): \(line)"))
                rest -= 1
                if rest == 0 { child.kill() }
            }
            // What was on its way when it died was acknowledged as well.
            #expect(child.wait() & 0x7f == SIGKILL, "seed \(seed)")

            let storage = try await SQLiteStorage.open(folder("db"))
            let state = try await storage.load()
            #expect(state.damage == nil, "seed \(seed), round \(round)")
            let found = Dictionary(uniqueKeysWithValues: state.records.map { ($0.receivedAt.seconds, $0) })
            for number in acknowledged {
                let row = found[UInt64(number)]
                #expect(row?.key == [UInt8]("record \(number)".utf8), "seed \(seed), round \(round)")
                #expect(row?.value == .init(repeating: UInt8(truncatingIfNeeded: number), count: 200))
            }
            await storage.close()
        }
        #expect(acknowledged.count >= 5)
    }

    @Test func `a file at its size limit fails the commit, and later ones work`() async throws {
        let folder = try ScratchFolder()
        let child = try StorageChildProcess(["limit", folder("db"), "1000000"])
        let failed = try #require(child.line())
        let written = try #require(child.line())
        #expect(child.line() == nil)
        #expect(child.wait() == 0)
        let words = failed.split(separator: " ", maxSplits: 3)
        #expect(words.prefix(1) + words.dropFirst(2).prefix(1) == ["failed", "storage"], "\(failed)")
        let count = try #require(Int(words[1]))
        #expect(count > 10)
        #expect(written == "written \(count)")

        let storage = try await SQLiteStorage.open(folder("db"))
        #expect(try await storage.load().records.count == count + 1)
        await storage.close()
    }
}
