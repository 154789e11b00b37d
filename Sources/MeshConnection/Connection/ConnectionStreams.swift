import MeshCore

/// The streams of an open connection: the muxer, and the negotiations on streams that are not agreed yet.
///
/// It appends frames to send to `effects.muxed.frames`; the connection seals them at the end of each call.
struct ConnectionStreams: Sendable {
    var yamux: YamuxSession
    var protocols: [String]
    private let configuration: ConnectionConfiguration
    private var negotiations: [StreamID: StreamNegotiation] = [:]
    private var deadlines = TimerTable<StreamID>()
    /// Streams that were dropped while a batch of muxer events is handled: their later events are void.
    private var dropped: Set<StreamID> = []

    init(
        role: ConnectionRole, protocols: [String], configuration: ConnectionConfiguration, now: Instant
    ) {
        yamux = YamuxSession(role: role, configuration: configuration.yamux, now: now)
        self.protocols = protocols
        self.configuration = configuration
    }

    /// When ``handleDeadline(now:into:)`` is wanted.
    var nextDeadline: Instant? {
        guard let own = deadlines.nextDeadline else { return yamux.nextDeadline }
        return yamux.nextDeadline.map { min($0, own) } ?? own
    }

    /// Whether the peer announced that it accepts no more streams.
    var peerWentAway: Bool {
        if case .peerWentAway = yamux.state { true } else { false }
    }

    /// The bytes of `stream` that were written and not sent.
    func bufferedByteCount(_ stream: StreamID) -> Int {
        if case .waiting(_, let kept) = negotiations[stream] { return kept.bytes.count }
        return yamux.bufferedByteCount(stream)
    }

    /// Takes the plaintext that lies at `range` of the arena.
    mutating func receive(_ range: Range<Int>, now: Instant, into effects: inout ConnectionEffects) {
        guard !range.isEmpty else { return }
        feedMuxer(range, now: now, into: &effects)
        handleEvents(now: now, into: &effects)
    }

    private mutating func feedMuxer(_ range: Range<Int>, now: Instant, into effects: inout ConnectionEffects)
    {
        // A second reference, not a copy; it ends with this call, before the arena grows again.
        let arena = effects.arena
        yamux.receive(
            arena.span.bytes.extracting(range), arenaOffset: range.lowerBound, now: now, into: &effects.muxed)
    }

    /// Opens a stream and sends its first proposal.
    mutating func open(
        _ proposals: [String], now: Instant, into effects: inout ConnectionEffects
    ) throws(ConnectionError) -> StreamID {
        guard !proposals.isEmpty else { throw .noProposals }
        for proposal in proposals where !Multistream.isValid(proposal) {
            throw .badProtocolID(proposal, byteLimit: Multistream.maximumMessageByteCount - 1)
        }
        var dialer = MultistreamDialer(proposals: proposals)
        var proposal: [UInt8] = []
        dialer.start(into: &proposal)
        let stream: StreamID
        do throws(YamuxError) {
            stream = try yamux.open(now: now, into: &effects.muxed)
            try yamux.write(proposal.span.bytes, to: stream, now: now, into: &effects.muxed)
        } catch {
            throw .yamux(error)
        }
        let isLazy = proposals.count == 1
        negotiations[stream] = isLazy ? .lazy(dialer) : .waiting(dialer, kept: .init())
        deadlines.set(stream, at: now + configuration.negotiationTimeout)
        return stream
    }

    /// Sends `bytes` on `stream`, or keeps them while its protocol is being agreed.
    mutating func write(
        _ bytes: RawSpan, to stream: StreamID, now: Instant, into effects: inout ConnectionEffects
    ) throws(ConnectionError) {
        do throws(YamuxError) {
            if !negotiations.isEmpty, try keep(bytes, for: stream) { return }
            try yamux.write(bytes, to: stream, now: now, into: &effects.muxed)
        } catch {
            throw .yamux(error)
        }
    }

    /// Ends our direction of `stream`.
    mutating func finish(_ stream: StreamID, now: Instant, into effects: inout ConnectionEffects) {
        if case .waiting(let dialer, var kept) = negotiations[stream] {
            kept.isFinished = true
            negotiations[stream] = .waiting(dialer, kept: kept)
            return
        }
        yamux.finish(stream, now: now, into: &effects.muxed)
        handleEvents(now: now, into: &effects)
    }

