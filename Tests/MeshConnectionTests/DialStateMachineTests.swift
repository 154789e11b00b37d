import MeshCore
import MeshMultiformats
import Testing

@testable import MeshConnection

@Suite struct DialStateMachineTests {
    let start = Instant(nanoseconds: 1_000_000_000)

    /// Public IPv4 addresses, 250 ms apart.
    static func ranked(_ count: Int) throws -> [RankedAddress] {
        AddressRanker().rank(try (1...count).map { try Multiaddr("/ip4/1.2.3.4/tcp/\($0)") })
    }

    static func result(_ effects: [DialEffect]) throws -> DialResult {
        guard case .finished(let result) = try #require(effects.last) else {
            throw DialFailure.closed
        }
        return result
    }

    @Test func `attempts start one after the other until one connects`() throws {
        var dial = DialStateMachine()
        let addresses = try Self.ranked(4)
        var effects: [DialEffect] = []
        dial.start(addresses, peer: nil, backoff: nil, now: start, into: &effects)
        #expect(effects == [.attempt(0, addresses[0].address)])
        #expect(dial.nextDeadline == start + .milliseconds(250))
        dial.handleDeadline(now: start + .milliseconds(249), into: &effects)
        #expect(effects.count == 1)
        dial.handleDeadline(now: start + .milliseconds(250), into: &effects)
        dial.handleDeadline(now: start + .milliseconds(500), into: &effects)
        #expect(effects.suffix(2) == [.attempt(1, addresses[1].address), .attempt(2, addresses[2].address)])
        effects = []
        dial.attemptSucceeded(1, now: start + .milliseconds(600), into: &effects)
        #expect(effects.dropLast() == [.cancel(0), .cancel(2)])
        let result = try Self.result(effects)
        #expect(result.winner == 1)
        #expect(result.duration == .milliseconds(600))
        #expect(result.attempts.map(\.outcome) == [.cancelled, .connected, .cancelled, .notTried])
        #expect(
            result.attempts.map(\.duration) == [
                .milliseconds(600), .milliseconds(350), .milliseconds(100), nil,
            ])
        #expect(result.attempts[1].startedAfter == .milliseconds(250))
        #expect(dial.nextDeadline == nil)
    }

    @Test func `a failure starts the next attempt at once and the result names every cause`() throws {
        var dial = DialStateMachine()
        let addresses = try Self.ranked(3)
        var effects: [DialEffect] = []
        dial.start(addresses, peer: nil, backoff: nil, now: start, into: &effects)
        let failures: [DialFailure] = [
            .connection(code: 111, reason: "connection refused"), .handshake(reason: "bad Noise message"),
            .wrongPeer(expected: DialRankingTests.ids[0], actual: DialRankingTests.ids[1]),
        ]
        for (index, failure) in failures.enumerated() {
            #expect(effects.last == .attempt(index, addresses[index].address))
            dial.attemptFailed(index, failure, now: start + .milliseconds(index + 1), into: &effects)
        }
        let result = try Self.result(effects)
        #expect(!result.isConnected)
        #expect(result.attempts.map(\.outcome) == failures.map { .failed($0) })
        #expect(result.attempts.map(\.duration) == [.milliseconds(1), .milliseconds(1), .milliseconds(1)])
        #expect(result.attempts.map(\.address) == addresses.map(\.address))
    }

    @Test func `a failure starts the next attempt although others still run`() throws {
        var dial = DialStateMachine()
        let addresses = try Self.ranked(4)
        var effects: [DialEffect] = []
        dial.start(addresses, peer: nil, backoff: nil, now: start, into: &effects)
        dial.handleDeadline(now: start + .milliseconds(250), into: &effects)
        dial.attemptFailed(0, .closed, now: start + .milliseconds(300), into: &effects)
        #expect(effects.last == .attempt(2, addresses[2].address))
        #expect(dial.nextDeadline == start + .milliseconds(550))
    }

    @Test func `an attempt is given up after its timeout`() throws {
        var dial = DialStateMachine()
        var effects: [DialEffect] = []
        dial.start(try Self.ranked(1), peer: nil, backoff: nil, now: start, into: &effects)
        #expect(dial.nextDeadline == start + .seconds(15))
        dial.handleDeadline(now: start + .seconds(15), into: &effects)
        #expect(effects[1] == .cancel(0))
        let result = try Self.result(effects)
        #expect(result.attempts.map(\.outcome) == [.failed(.timedOut(after: .seconds(15)))])
        effects = []
        dial.attemptSucceeded(0, now: start + .seconds(16), into: &effects)
        dial.attemptFailed(0, .closed, now: start + .seconds(16), into: &effects)
        dial.cancel(now: start, into: &effects)
        dial.handleDeadline(now: start + .seconds(99), into: &effects)
        #expect(effects.isEmpty)
    }

    @Test func `a backoff is reported with its rest and a manual dial ignores it`() throws {
        let addresses = try Self.ranked(2)
        let peer = DialRankingTests.ids[0]
        var backoff = DialBackoff()
        backoff.noteFailure(addresses[0].address, of: peer, now: start)
        var automatic = DialStateMachine()
        var effects: [DialEffect] = []
        automatic.start(addresses, peer: peer, backoff: backoff, now: start + .seconds(1), into: &effects)
        #expect(effects == [.attempt(1, addresses[1].address)])
        automatic.attemptFailed(1, .closed, now: start + .seconds(1), into: &effects)
        let result = try Self.result(effects)
        #expect(result.attempts.map(\.outcome) == [.backingOff(retryIn: .seconds(4)), .failed(.closed)])
        #expect(result.attempts[0].duration == nil)
        var manual = DialStateMachine()
        effects = []
        manual.start(addresses, peer: peer, backoff: nil, now: start + .seconds(1), into: &effects)
        #expect(effects == [.attempt(0, addresses[0].address)])
    }

    @Test func `addresses beyond the limits wait or are left out`() throws {
        var configuration = DialConfiguration()
        configuration.maximumConcurrentAttempts = 2
        configuration.maximumAddresses = 3
        var dial = DialStateMachine(configuration: configuration)
        let addresses = try Self.ranked(4)
        var effects: [DialEffect] = []
        dial.start(addresses, peer: nil, backoff: nil, now: start, into: &effects)
        dial.handleDeadline(now: start + .seconds(1), into: &effects)
        dial.handleDeadline(now: start + .seconds(2), into: &effects)
        #expect(effects == [.attempt(0, addresses[0].address), .attempt(1, addresses[1].address)])
        #expect(dial.nextDeadline == start + .seconds(15))
        dial.attemptFailed(0, .closed, now: start + .seconds(3), into: &effects)
        #expect(effects.last == .attempt(2, addresses[2].address))
        dial.cancel(now: start + .seconds(4), into: &effects)
        let result = try Self.result(effects)
        #expect(
            result.attempts.map(\.outcome) == [.failed(.closed), .cancelled, .cancelled, .leftOut(limit: 3)])
    }

    @Test func `nothing to dial ends at once`() throws {
        var dial = DialStateMachine()
        var effects: [DialEffect] = []
        dial.start([], peer: nil, backoff: nil, now: start, into: &effects)
        #expect(try Self.result(effects) == DialResult(attempts: [], winner: nil, duration: .zero))
        #expect(dial.isFinished)
    }

    @Test func `every dial ends with one outcome for each address, whatever happens`() throws {
        for seed in 0..<300 as Range<UInt64> {
            var generator = SeededGenerator(seed: seed)
            var dial = DialStateMachine()
            let count = Int.random(in: 1...12, using: &generator)
            var effects: [DialEffect] = []
            var now = start
            dial.start(try Self.ranked(count), peer: nil, backoff: nil, now: now, into: &effects)
            while let deadline = dial.nextDeadline {
                let index = Int.random(in: -1...count, using: &generator)
                switch Int.random(in: 0..<20, using: &generator) {
                case 0: dial.attemptSucceeded(index, now: now, into: &effects)
                case 1...8: dial.attemptFailed(index, .closed, now: now, into: &effects)
                case 9: now = now + .milliseconds(10)
                default:
                    now = max(now, deadline)
                    dial.handleDeadline(now: now, into: &effects)
                }
            }
            let finished = effects.filter { if case .finished = $0 { true } else { false } }
            #expect(finished.count == 1, "seed \(seed)")
            let result = try Self.result(effects)
            #expect(result.attempts.count == count, "seed \(seed)")
            let started = effects.filter { if case .attempt = $0 { true } else { false } }.count
            #expect(result.attempts.filter { $0.startedAfter != nil }.count == started, "seed \(seed)")
            #expect(
                (result.winner == nil) == !result.attempts.contains { $0.outcome == .connected },
                "seed \(seed)")
        }
    }
}
