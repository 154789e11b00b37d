import MeshCore
import Testing

struct InstantTests {
    @Test func `time is added and saturates at both ends`() {
        let start = Instant(nanoseconds: 1_000)
        #expect(start + .microseconds(2) == Instant(nanoseconds: 3_000))
        #expect(start + .nanoseconds(-400) == Instant(nanoseconds: 600))
        #expect(start + .seconds(-5) == .zero)
        #expect(Instant.distantFuture + .nanoseconds(1) == .distantFuture)
        #expect(Instant(nanoseconds: .max - 5) + .seconds(1) == .distantFuture)
        #expect(start + .seconds(Int64.max) == Instant(nanoseconds: UInt64(Int64.max) + 1_000))
        #expect(start + .seconds(Int64.min) == .zero)
    }

    @Test func `the time between two points is never negative`() {
        let early = Instant(nanoseconds: 10)
        let late = Instant(nanoseconds: 25)
        #expect(late.duration(since: early) == .nanoseconds(15))
        #expect(early.duration(since: late) == .zero)
        #expect(early < late)
        #expect(Instant.distantFuture.duration(since: .zero) == .nanoseconds(UInt64.max))
    }

    @Test func `a duration is counted in whole nanoseconds and saturates`() {
        #expect(Duration.milliseconds(1500).wholeNanoseconds == 1_500_000_000)
        #expect(Duration.seconds(-1).wholeNanoseconds == -1_000_000_000)
        #expect(Duration.seconds(Int64.max).wholeNanoseconds == .max)
        #expect(Duration.seconds(Int64.min).wholeNanoseconds == .min)
        #expect(Duration.microseconds(1500).milliseconds == 1.5)
    }

    @Test func `civil time saturates`() {
        #expect(UnixTime(seconds: 5).adding(seconds: 3) == UnixTime(seconds: 8))
        #expect(UnixTime(seconds: .max).adding(seconds: 1) == UnixTime(seconds: .max))
        #expect(UnixTime(seconds: 1) < UnixTime(seconds: 2))
    }
}
