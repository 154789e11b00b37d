import MeshCore

/// The session's pings: one at a time, to see whether the peer lives and how far it is.
///
/// | state | input | next |
/// |---|---|---|
/// | idle | deadline, or a measurement is wanted | waiting, ping sent |
/// | waiting | answer with the value of the ping | idle, round trip known |
/// | waiting | deadline, something arrived since the last look | waiting, deadline moved |
/// | waiting | deadline, nothing arrived | the peer is dead |
///
/// Deviation from go-yamux: any arriving byte is a sign of life, because an answer may stand behind megabytes
/// of data on a slow path.
struct YamuxKeepalive: Sendable {
    private enum State: Sendable {
        case idle(nextPing: Instant)
        case waiting(value: UInt32, sentAt: Instant, deadline: Instant)
    }

    /// What a deadline asks for.
    enum Action: Sendable {
        case none
        case sendPing(UInt32)
        case peerIsDead
    }

    private let interval: Duration?
    private let timeout: Duration
    private var state: State
    private var lastArrival: Instant
    private var nextValue: UInt32 = 0
    /// The last measured round trip.
    private(set) var roundTrip: Duration?

    init(interval: Duration?, timeout: Duration, now: Instant) {
        self.interval = interval
        self.timeout = timeout
        lastArrival = now
        state = .idle(nextPing: interval.map { now + $0 } ?? .distantFuture)
    }

    /// When ``handleDeadline(now:)`` is wanted.
    var nextDeadline: Instant? {
        switch state {
        case .idle(let nextPing): nextPing == .distantFuture ? nil : nextPing
        case .waiting(_, _, let deadline): deadline
        }
    }

    /// Notes that bytes arrived.
    mutating func noteArrival(now: Instant) {
        lastArrival = now
    }

    /// Starts a ping when none is under way and the round trip is not known; returns its value.
    mutating func measureIfUnknown(now: Instant) -> UInt32? {
        guard roundTrip == nil, case .idle = state else { return nil }
        return startPing(now: now)
    }

    /// Sends, waits on or gives up, as the table says.
    mutating func handleDeadline(now: Instant) -> Action {
        switch state {
        case .idle(let nextPing):
            return nextPing <= now ? .sendPing(startPing(now: now)) : .none
        case .waiting(let value, let sentAt, let deadline):
            guard deadline <= now else { return .none }
            let extended = lastArrival + timeout
            guard extended > now else { return .peerIsDead }
            state = .waiting(value: value, sentAt: sentAt, deadline: extended)
            return .none
        }
    }

    /// Takes the answer `value`; returns the round trip, or nil when nothing like it was asked.
    mutating func handleAnswer(_ value: UInt32, now: Instant) -> Duration? {
        guard case .waiting(let expected, let sentAt, _) = state, expected == value else { return nil }
        let measured = now.duration(since: sentAt)
        roundTrip = measured
        state = .idle(nextPing: interval.map { now + $0 } ?? .distantFuture)
        return measured
    }

    private mutating func startPing(now: Instant) -> UInt32 {
        let value = nextValue
        nextValue &+= 1
        state = .waiting(value: value, sentAt: now, deadline: now + timeout)
        return value
    }
}
