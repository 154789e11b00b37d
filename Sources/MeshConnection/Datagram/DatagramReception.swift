import MeshCore
import MeshCrypto
import MeshMultiformats

/// Data packets: authenticated, checked for replay, and taken apart into frames.
extension DatagramEndpoint {
    /// Takes a Data packet.
    mutating func receiveData(
        _ packet: RawSpan, from address: DatagramAddress, now: Instant,
        using rng: inout some RandomNumberGenerator, into effects: inout DatagramEffects
    ) {
        guard packet.byteCount >= DatagramPacket.minimumDataByteCount else {
            counters.drop(.malformed)
            return
        }
        let id: UInt64 = packet.bigEndian(at: 1)
        guard let slot = receivingSession(id, from: address, now: now, into: &effects) else {
            counters.drop(.unknownSession)
            return
        }
        let counter: UInt64 = packet.bigEndian(at: 9)
        let start = effects.arena.count
        guard
            sessionKeys.open(
                slot, counter: counter, packet: packet,
                headerByteCount: DatagramPacket.dataHeaderByteCount, appendingTo: &effects.arena)
        else {
            counters.drop(.notAuthentic)
            return
        }
        guard let isHighest = sessions[slot].window.take(counter) else {
            counters.drop(.replayed)
            effects.arena.removeLast(effects.arena.count - start)
            return
        }
        // A challenge of the path is put into the arena behind it.
        let plaintext = start..<effects.arena.count
        noteAuthentic(slot, now: now)
        if sessions[slot].pathSlot != DatagramSession.none || address != sessions[slot].address {
            notePath(
                slot, from: address, isHighest: isHighest, byteCount: packet.byteCount, now: now,
                using: &rng, into: &effects)
        }
        takeFrames(plaintext, session: slot, from: address, now: now, using: &rng, into: &effects)
    }

    /// The session that our connection id `id` names; a Reset goes out when there is none.
    private mutating func receivingSession(
        _ id: UInt64, from address: DatagramAddress, now: Instant, into effects: inout DatagramEffects
    ) -> Int? {
        guard let entry = localIDs.find(id) else {
            sendReset(of: id, to: address, now: now, into: &effects)
            return nil
        }
        // Of a handshake that is not complete: Completion or answer are late or lost and come again.
        guard DatagramSlotKind.kind(of: entry) == .session else { return nil }
        let slot = DatagramSlotKind.slot(of: entry)
        guard now < sessions[slot].establishedAt + configuration.maximumAge else {
            removeSession(slot, into: &effects)
            sendReset(of: id, to: address, now: now, into: &effects)
            return nil
        }
        return slot
    }

    /// Notes that the peer is there, and has whatever began the session.
    private mutating func noteAuthentic(_ slot: Int, now: Instant) {
        sessions[slot].receivedAt = now
        sessions[slot].isDoubtful = false
        recency.touch(slot)
        let completion = sessions[slot].completionSlot
        guard completion != DatagramSession.none else { return }
        completions.remove(Int(completion), leaving: [])
        sessions[slot].completionSlot = DatagramSession.none
    }

    /// Takes the frames that lie at `range` of the arena; a bad one ends the packet.
    mutating func takeFrames(
        _ range: Range<Int>, session slot: Int, from address: DatagramAddress, now: Instant,
        using rng: inout some RandomNumberGenerator, into effects: inout DatagramEffects
    ) {
        let localID = sessions[slot].localID
        var offset = range.lowerBound
        // One response is shorter than the datagram it answers, whatever address that came from.
        var isChallengeAnswered = false
        while offset < range.upperBound {
            let rest = range.upperBound - offset
            guard let type = DatagramFrame(rawValue: effects.arena[offset]), rest >= type.minimumByteCount
            else {
                counters.drop(.badFrame)
                return
            }
            switch type {
            case .padding:
                break
            case .request, .response:
                takeMessage(type, offset..<range.upperBound, session: slot, now: now, into: &effects)
                // A response that was held back needs the challenge at once.
                challengeIfWanted(slot, now: now, using: &rng, into: &effects)
                return
            case .refusal:
                let id = effects.arena.span.bytes.bigEndian(at: offset + 1, as: UInt32.self)
                takeRefusal(
                    id: id, code: effects.arena[offset + 5], session: slot, now: now, into: &effects)
            case .pathChallenge:
                guard !isChallengeAnswered else { break }
                isChallengeAnswered = true
                let data = effects.arena.span.bytes.bigEndian(at: offset + 1, as: UInt64.self)
                let start = beginData(slot, into: &effects)
                DatagramFrame.appendPath(.pathResponse, data: data, to: &effects.arena)
                finishData(slot, start: start, to: address, into: &effects)
            case .pathResponse:
                let data = effects.arena.span.bytes.bigEndian(at: offset + 1, as: UInt64.self)
                takePathResponse(slot, data: data, into: &effects)
            case .close:
                takeClose(slot, code: effects.arena[offset + 1], now: now, using: &rng, into: &effects)
                return
            }
            guard sessions[slot].localID == localID else { return }
            offset += type.minimumByteCount
        }
    }

