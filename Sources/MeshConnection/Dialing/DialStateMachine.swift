import MeshCore
import MeshMultiformats

/// What a dial asks of its driver, in order.
public enum DialEffect: Hashable, Sendable {
    /// Connect to the address and secure the connection; report under the index.
    case attempt(Int, Multiaddr)
    /// Give up the attempt; nothing needs to be reported.
    case cancel(Int)
    /// The dial is over.
    case finished(DialResult)
}

/// Dials one peer over several addresses until one connection is ready.
///
/// | attempt is | input | becomes |
/// |---|---|---|
/// | waiting | its turn: delay over, or a running attempt failed | running, `.attempt` |
/// | running | `attemptSucceeded` | ended(connected); all others end; `.finished` |
/// | running | `attemptFailed` | ended(failed); the next waiting one has its turn |
/// | running | its timeout | ended(timed out), `.cancel`; the next waiting one has its turn |
/// | waiting, running | another succeeds, or `cancel` | ended(notTried), ended(cancelled) with `.cancel` |
/// | ended | anything | ended: late reports change nothing |
///
/// A failure starts the next attempt at once (RFC 8305, section 5). At most `maximumConcurrentAttempts` run.
public struct DialStateMachine: Sendable {
    private enum State: Sendable {
        case waiting
        case running(since: Instant)
        case ended(DialOutcome, startedAt: Instant?, at: Instant)
    }

    private struct Candidate: Sendable {
        var ranked: RankedAddress
        var state = State.waiting
    }

    private let maximumConcurrentAttempts: Int
    private let maximumAddresses: Int
    private var candidates: [Candidate] = []
    private var startedAt = Instant.zero
    /// When the next waiting address has its turn.
    private var nextTurn: Instant?
    private var runningCount = 0
    /// Whether the dial is over.
    public private(set) var isFinished = false

    /// Creates a dial that has not started.
    public init(configuration: DialConfiguration = DialConfiguration()) {
        // With none at all a dial would never end.
        maximumConcurrentAttempts = max(1, configuration.maximumConcurrentAttempts)
        maximumAddresses = configuration.maximumAddresses
    }

    /// Starts with the ranked addresses; those that back off are reported and not tried.
    ///
    /// `backoff` is nil for a dial that a person asked for. A dial may start once.
    public mutating func start(
        _ addresses: [RankedAddress], peer: PeerID?, backoff: DialBackoff?, now: Instant,
        into effects: inout [DialEffect]
    ) {
        guard candidates.isEmpty, !isFinished else { return }
        startedAt = now
        var usedCount = 0
        for ranked in addresses {
            var candidate = Candidate(ranked: ranked)
            if let remaining = backoff?.remaining(ranked.address, of: peer, now: now) {
                candidate.state = .ended(.backingOff(retryIn: remaining), startedAt: nil, at: now)
            } else if usedCount >= maximumAddresses {
                let outcome = DialOutcome.leftOut(limit: maximumAddresses)
                candidate.state = .ended(outcome, startedAt: nil, at: now)
            } else {
                usedCount += 1
            }
            candidates.append(candidate)
        }
        nextTurn = now
        advance(now: now, into: &effects)
    }

    /// When ``handleDeadline(now:into:)`` is wanted.
    public var nextDeadline: Instant? {
        guard !isFinished else { return nil }
        var earliest: Instant?
        func consider(_ deadline: Instant) { earliest = earliest.map { min($0, deadline) } ?? deadline }
        if let nextTurn, runningCount < maximumConcurrentAttempts { consider(nextTurn) }
        for candidate in candidates {
            if case .running(let since) = candidate.state { consider(since + candidate.ranked.timeout) }
        }
        return earliest
    }

    /// Notes that the connection over the attempt is ready.
    public mutating func attemptSucceeded(_ index: Int, now: Instant, into effects: inout [DialEffect]) {
        guard let since = runningSince(index) else { return }
        candidates[index].state = .ended(.connected, startedAt: since, at: now)
        runningCount -= 1
        finish(winner: index, now: now, into: &effects)
    }

    /// Notes that the attempt failed.
    public mutating func attemptFailed(
        _ index: Int, _ failure: DialFailure, now: Instant, into effects: inout [DialEffect]
    ) {
        guard let since = runningSince(index) else { return }
        endRunning(index, failure, since: since, now: now)
        advance(now: now, into: &effects)
    }

    /// Ends attempts that took too long and starts those whose turn it is.
    public mutating func handleDeadline(now: Instant, into effects: inout [DialEffect]) {
        guard !isFinished else { return }
        for index in candidates.indices {
            guard let since = runningSince(index) else { continue }
            let timeout = candidates[index].ranked.timeout
            guard since + timeout <= now else { continue }
            effects.append(.cancel(index))
            endRunning(index, .timedOut(after: timeout), since: since, now: now)
        }
        advance(now: now, into: &effects)
    }

    /// Gives the dial up.
    public mutating func cancel(now: Instant, into effects: inout [DialEffect]) {
        guard !isFinished else { return }
        finish(winner: nil, now: now, into: &effects)
    }

    private func runningSince(_ index: Int) -> Instant? {
        guard !isFinished, candidates.indices.contains(index),
            case .running(let since) = candidates[index].state
        else { return nil }
        return since
    }

    private mutating func endRunning(_ index: Int, _ failure: DialFailure, since: Instant, now: Instant) {
        candidates[index].state = .ended(.failed(failure), startedAt: since, at: now)
        runningCount -= 1
        nextTurn = nextTurn.map { min($0, now) }
    }

    /// Starts what has its turn; ends the dial when nothing waits or runs.
    private mutating func advance(now: Instant, into effects: inout [DialEffect]) {
        while runningCount < maximumConcurrentAttempts, let turn = nextTurn {
            guard let index = nextWaiting else {
                nextTurn = nil
                break
            }
            guard turn <= now else { return }
            candidates[index].state = .running(since: now)
            runningCount += 1
            effects.append(.attempt(index, candidates[index].ranked.address))
            nextTurn = nextWaiting.map { now + candidates[$0].ranked.delay }
        }
        if runningCount == 0, nextWaiting == nil { finish(winner: nil, now: now, into: &effects) }
    }

    private var nextWaiting: Int? {
        candidates.firstIndex { if case .waiting = $0.state { true } else { false } }
    }

    private mutating func finish(winner: Int?, now: Instant, into effects: inout [DialEffect]) {
        isFinished = true
        for index in candidates.indices {
            switch candidates[index].state {
            case .waiting:
                candidates[index].state = .ended(.notTried, startedAt: nil, at: now)
            case .running(let since):
                candidates[index].state = .ended(.cancelled, startedAt: since, at: now)
                effects.append(.cancel(index))
            case .ended:
                break
            }
        }
        runningCount = 0
        nextTurn = nil
        effects.append(.finished(result(winner: winner, now: now)))
    }

    private func result(winner: Int?, now: Instant) -> DialResult {
        let attempts = candidates.map { candidate in
            guard case .ended(let outcome, let started, let ended) = candidate.state else {
                return DialAttempt(address: candidate.ranked.address, outcome: .notTried)
            }
            return DialAttempt(
                address: candidate.ranked.address, outcome: outcome,
                startedAfter: started.map { $0.duration(since: startedAt) },
                duration: started.map { ended.duration(since: $0) })
        }
        return DialResult(attempts: attempts, winner: winner, duration: now.duration(since: startedAt))
    }
}
