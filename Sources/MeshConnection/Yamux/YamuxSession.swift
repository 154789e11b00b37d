import MeshCore

/// The yamux multiplexer over one connection, without I/O.
///
/// Source: libp2p/specs yamux/README.md.
///
/// | state | `open` | frames of the peer | GoAway of the peer | violation, dead peer, `close` |
/// |---|---|---|---|---|
/// | open | new stream | handled | peerWentAway, `.goAway` | closed, GoAway, `.closed(error)` |
/// | peerWentAway | throws | handled | `.goAway` | closed, GoAway, `.closed(error)` |
/// | closed | throws | ignored | ignored | |
///
/// The states of a stream are in ``YamuxStream``. Deviations from the spec and their reasons:
/// - Stream ids may arrive out of order within a window (``YamuxInboundIDs``): go-libp2p sends them so.
/// - Any frame but a reset counts as the acknowledgement of a stream, since a peer that answers has accepted
///   it.
/// - ACK and FIN never share a frame: py-libp2p 0.8 drops the FIN of such a frame.
/// - The length of a reset is an error code, not a window delta (go-libp2p core/network/mux.go).
/// - Data behind a FIN resets its stream and leaves the session alone; no known peer sends it.
/// - Frames for streams that are not open are ignored and their bodies drained: they may have crossed a
///   reset.
/// - A send window saturates at 2^32 - 1 instead of failing, since more cannot hurt anybody but the peer.
/// - Pings above a rate are not answered, as in go-yamux.
public struct YamuxSession: Sendable {
    enum State: Hashable, Sendable {
        case open
        case peerWentAway(code: UInt32)
        case closed
    }

    /// What the next received byte belongs to.
    enum Reading: Hashable, Sendable {
        case header
        /// The body of a DATA frame; `ends` when the frame carries a FIN.
        case body(StreamID, remaining: Int, ends: Bool)
        /// A body that nobody wants.
        case drain(remaining: Int)
    }

    let role: ConnectionRole
    let configuration: YamuxConfiguration
    var state = State.open
    var reading = Reading.header
    /// The bytes of a header that came in parts.
    var partialHeader: [UInt8] = []
    var streams = YamuxStreamTable()
    /// The id of the next own stream; wider than an id so that it can run out.
    var nextOutboundID: UInt64
    var inboundIDs = YamuxInboundIDs()
    /// Own streams whose acknowledgement is awaited.
    var awaitedCount = 0
    /// Streams of the peer whose acknowledgement is owed.
    var owedCount = 0
    /// The receive windows of all streams together.
    var totalReceiveWindow = 0
    var schedule = YamuxSchedule()
    var keepalive: YamuxKeepalive
    var pingReplies: YamuxAllowance
    var refusals: YamuxAllowance

    /// Starts a session; nothing is sent.
    public init(role: ConnectionRole, configuration: YamuxConfiguration = YamuxConfiguration(), now: Instant)
    {
        self.role = role
        self.configuration = configuration
        nextOutboundID = role == .dialer ? 1 : 2
        keepalive = YamuxKeepalive(
            interval: configuration.keepaliveInterval, timeout: configuration.pingTimeout, now: now)
        pingReplies = YamuxAllowance(limitPerSecond: configuration.maximumPingRepliesPerSecond, now: now)
        refusals = YamuxAllowance(limitPerSecond: configuration.maximumRefusalsPerSecond, now: now)
        partialHeader.reserveCapacity(YamuxHeader.byteCount)
    }

    /// The number of open streams.
    public var streamCount: Int { streams.count }

    /// The number of open streams that the peer opened.
    public var inboundStreamCount: Int { streams.inboundCount }

    /// The number of open streams that this side opened.
    public var outboundStreamCount: Int { streams.count - streams.inboundCount }

    /// The last measured round trip, nil before the first.
    public var roundTrip: Duration? { keepalive.roundTrip }

    /// Whether the session has ended.
    public var isClosed: Bool { state == .closed }

    /// When ``handleDeadline(now:into:)`` is wanted.
    public var nextDeadline: Instant? { isClosed ? nil : keepalive.nextDeadline }

    /// The bytes of `stream` that wait for the peer's window.
    public func bufferedByteCount(_ stream: StreamID) -> Int {
        streams.slot(of: stream.value).map { streams.slots[$0].queue.byteCount } ?? 0
    }

    /// Opens a stream and sends its SYN.
    public mutating func open(
        now: Instant, into effects: inout YamuxEffects
    ) throws(YamuxError) -> StreamID {
        switch state {
        case .open: break
        case .peerWentAway(let code): throw .peerWentAway(code: code)
        case .closed: throw .sessionClosed
        }
        guard awaitedCount < configuration.maximumUnacknowledgedStreams else {
            throw .tooManyUnacknowledgedStreams(limit: configuration.maximumUnacknowledgedStreams)
        }
        guard hasWindowForNewStream else {
            throw .receiveWindowsExhausted(limit: configuration.maximumTotalReceiveWindow)
        }
        guard let id = UInt32(exactly: nextOutboundID) else { throw .streamIDsExhausted }
        nextOutboundID += 2
        add(YamuxStream(id: StreamID(id), isOutbound: true, now: now))
        YamuxHeader(.windowUpdate, .synchronize, stream: id, length: 0).append(to: &effects.frames)
        return StreamID(id)
    }

