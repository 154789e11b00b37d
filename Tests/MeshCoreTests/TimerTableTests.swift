import MeshCore
import Testing

struct TimerTableTests {
    private func at(_ nanoseconds: UInt64) -> Instant { Instant(nanoseconds: nanoseconds) }

    @Test func `deadlines expire in their order, equal ones in the order of setting`() {
        var table = TimerTable<String>()
        table.set("late", at: at(30))
        table.set("first", at: at(10))
        table.set("second", at: at(10))
        table.set("middle", at: at(20))
        #expect(table.nextDeadline == at(10))
        #expect(table.popExpired(now: at(9)) == nil)
        var expired: [String] = []
        while let key = table.popExpired(now: at(20)) { expired.append(key) }
        #expect(expired == ["first", "second", "middle"])
        #expect(table.nextDeadline == at(30))
        #expect(table.count == 1)
    }

    @Test func `setting again moves a deadline either way`() {
        var table = TimerTable<Int>()
        table.set(1, at: at(10))
        table.set(2, at: at(20))
        table.set(1, at: at(30))
        #expect(table.nextDeadline == at(20))
        table.set(1, at: at(5))
        #expect(table.nextDeadline == at(5))
        #expect(table.popExpired(now: at(100)) == 1)
        #expect(table.popExpired(now: at(100)) == 2)
        #expect(table.popExpired(now: at(100)) == nil)
    }

    @Test func `a cancelled deadline does not expire`() {
        var table = TimerTable<Int>()
        table.set(1, at: at(10))
        table.set(2, at: at(20))
        table.cancel(1)
        table.cancel(3)
        #expect(!table.contains(1))
        #expect(table.contains(2))
        #expect(table.nextDeadline == at(20))
        table.cancel(2)
        #expect(table.nextDeadline == nil)
        #expect(table.count == 0)
    }

    @Test(arguments: 0..<16 as Range<UInt64>)
    func `the table behaves like a sorted list`(seed: UInt64) {
        var rng = SeededGenerator(seed: seed)
        var table = TimerTable<Int>()
        var model: [(key: Int, deadline: UInt64, sequence: Int)] = []
        for sequence in 0..<2000 {
            let key = Int.random(in: 0..<40, using: &rng)
            switch Int.random(in: 0..<4, using: &rng) {
            case 0:
                table.cancel(key)
                model.removeAll { $0.key == key }
            case 1:
                let now = UInt64.random(in: 0..<100, using: &rng)
                model.sort { ($0.deadline, $0.sequence) < ($1.deadline, $1.sequence) }
                let expected = model.first.flatMap { $0.deadline <= now ? $0.key : nil }
                #expect(table.popExpired(now: at(now)) == expected, "seed \(seed)")
                if expected != nil { model.removeFirst() }
            default:
                let deadline = UInt64.random(in: 0..<100, using: &rng)
                table.set(key, at: at(deadline))
                model.removeAll { $0.key == key }
                model.append((key, deadline, sequence))
            }
            #expect(table.count == model.count, "seed \(seed)")
            #expect(table.nextDeadline == model.map(\.deadline).min().map(at), "seed \(seed)")
        }
    }
}
