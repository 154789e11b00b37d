import MeshCore

/// How a session receives: frames in any chunking, bodies by reference.
extension YamuxSession {
    /// Handles bytes of the peer, which lie in the driver's arena from `arenaOffset` on; any chunking is
    /// fine.
    ///
    /// Bodies become `.data` events with ranges of the arena, one for each part of a body; nothing is copied.
    public mutating func receive(
        _ bytes: RawSpan, arenaOffset: Int, now: Instant, into effects: inout YamuxEffects
    ) {
        guard !isClosed, bytes.byteCount > 0 else { return }
        keepalive.noteArrival(now: now)
        var offset = 0
        while offset < bytes.byteCount, !isClosed {
            let rest = bytes.byteCount - offset
            switch reading {
            case .header:
                do throws(YamuxError) {
                    guard let header = try nextHeader(bytes, at: &offset) else { break }
                    try handle(header, now: now, into: &effects)
                } catch {
                    end(code: YamuxGoAwayCode.protocolError, error: error, into: &effects)
                }
            case .body(let stream, let remaining, let ends):
                let count = min(rest, remaining)
                let start = arenaOffset + offset
                offset += count
                reading =
                    count == remaining
                    ? .header : .body(stream, remaining: remaining - count, ends: ends)
                // The stream may have been reset since the frame began.
                guard let slot = streams.slot(of: stream.value) else { break }
                effects.events.append(.data(stream, start..<start + count))
                if ends, count == remaining { peerFinished(slot: slot, into: &effects) }
            case .drain(let remaining):
                let count = min(rest, remaining)
                offset += count
                reading = count == remaining ? .header : .drain(remaining: remaining - count)
            }
        }
        sendScheduled(into: &effects)
    }

    /// The next header, or nil when its rest has not come; moves `offset` behind what was taken.
    private mutating func nextHeader(
        _ bytes: RawSpan, at offset: inout Int
    ) throws(YamuxError) -> YamuxHeader? {
        if partialHeader.isEmpty, bytes.byteCount - offset >= YamuxHeader.byteCount {
            let start = offset
            offset += YamuxHeader.byteCount
            return try YamuxHeader(bytes, at: start)
        }
        let count = min(YamuxHeader.byteCount - partialHeader.count, bytes.byteCount - offset)
        partialHeader.append(bytes.extracting(offset..<offset + count))
        offset += count
        guard partialHeader.count == YamuxHeader.byteCount else { return nil }
        let header = try YamuxHeader(partialHeader.span.bytes, at: 0)
        partialHeader.removeAll(keepingCapacity: true)
        return header
    }

    private mutating func handle(
        _ header: YamuxHeader, now: Instant, into effects: inout YamuxEffects
    ) throws(YamuxError) {
        switch header.kind {
        case .data, .windowUpdate:
            guard header.stream != 0 else { throw .badStreamID(0) }
            try handleStreamFrame(header, now: now, into: &effects)
        case .ping:
            handlePing(header, now: now, into: &effects)
        case .goAway:
            state = .peerWentAway(code: header.length)
            effects.events.append(.goAway(code: header.length))
        }
    }

    private mutating func handlePing(
        _ header: YamuxHeader, now: Instant, into effects: inout YamuxEffects
    ) {
        if header.flags.contains(.synchronize) {
            guard pingReplies.take(now: now) else { return }
            YamuxHeader(.ping, .acknowledge, stream: 0, length: header.length).append(to: &effects.frames)
        } else if header.flags.contains(.acknowledge),
            let roundTrip = keepalive.handleAnswer(header.length, now: now)
        {
            effects.events.append(.roundTrip(roundTrip))
        }
    }

    private mutating func handleStreamFrame(
        _ header: YamuxHeader, now: Instant, into effects: inout YamuxEffects
    ) throws(YamuxError) {
        if header.flags.contains(.synchronize) {
            try acceptStream(header, now: now, into: &effects)
        }
        let bodyLength = header.kind == .data ? Int(header.length) : 0
        guard let slot = streams.slot(of: header.stream) else {
            drain(bodyLength)
            return
        }
        let id = streams.slots[slot].id
        if header.flags.contains(.reset) {
            remove(slot: slot)
            let code = header.kind == .data ? StreamResetCode.none : header.length
            effects.events.append(.reset(id, code: code))
            drain(bodyLength)
            return
        }
        if streams.slots[slot].isOutbound { settleAcknowledgement(slot: slot) }
        let ends = header.flags.contains(.finish)
        if header.kind == .windowUpdate {
            let window = streams.slots[slot].sendWindow + Int(header.length)
            streams.slots[slot].sendWindow = min(window, Int(UInt32.max))
            scheduleIfSendable(slot: slot)
        } else if bodyLength > 0 {
            try beginBody(bodyLength, ends: ends, slot: slot, into: &effects)
            return
        }
        if ends { peerFinished(slot: slot, into: &effects) }
    }

    /// Opens the stream of a SYN, or refuses it when a limit is reached.
    private mutating func acceptStream(
        _ header: YamuxHeader, now: Instant, into effects: inout YamuxEffects
    ) throws(YamuxError) {
        let isOdd = !header.stream.isMultiple(of: 2)
        guard isOdd == (role == .listener) else { throw .badStreamID(header.stream) }
        guard inboundIDs.insert(header.stream) else { throw .streamReused(header.stream) }
        // A stream that is reset as it opens never was.
        guard !header.flags.contains(.reset) else { return }
        guard streams.inboundCount < configuration.maximumInboundStreams,
            owedCount < configuration.acceptBacklog, hasWindowForNewStream
        else {
            guard refusals.take(now: now) else {
                throw .tooManyRefusals(limitPerSecond: configuration.maximumRefusalsPerSecond)
            }
            YamuxHeader(
                .windowUpdate, .reset, stream: header.stream, length: StreamResetCode.resourceLimitExceeded
            ).append(to: &effects.frames)
            return
        }
        let id = StreamID(header.stream)
        add(YamuxStream(id: id, isOutbound: false, now: now))
        effects.events.append(.opened(id))
    }

    private mutating func beginBody(
        _ byteCount: Int, ends: Bool, slot: Int, into effects: inout YamuxEffects
    ) throws(YamuxError) {
        let id = streams.slots[slot].id
        guard streams.slots[slot].isReadable else {
            remove(slot: slot)
            YamuxHeader(
                .windowUpdate, .reset, stream: id.value, length: StreamResetCode.protocolViolation
            ).append(to: &effects.frames)
            effects.events.append(.reset(id, code: StreamResetCode.protocolViolation))
            drain(byteCount)
            return
        }
        let window = streams.slots[slot].receiveWindow.available
        guard streams.slots[slot].receiveWindow.receive(byteCount) else {
            throw .windowExceeded(id, byteCount: byteCount, window: window)
        }
        reading = .body(id, remaining: byteCount, ends: ends)
    }

    private mutating func drain(_ byteCount: Int) {
        if byteCount > 0 { reading = .drain(remaining: byteCount) }
    }

    /// Notes that the peer ended its direction; a repeated FIN changes nothing.
    private mutating func peerFinished(slot: Int, into effects: inout YamuxEffects) {
        let id = streams.slots[slot].id
        switch streams.slots[slot].state {
        case .open:
            streams.slots[slot].state = .ended
            effects.events.append(.end(id))
        case .finishing:
            streams.slots[slot].state = .endedFinishing
            effects.events.append(.end(id))
        case .finished:
            remove(slot: slot)
            effects.events.append(.end(id))
            effects.events.append(.finished(id))
        case .ended, .endedFinishing:
            break
        }
    }
}
