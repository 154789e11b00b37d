import MeshCore

/// How a session sends: data frames within the peer's windows, in turn, and window updates.
extension YamuxSession {
    /// Appends `bytes`, which the caller knows to fit into the peer's window, as DATA frames.
    mutating func sendNow(_ bytes: RawSpan, slot: Int, into effects: inout YamuxEffects) {
        let count = bytes.byteCount
        var offset = 0
        while offset < count {
            let size = min(configuration.maximumFrameBody, count - offset)
            sendHeader(.data, length: size, slot: slot, into: &effects)
            effects.frames.append(bytes.extracting(offset..<offset + size))
            offset += size
        }
        streams.slots[slot].sendWindow -= count
    }

    /// Puts the stream in line when it has waiting bytes and a window for them.
    mutating func scheduleIfSendable(slot: Int) {
        guard !streams.slots[slot].isScheduled, streams.slots[slot].sendWindow > 0,
            streams.slots[slot].queue.byteCount > 0
        else { return }
        streams.slots[slot].isScheduled = true
        schedule.append(streams.slots[slot].id.value)
    }

    /// Sends what waits and is allowed: one frame of each stream in turn, so that none starves another.
    mutating func sendScheduled(into effects: inout YamuxEffects) {
        while let id = schedule.next() {
            guard let slot = streams.slot(of: id) else { continue }
            streams.slots[slot].isScheduled = false
            sendWaitingFrame(slot: slot, into: &effects)
        }
    }

    private mutating func sendWaitingFrame(slot: Int, into effects: inout YamuxEffects) {
        let size = min(
            configuration.maximumFrameBody, streams.slots[slot].sendWindow,
            streams.slots[slot].queue.byteCount)
        sendHeader(.data, length: size, slot: slot, into: &effects)
        streams.slots[slot].queue.move(size, to: &effects.frames)
        streams.slots[slot].sendWindow -= size
        let waiting = streams.slots[slot].queue.byteCount
        if streams.slots[slot].owesWritable, waiting <= configuration.lowWaterMark,
            streams.slots[slot].isWritable
        {
            streams.slots[slot].owesWritable = false
            effects.events.append(.writable(streams.slots[slot].id))
        }
        if waiting > 0 {
            scheduleIfSendable(slot: slot)
        } else if !streams.slots[slot].isWritable {
            sendFinish(slot: slot, into: &effects)
        }
    }

    /// Sends the FIN of a stream that finishes and has nothing waiting.
    mutating func sendFinish(slot: Int, into effects: inout YamuxEffects) {
        let id = streams.slots[slot].id
        if streams.slots[slot].acknowledgement == .owed {
            sendHeader(.windowUpdate, length: 0, slot: slot, into: &effects)
        }
        YamuxHeader(.windowUpdate, .finish, stream: id.value, length: 0).append(to: &effects.frames)
        switch streams.slots[slot].state {
        case .open, .finishing, .finished:
            streams.slots[slot].state = .finished
        case .ended, .endedFinishing:
            remove(slot: slot)
            effects.events.append(.finished(id))
        }
    }

    /// Grants the peer what was consumed, and more when the path takes more.
    mutating func sendWindowUpdate(slot: Int, now: Instant, into effects: inout YamuxEffects) {
        var growth = 0
        if streams.slots[slot].receiveWindow.shouldGrow(now: now, roundTrip: keepalive.roundTrip) {
            let size = streams.slots[slot].receiveWindow.size
            let room = configuration.maximumTotalReceiveWindow / 2 - totalReceiveWindow
            growth = max(0, min(size, configuration.maximumStreamReceiveWindow - size, room))
        }
        totalReceiveWindow += growth
        let delta = streams.slots[slot].receiveWindow.takeUpdate(growingBy: growth, now: now)
        sendHeader(.windowUpdate, length: delta, slot: slot, into: &effects)
    }

    /// Appends a header on the stream of `slot`, with the ACK when it is owed.
    private mutating func sendHeader(
        _ kind: YamuxHeader.Kind, length: Int, slot: Int, into effects: inout YamuxEffects
    ) {
        var flags: YamuxHeader.Flags = []
        if streams.slots[slot].acknowledgement == .owed {
            settleAcknowledgement(slot: slot)
            flags = .acknowledge
        }
        YamuxHeader(
            kind, flags, stream: streams.slots[slot].id.value, length: UInt32(clamping: length)
        ).append(to: &effects.frames)
    }
}