    /// Ends both directions of `stream`.
    mutating func reset(
        _ stream: StreamID, code: UInt32, now: Instant, into effects: inout ConnectionEffects
    ) {
        forgetNegotiation(stream)
        yamux.reset(stream, code: code, now: now, into: &effects.muxed)
        handleEvents(now: now, into: &effects)
    }

    /// Notes that the driver took `byteCount` bytes of `stream`.
    mutating func consumed(
        _ byteCount: Int, from stream: StreamID, now: Instant, into effects: inout ConnectionEffects
    ) {
        yamux.consumed(byteCount, from: stream, now: now, into: &effects.muxed)
    }

    /// Ends all streams.
    mutating func close(code: UInt32, now: Instant, into effects: inout ConnectionEffects) {
        yamux.close(code: code, now: now, into: &effects.muxed)
        handleEvents(now: now, into: &effects)
    }

    /// Drops the streams whose negotiation took too long, and lets the muxer do what is due.
    mutating func handleDeadline(now: Instant, into effects: inout ConnectionEffects) {
        while let stream = deadlines.popExpired(now: now) {
            drop(stream, now: now, into: &effects)
        }
        dropped.removeAll()
        guard let deadline = yamux.nextDeadline, deadline <= now else { return }
        yamux.handleDeadline(now: now, into: &effects.muxed)
        handleEvents(now: now, into: &effects)
    }

    /// Whether `bytes` were kept because the protocol of `stream` is not agreed yet.
    private mutating func keep(_ bytes: RawSpan, for stream: StreamID) throws(YamuxError) -> Bool {
        guard case .waiting(let dialer, var kept) = negotiations[stream] else { return false }
        guard !kept.isFinished else { throw .streamFinished(stream) }
        let limit = configuration.yamux.maximumStreamBufferedBytes
        guard bytes.byteCount <= limit - kept.bytes.count else {
            throw .sendBufferFull(stream, bufferedByteCount: kept.bytes.count, limit: limit)
        }
        negotiations[stream] = nil
        kept.bytes.append(bytes)
        negotiations[stream] = .waiting(dialer, kept: kept)
        return true
    }
}

extension ConnectionStreams {
    /// Turns the muxer's events into the connection's.
    private mutating func handleEvents(now: Instant, into effects: inout ConnectionEffects) {
        var index = 0
        while index < effects.muxed.events.count {
            let event = effects.muxed.events[index]
            index += 1
            handle(event, now: now, into: &effects)
        }
        effects.muxed.events.removeAll(keepingCapacity: true)
        if !dropped.isEmpty { dropped.removeAll() }
    }

    private mutating func handle(_ event: YamuxEvent, now: Instant, into effects: inout ConnectionEffects) {
        switch event {
        case .data(let stream, let range):
            if !negotiations.isEmpty, negotiations[stream] != nil {
                negotiate(stream, range, now: now, into: &effects)
            } else if !isDropped(stream) {
                effects.events.append(.data(stream, range))
            }
        case .opened(let stream):
            guard !isDropped(stream) else { return }
            let limit = configuration.maximumProposalCount
            negotiations[stream] = .inbound(MultistreamListener(maximumProposalCount: limit))
            deadlines.set(stream, at: now + configuration.negotiationTimeout)
        case .end(let stream):
            if !negotiations.isEmpty, negotiations[stream] != nil {
                drop(stream, now: now, into: &effects)
            } else if !isDropped(stream) {
                effects.events.append(.end(stream))
            }
        case .reset(let stream, let code):
            guard !isDropped(stream), forgetNegotiation(stream)?.isInbound != true else { return }
            effects.events.append(.reset(stream, code: code))
        case .writable(let stream):
            guard !isDropped(stream), negotiations[stream]?.isInbound != true else { return }
            effects.events.append(.writable(stream))
        case .finished(let stream):
            guard !isDropped(stream) else { return }
            forgetNegotiation(stream)
            effects.events.append(.finished(stream))
        case .goAway(let code): effects.events.append(.goAway(code: code))
        case .roundTrip(let duration): effects.events.append(.roundTrip(duration))
        case .closed(let error): effects.events.append(.closed(error.map { .yamux($0) }))
        }
    }

