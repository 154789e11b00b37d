import MeshCore
import Testing

@testable import MeshCRDT

@Suite("Delete sets")
struct DeleteSetTests {
    @Test func `ranges that touch or overlap become one`() {
        var set = DeleteSet()
        for (clock, length) in [(10, 2), (4, 3), (12, 1), (0, 1), (6, 5), (30, 0)] as [(Clock, UInt32)] {
            set.insert(IDRange(client: 7, clock: clock, length: length))
        }
        #expect(set.ranges(of: 7) == [ClockRange(clock: 0, length: 1), ClockRange(clock: 4, length: 9)])
        #expect(set.contains(ID(client: 7, clock: 12)))
        #expect(!set.contains(ID(client: 7, clock: 13)))
        #expect(!set.contains(ID(client: 7, clock: 3)))
        #expect(!set.contains(ID(client: 8, clock: 4)))
    }

    /// Bytes: Yjs 13.6.31, `writeDeleteSet` of the same ranges.
    @Test func `both formats have the bytes of Yjs`() throws {
        let set = DeleteSet([
            IDRange(client: 3, clock: 300, length: 2), IDRange(client: 200, clock: 5, length: 1),
            IDRange(client: 3, clock: 1, length: 128),
        ])
        let v1: [UInt8] = [2, 200, 1, 1, 5, 1, 3, 2, 1, 128, 1, 172, 2, 2]
        let v2: [UInt8] = [2, 200, 1, 1, 5, 0, 3, 2, 1, 127, 171, 1, 1]
        #expect(set.encoded(.v1) == v1)
        #expect(set.encoded(.v2) == v2)
        #expect(try DeleteSet(decoding: v1) == set)
        #expect(try DeleteSet(decoding: v2, format: .v2) == set)
    }

    @Test func `deletions in any order give the same set`() {
        var generator = SeededGenerator(seed: 41)
        for _ in 0..<200 {
            let deletions = (0..<Int.random(in: 0...30, using: &generator)).map { _ in
                IDRange(
                    client: ClientID.random(in: 1...3, using: &generator),
                    clock: Clock.random(in: 0...60, using: &generator),
                    length: UInt32.random(in: 0...6, using: &generator))
            }
            var one = DeleteSet()
            for deletion in deletions { one.insert(deletion) }
            var halves = DeleteSet(Array(deletions.prefix(deletions.count / 2)))
            halves.formUnion(DeleteSet(Array(deletions.dropFirst(deletions.count / 2))))
            #expect(DeleteSet(deletions.shuffled(using: &generator)) == one)
            #expect(halves == one)
            for client in 1...3 as ClosedRange<ClientID> {
                for clock in 0...70 as ClosedRange<Clock> {
                    let isDeleted = deletions.contains { $0.client == client && $0.clocks.contains(clock) }
                    #expect(one.contains(ID(client: client, clock: clock)) == isDeleted)
                }
            }
        }
    }

    @Test func `empty deletions, clocks beyond 32 bits and false counts are refused`() {
        #expect(throws: UpdateError.malformed(.emptyStruct, offset: 3)) {
            try DeleteSet(decoding: [1, 5, 1, 0, 0])
        }
        #expect(throws: UpdateError.malformed(.clock, offset: 3)) {
            try DeleteSet(decoding: [1, 5, 1, 0xff, 0xff, 0xff, 0xff, 0x0f, 1])
        }
        #expect(throws: UpdateError.truncated(offset: 0)) {
            try DeleteSet(decoding: [0xff, 0xff, 0x03, 1, 1])
        }
        #expect(throws: UpdateError.truncated(offset: 2)) { try DeleteSet(decoding: [1, 5, 9, 1, 1]) }
    }
}
