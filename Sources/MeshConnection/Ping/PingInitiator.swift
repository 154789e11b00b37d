import MeshCore

/// Our side of a ping stream: sends 32 random bytes, awaits the same, and measures; one ping at a time.
public struct PingInitiator: Sendable {
    private enum State: Sendable {
        case idle
        /// `echoed` bytes of the answer have come and were right.
        case waiting(sentAt: Instant, echoed: Int)
    }

    private var state = State.idle
    private var payload: [UInt8] = []

    /// Creates the side of a stream without a ping under way.
    public init() {}

    /// When the ping under way has failed, nil while there is none.
    public var deadline: Instant? {
        switch state {
        case .idle: nil
        case .waiting(let sentAt, _): sentAt + PingConfiguration.timeout
        }
    }

    /// Starts a ping: appends its bytes to `output`; does nothing while one is under way.
    public mutating func start(
        now: Instant, using rng: inout some RandomNumberGenerator, into output: inout [UInt8]
    ) {
        guard case .idle = state else { return }
        payload.removeAll(keepingCapacity: true)
        payload.appendRandom(PingConfiguration.byteCount, using: &rng)
        output.append(contentsOf: payload)
        state = .waiting(sentAt: now, echoed: 0)
    }

    /// Takes bytes of the peer; returns the round trip when they complete the answer.
    public mutating func receive(_ bytes: RawSpan, now: Instant) throws(PingError) -> Duration? {
        guard bytes.byteCount > 0 else { return nil }
        guard case .waiting(let sentAt, let echoed) = state else {
            throw .unexpectedBytes(count: bytes.byteCount)
        }
        guard bytes.byteCount <= payload.count - echoed else {
            throw .unexpectedBytes(count: bytes.byteCount - (payload.count - echoed))
        }
        for index in 0..<bytes.byteCount where bytes.byte(at: index) != payload[echoed + index] {
            throw .wrongEcho
        }
        let total = echoed + bytes.byteCount
        guard total == payload.count else {
            state = .waiting(sentAt: sentAt, echoed: total)
            return nil
        }
        state = .idle
        return now.duration(since: sentAt)
    }

    /// Notes that the peer ended the stream; throws when a ping was under way.
    public func receiveEnd() throws(PingError) {
        if case .waiting = state { throw .ended }
    }
}