    /// Takes a REQUEST or RESPONSE that fills `range` of the arena.
    private mutating func takeMessage(
        _ type: DatagramFrame, _ range: Range<Int>, session slot: Int, now: Instant,
        into effects: inout DatagramEffects
    ) {
        let offset = range.lowerBound
        let id = effects.arena.span.bytes.bigEndian(at: offset + 1, as: UInt32.self)
        let content = (offset + DatagramFrame.messageHeaderByteCount)..<range.upperBound
        guard
            let place = DatagramPlace(
                place: effects.arena[offset + 5], parts: effects.arena[offset + 6], byteCount: content.count)
        else {
            counters.drop(.badFrame)
            return
        }
        if type == .response {
            takeResponse(id: id, place, content, session: slot, now: now, into: &effects)
        } else {
            takeRequest(id: id, place, content, session: slot, now: now, into: &effects)
        }
    }

    /// Takes a part of a peer's request.
    private mutating func takeRequest(
        id: UInt32, _ place: DatagramPlace, _ range: Range<Int>, session slot: Int, now: Instant,
        into effects: inout DatagramEffects
    ) {
        guard let peer = peers[Int(sessions[slot].peerSlot)].peer else { return }
        var whole = range
        if place.parts > 1 {
            guard let bytes = collect(id: id, place, range, session: slot, now: now, into: &effects) else {
                return
            }
            let start = effects.arena.count
            effects.arena.append(bytes.span.bytes)
            whole = start..<effects.arena.count
        }
        guard requestRate.take(&sessions[slot].requestMeter, now: now) else {
            counters.drop(.requestRate)
            guard requestRate.takeBeyond(&sessions[slot].requestMeter, now: now) else { return }
            sendRefusal(id: id, .busy, session: slot, into: &effects)
            return
        }
        counters.requestsTaken += 1
        let token = DatagramResponseToken(
            slot: slot, generation: sessions[slot].generation, attempt: place.attempt, id: id, isEarly: false)
        effects.events.append(.request(whole, from: peer, token: token.requestToken))
    }

    private mutating func takeClose(
        _ slot: Int, code: UInt8, now: Instant, using rng: inout some RandomNumberGenerator,
        into effects: inout DatagramEffects
    ) {
        let peerSlot = Int(sessions[slot].peerSlot)
        guard let peer = peers[peerSlot].peer else { return }
        let address = sessions[slot].address
        removeSession(slot, into: &effects)
        guard self.peerSlot(of: peer) == peerSlot, peers[peerSlot].sessionSlot == DatagramSession.none else {
            return
        }
        if code == 0 {
            failAll(ofPeerIn: peerSlot, .closed, into: &effects)
        } else {
            restartRequests(ofPeerIn: peerSlot, at: address, now: now, using: &rng, into: &effects)
        }
    }

    /// Begins a handshake for the unfinished requests to a peer whose session is gone.
    private mutating func restartRequests(
        ofPeerIn peerSlot: Int, at address: DatagramAddress, now: Instant,
        using rng: inout some RandomNumberGenerator, into effects: inout DatagramEffects
    ) {
        while peers[peerSlot].inFlight.last != DatagramSession.none {
            moveToWaiting(Int(peers[peerSlot].inFlight.last))
        }
        guard peers[peerSlot].waiting.count > 0, peers[peerSlot].initiatingSlot == DatagramSession.none
        else { return }
        beginHandshake(withPeerIn: peerSlot, at: [address], now: now, using: &rng, into: &effects)
    }
}

/// Resets: how a restarted node tells that it knows nothing. Source: Specs/noise-datagrams.md, section 10.
extension DatagramEndpoint {
    private mutating func sendReset(
        of id: UInt64, to address: DatagramAddress, now: Instant, into effects: inout DatagramEffects
    ) {
        guard admission.takeReset(now: now) else { return }
        let token = resetToken(of: id)
        let start = effects.arena.count
        effects.arena.append(DatagramPacket.reset.rawValue)
        effects.arena.appendBigEndian(id)
        effects.arena.appendBigEndian(token.high)
        effects.arena.appendBigEndian(token.low)
        counters.resetsSent += 1
        send(from: start, to: address, into: &effects)
    }

    /// Takes a Reset.
    mutating func receiveReset(
        _ packet: RawSpan, now: Instant, using rng: inout some RandomNumberGenerator,
        into effects: inout DatagramEffects
    ) {
        guard packet.byteCount == DatagramPacket.resetByteCount else {
            counters.drop(.malformed)
            return
        }
        let token = SipHash.Code(high: packet.bigEndian(at: 9), low: packet.bigEndian(at: 17))
        guard let slot = remoteIDs.find(packet.bigEndian(at: 1)), sessions[slot].hasResetToken,
            sessions[slot].resetToken.equalsInConstantTime(token)
        else {
            counters.drop(.badReset)
            return
        }
        counters.resetsTaken += 1
        let peerSlot = Int(sessions[slot].peerSlot)
        guard let peer = peers[peerSlot].peer else { return }
        let address = sessions[slot].address
        removeSession(slot, into: &effects)
        knownKeys.forget(peer)
        guard self.peerSlot(of: peer) == peerSlot else { return }
        restartRequests(ofPeerIn: peerSlot, at: address, now: now, using: &rng, into: &effects)
    }
}

extension DatagramFrame {
    /// The bytes that a frame of the type has at least; all but messages have exactly these.
    var minimumByteCount: Int {
        switch self {
        case .padding: 1
        case .request, .response: Self.messageHeaderByteCount
        case .refusal: Self.refusalByteCount
        case .pathChallenge, .pathResponse: Self.pathByteCount
        case .close: Self.closeByteCount
        }
    }
}