    /// Sends `bytes` on `stream`: at once what the peer's window allows, the rest as the window reopens.
    ///
    /// Throws when the stream cannot be written to, or when the rest would exceed the stream's buffer; then
    /// nothing was sent or kept.
    public mutating func write(
        _ bytes: RawSpan, to stream: StreamID, now: Instant, into effects: inout YamuxEffects
    ) throws(YamuxError) {
        guard !isClosed else { throw .sessionClosed }
        guard let slot = streams.slot(of: stream.value) else { throw .unknownStream(stream) }
        guard streams.slots[slot].isWritable else { throw .streamFinished(stream) }
        let buffered = streams.slots[slot].queue.byteCount
        let direct = buffered > 0 ? 0 : min(bytes.byteCount, streams.slots[slot].sendWindow)
        let limit = configuration.maximumStreamBufferedBytes
        guard bytes.byteCount - direct <= limit - buffered else {
            throw .sendBufferFull(stream, bufferedByteCount: buffered, limit: limit)
        }
        sendNow(bytes.extracting(first: direct), slot: slot, into: &effects)
        guard direct < bytes.byteCount else { return }
        streams.slots[slot].queue.append(bytes.extracting(droppingFirst: direct))
        streams.slots[slot].owesWritable = true
    }

    /// Ends our direction of `stream` behind the bytes that wait; the peer may still write.
    public mutating func finish(_ stream: StreamID, now: Instant, into effects: inout YamuxEffects) {
        guard !isClosed, let slot = streams.slot(of: stream.value) else { return }
        let isEmpty = streams.slots[slot].queue.byteCount == 0
        switch streams.slots[slot].state {
        case .open: streams.slots[slot].state = .finishing
        case .ended: streams.slots[slot].state = .endedFinishing
        case .finishing, .finished, .endedFinishing: return
        }
        if isEmpty { sendFinish(slot: slot, into: &effects) }
    }

    /// Ends both directions of `stream` at once; what waits is dropped, and no event follows.
    public mutating func reset(
        _ stream: StreamID, code: UInt32, now: Instant, into effects: inout YamuxEffects
    ) {
        guard !isClosed, let slot = streams.slot(of: stream.value) else { return }
        remove(slot: slot)
        YamuxHeader(.windowUpdate, .reset, stream: stream.value, length: code).append(to: &effects.frames)
    }

    /// Notes that the application took `byteCount` bytes of `stream`; sends a window update when it is worth
    /// it.
    ///
    /// The first call also acknowledges a stream of the peer.
    public mutating func consumed(
        _ byteCount: Int, from stream: StreamID, now: Instant, into effects: inout YamuxEffects
    ) {
        guard !isClosed, byteCount > 0, let slot = streams.slot(of: stream.value) else { return }
        streams.slots[slot].receiveWindow.consume(byteCount)
        let isDue = streams.slots[slot].receiveWindow.isUpdateDue
        let owesAcknowledgement = streams.slots[slot].acknowledgement == .owed
        guard isDue || owesAcknowledgement else { return }
        guard streams.slots[slot].isReadable || owesAcknowledgement else { return }
        sendWindowUpdate(slot: slot, now: now, into: &effects)
        guard isDue, let value = keepalive.measureIfUnknown(now: now) else { return }
        YamuxHeader(.ping, .synchronize, stream: 0, length: value).append(to: &effects.frames)
    }

    /// Ends the session with a GoAway; its streams are gone without further events.
    public mutating func close(code: UInt32, now: Instant, into effects: inout YamuxEffects) {
        end(code: code, error: nil, into: &effects)
    }

    /// Sends the ping that is due, or ends the session when the peer is dead.
    public mutating func handleDeadline(now: Instant, into effects: inout YamuxEffects) {
        guard !isClosed else { return }
        switch keepalive.handleDeadline(now: now) {
        case .none: break
        case .sendPing(let value):
            YamuxHeader(.ping, .synchronize, stream: 0, length: value).append(to: &effects.frames)
        case .peerIsDead:
            end(
                code: YamuxGoAwayCode.internalError,
                error: .keepaliveTimeout(after: configuration.pingTimeout), into: &effects)
        }
    }
}

extension YamuxSession {
    /// Whether the receive-window budget admits one more stream.
    var hasWindowForNewStream: Bool {
        totalReceiveWindow <= configuration.maximumTotalReceiveWindow - YamuxConfiguration.initialWindow
    }

    /// Adds a stream to the table and to the counts.
    mutating func add(_ stream: YamuxStream) {
        if stream.isOutbound { awaitedCount += 1 } else { owedCount += 1 }
        totalReceiveWindow += stream.receiveWindow.size
        _ = streams.insert(stream)
    }

    /// Removes a stream from the table and from the counts.
    mutating func remove(slot: Int) {
        settleAcknowledgement(slot: slot)
        totalReceiveWindow -= streams.slots[slot].receiveWindow.size
        streams.remove(slot)
    }

    /// Notes that the stream's opening was answered, or no longer needs an answer.
    mutating func settleAcknowledgement(slot: Int) {
        switch streams.slots[slot].acknowledgement {
        case .awaited: awaitedCount -= 1
        case .owed: owedCount -= 1
        case .done: return
        }
        streams.slots[slot].acknowledgement = .done
    }

    /// Ends the session.
    mutating func end(code: UInt32, error: YamuxError?, into effects: inout YamuxEffects) {
        guard !isClosed else { return }
        state = .closed
        streams.removeAll()
        schedule = YamuxSchedule()
        YamuxHeader(.goAway, [], stream: 0, length: code).append(to: &effects.frames)
        effects.events.append(.closed(error))
    }
}