    private func isDropped(_ stream: StreamID) -> Bool {
        !dropped.isEmpty && dropped.contains(stream)
    }

    /// Feeds the bytes at `range` of the arena to the negotiation of `stream`.
    private mutating func negotiate(
        _ stream: StreamID, _ range: Range<Int>, now: Instant, into effects: inout ConnectionEffects
    ) {
        guard var negotiation = negotiations.removeValue(forKey: stream) else { return }
        var answer: [UInt8] = []
        var offset = range.lowerBound
        let outcome: StreamNegotiation.Outcome?
        do throws(MultistreamError) {
            outcome = try negotiation.receive(
                effects.arena.span.bytes.extracting(first: range.upperBound), at: &offset,
                protocols: protocols, into: &answer)
        } catch {
            negotiations[stream] = negotiation
            return drop(stream, now: now, into: &effects)
        }
        negotiations[stream] = negotiation
        if case .refused = outcome { return drop(stream, isRefused: true, now: now, into: &effects) }
        // The answer first: its frame acknowledges the stream, so that `consumed` need not.
        guard send(answer, to: stream, now: now, into: &effects) else {
            return drop(stream, now: now, into: &effects)
        }
        yamux.consumed(offset - range.lowerBound, from: stream, now: now, into: &effects.muxed)
        guard let outcome else { return }
        forgetNegotiation(stream)
        report(outcome, of: stream, now: now, into: &effects)
        if offset < range.upperBound, !isDropped(stream) {
            effects.events.append(.data(stream, offset..<range.upperBound))
        }
    }

    /// Tells the driver that `stream` is agreed, and sends what was kept for it.
    private mutating func report(
        _ outcome: StreamNegotiation.Outcome, of stream: StreamID, now: Instant,
        into effects: inout ConnectionEffects
    ) {
        switch outcome {
        case .refused:
            return
        case .opened(let protocolID):
            effects.events.append(.streamOpened(stream, protocolID: protocolID))
        case .negotiated(let protocolID, let kept):
            effects.events.append(.streamNegotiated(stream, protocolID: protocolID))
            guard let kept else { return }
            guard send(kept.bytes, to: stream, now: now, into: &effects) else {
                return drop(stream, now: now, into: &effects)
            }
            if kept.isFinished { return yamux.finish(stream, now: now, into: &effects.muxed) }
            // What still waits is the muxer's now, and so is the event.
            guard !kept.bytes.isEmpty, yamux.bufferedByteCount(stream) == 0 else { return }
            effects.events.append(.writable(stream))
        }
    }

    /// Whether the muxer took `bytes`.
    private mutating func send(
        _ bytes: [UInt8], to stream: StreamID, now: Instant, into effects: inout ConnectionEffects
    ) -> Bool {
        guard !bytes.isEmpty else { return true }
        do throws(YamuxError) {
            try yamux.write(bytes.span.bytes, to: stream, now: now, into: &effects.muxed)
            return true
        } catch {
            return false
        }
    }

    @discardableResult
    private mutating func forgetNegotiation(_ stream: StreamID) -> StreamNegotiation? {
        guard !negotiations.isEmpty, let negotiation = negotiations.removeValue(forKey: stream) else {
            return nil
        }
        deadlines.cancel(stream)
        return negotiation
    }

    /// Resets a stream whose protocol was not agreed; the driver hears of it when it is ours.
    private mutating func drop(
        _ stream: StreamID, isRefused: Bool = false, now: Instant, into effects: inout ConnectionEffects
    ) {
        let code = StreamResetCode.negotiationFailed
        let isInbound = forgetNegotiation(stream)?.isInbound ?? false
        yamux.reset(stream, code: code, now: now, into: &effects.muxed)
        dropped.insert(stream)
        guard !isInbound else { return }
        effects.events.append(isRefused ? .streamRefused(stream) : .reset(stream, code: code))
    }
}
