import MeshCore
import Testing

@testable import MeshDirectory

struct RetryScheduleTests {
    @Test func `a key is given out once until its result is reported`() {
        var schedule = RetrySchedule<Int>()
        schedule.add(1, at: .seconds(5))
        #expect(schedule.popDue(now: .seconds(4)) == nil)
        #expect(schedule.popDue(now: .seconds(5)) == 1)
        #expect(schedule.popDue(now: .seconds(100)) == nil)
        #expect(schedule.isUnderWay(1))
        schedule.succeeded(1, next: .seconds(60))
        #expect(schedule.nextDeadline == .seconds(60))
        #expect(!schedule.isUnderWay(1))
    }

    @Test func `waits double from 5 seconds to 5 minutes, with up to a quarter more`() throws {
        var generator = SeededGenerator(seed: 51)
        var schedule = RetrySchedule<Int>()
        schedule.add(1, at: .zero)
        for expected in [5, 10, 20, 40, 80, 160, 300, 300, 300] {
            _ = schedule.popDue(now: .distantFuture)
            let wait = try #require(schedule.failed(1, now: .zero, using: &generator))
            #expect(wait >= .seconds(expected) && wait <= .seconds(expected) * 1.25)
            #expect(schedule.nextDeadline == Instant.zero + wait)
        }
        schedule.succeeded(1, next: .zero)
        let wait = try #require(schedule.failed(1, now: .zero, using: &generator))
        #expect(wait < .seconds(7))
    }

    @Test func `many failures in a row overflow nothing`() {
        var generator = SeededGenerator(seed: 52)
        var schedule = RetrySchedule<Int>()
        schedule.add(1, at: .zero)
        for _ in 0..<1_000 { _ = schedule.failed(1, now: .distantFuture, using: &generator) }
        #expect(schedule.nextDeadline == .distantFuture)
    }

    @Test func `results of a key that was removed are ignored`() {
        var generator = SeededGenerator(seed: 53)
        var schedule = RetrySchedule<Int>()
        schedule.add(1, at: .zero)
        _ = schedule.popDue(now: .zero)
        schedule.remove(1)
        schedule.succeeded(1, next: .zero)
        schedule.retry(1, at: .zero)
        #expect(schedule.failed(1, now: .zero, using: &generator) == nil)
        #expect(schedule.nextDeadline == nil)
    }
}
