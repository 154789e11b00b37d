import MeshCore
import MeshCrypto
import MeshMultiformats

/// A handshake that somebody else began.
struct DatagramAnswering {
    enum State {
        /// XX: the Response is out.
        case awaitingCompletion(NoiseHandshake)
        /// IK: the request was handed up and is not answered.
        case awaitingResponse(NoiseHandshake, DatagramProof)
        /// IK: the answer is out and the session exists, or has ended already.
        case answered
    }

    /// The place in ``DatagramEndpoint/answeringIndex``.
    let key: UInt64
    let address: DatagramAddress
    let initiatorID: UInt64
    let ephemeralKey: Bytes32
    let responderID: UInt64
    let generation: UInt16
    let begunAt: Instant
    /// Whether a cookie proved the address.
    let isValidated: Bool
    /// The packet that goes out again when the first packet comes again; empty before there is one.
    var answer: [UInt8] = []
    /// How often it went out again.
    var repeatCount = 0
    var state: State

    /// The session that the handshake became.
    func sessionSlot(in localIDs: DatagramSlotIndex) -> Int? {
        guard case .answered = state, let entry = localIDs.find(responderID),
            DatagramSlotKind.kind(of: entry) == .session
        else { return nil }
        return DatagramSlotKind.slot(of: entry)
    }
}

/// The responder's side of handshakes. Source: Specs/noise-datagrams.md, sections 5.1 and 5.2.
extension DatagramEndpoint {
    /// What is read of a first packet before anything is computed.
    struct FirstPacket {
        let type: DatagramPacket
        let initiatorID: UInt64
        let ephemeralKey: Bytes32
        let message: Range<Int>
        let address: DatagramAddress
        /// The keyed hash of address and initiator id.
        let key: UInt64
    }

    /// Takes an Initiation or a Resumption.
    mutating func receiveFirst(
        _ type: DatagramPacket, _ packet: RawSpan, from address: DatagramAddress, now: Instant,
        using rng: inout some RandomNumberGenerator, into effects: inout DatagramEffects
    ) {
        guard packet.byteCount == DatagramPacket.maximumByteCount else {
            counters.drop(.malformed)
            return
        }
        guard packet.byte(at: 1) == DatagramPacket.version else {
            counters.drop(.version)
            // A private network does not show itself to strangers.
            guard presharedKey == nil else { return }
            sendDecline(reason: 1, packet.bigEndian(at: 4), to: address, now: now, into: &effects)
            return
        }
        guard let first = readFirst(type, packet, from: address) else {
            counters.drop(.malformed)
            return
        }
        counters.unvalidatedReceivedBytes += packet.byteCount
        guard !repeatAnswer(to: first, into: &effects) else { return }
        guard isMember(packet, message: first.message) else {
            counters.drop(.notMember)
            return
        }
        let cookie = DatagramAdmission.Cookie(packet.extracting(DatagramPacket.cookieOffset..<44))
        let hasCookie = cookie.map {
            admission.accepts(
                $0, from: address, initiatorID: first.initiatorID, ephemeralKey: first.ephemeralKey,
                now: now)
        }
        let verdict = admission.judge(
            address, hasCookie: hasCookie ?? false, fingerprint: first.key, answeringCount: answering.count,
            now: now)
        switch verdict {
        case .drop:
            counters.drop(.rate)
        case .retry:
            sendRetry(to: first, now: now, using: &rng, into: &effects)
        case .answer(let isValidated):
            counters.answered += 1
            if type == .initiation {
                answer(first, packet, isValidated: isValidated, now: now, using: &rng, into: &effects)
            } else {
                resume(first, packet, isValidated: isValidated, now: now, using: &rng, into: &effects)
            }
        }
    }

    /// Reads what a first packet says in the clear; nil when it breaks a rule.
    private func readFirst(
        _ type: DatagramPacket, _ packet: RawSpan, from address: DatagramAddress
    ) -> FirstPacket? {
        let initiatorID: UInt64 = packet.bigEndian(at: 4)
        let offset = DatagramPacket.firstMessageOffset
        let minimum = type == .initiation ? 32 : 32 + 48 + 16
        guard initiatorID != 0, let message = DatagramPacket.message(of: packet, at: offset),
            message.count >= minimum, type == .resumption || message.count == minimum,
            let ephemeralKey = Bytes32(packet.extracting(offset..<offset + 32))
        else { return nil }
        return FirstPacket(
            type: type, initiatorID: initiatorID, ephemeralKey: ephemeralKey, message: message,
            address: address, key: answeringKey(address, initiatorID))
    }

    /// Sends the answer again when the packet came before; true when it did.
    private mutating func repeatAnswer(
        to first: FirstPacket, into effects: inout DatagramEffects
    ) -> Bool {
        guard let slot = answeringIndex.find(first.key),
            let entry = answering[slot], entry.address == first.address,
            entry.initiatorID == first.initiatorID, entry.ephemeralKey == first.ephemeralKey
        else { return false }
        guard !entry.answer.isEmpty else { return true }
        guard entry.repeatCount < configuration.maximumRepeatCount else {
            counters.drop(.rate)
            return true
        }
        answering[slot]?.repeatCount += 1
        counters.unvalidatedSentBytes += entry.answer.count
        if let session = entry.sessionSlot(in: localIDs), sessions[session].pathSlot >= 0 {
            let pathSlot = Int(sessions[session].pathSlot)
            if paths[pathSlot]?.address == first.address {
                paths[pathSlot]?.receivedByteCount += DatagramPacket.maximumByteCount
                paths[pathSlot]?.sentByteCount += entry.answer.count
            }
        }
        send(entry.answer, to: first.address, into: &effects)
        return true
    }

    /// Answers an Initiation by a Response.
    private mutating func answer(
        _ first: FirstPacket, _ packet: RawSpan, isValidated: Bool, now: Instant,
        using rng: inout some RandomNumberGenerator, into effects: inout DatagramEffects
    ) {
        var handshake = makeHandshake(
            .xx, .listener, initiatorID: first.initiatorID, remoteStaticKey: nil, using: &rng)
        let responderID = freshID(using: &rng)
        let payload = DatagramPayload(
            identity, resetToken: tokenBytes(of: responderID), connectionID: responderID,
            timestamp: nextTimestamp(now: now))
        var message: [UInt8] = []
        do throws(NoiseError) {
            _ = try handshake.readMessage(packet.extracting(first.message))
            try handshake.writeMessage(payload: payload.encoded.span.bytes, appendingTo: &message)
        } catch {
            counters.drop(.badHandshake)
            return
        }
        guard
            let slot = addAnswering(
                first, responderID: responderID, isValidated: isValidated,
                state: .awaitingCompletion(handshake), now: now)
        else { return }
        let packet = answerPacket(
            .response, initiatorID: first.initiatorID, responderID: responderID, message: message)
        answering[slot]?.answer = packet
        answeringTimers.set(slot, at: now + configuration.answeringLifetime, now: now)
        sendAnswer(slot, into: &effects)
    }

    /// Takes a Resumption and hands its request up, or declines it.
    private mutating func resume(
        _ first: FirstPacket, _ packet: RawSpan, isValidated: Bool, now: Instant,
        using rng: inout some RandomNumberGenerator, into effects: inout DatagramEffects
    ) {
        var handshake = makeHandshake(
            .ik, .listener, initiatorID: first.initiatorID, remoteStaticKey: nil, using: &rng)
        guard let payload = try? handshake.readMessage(packet.extracting(first.message)),
            let staticKey = handshake.remoteStaticKey,
            let proof = try? prove(payload, staticKey: staticKey, requiresTimestamp: true),
            let timestamp = proof.payload.timestamp,
            let known = knownKeys.timestamp(of: staticKey, proof.peer), timestamp > known
        else {
            counters.drop(.badHandshake)
            sendDecline(reason: 0, first.initiatorID, to: first.address, now: now, into: &effects)
            return
        }
        knownKeys.remember(staticKey, of: proof.peer, timestamp: timestamp)
        let responderID = freshID(using: &rng)
        guard
            let slot = addAnswering(
                first, responderID: responderID, isValidated: isValidated,
                state: .awaitingResponse(handshake, proof), now: now)
        else { return }
        guard let request = DatagramEarlyRequest(proof.payload.frames) else {
            answerEarly(slot, frames: [], now: now, into: &effects)
            return
        }
        answeringTimers.set(slot, at: now + configuration.earlyResponseWait, now: now)
        let token = DatagramResponseToken(
            slot: slot, generation: answering[slot]?.generation ?? 0, attempt: request.attempt,
            id: request.id, isEarly: true)
        let start = effects.arena.count
        effects.arena.append(proof.payload.frames.span.bytes.extracting(request.message))
        counters.requestsTaken += 1
        effects.events.append(
            .request(start..<effects.arena.count, from: proof.peer, token: token.requestToken))
    }

    /// The bytes of a message that fits in a Resumption answer.
    ///
    /// 1,200 less the header, 48 bytes of Noise and the other fields of the payload.
    var earlyByteCount: Int { 1000 }

    /// Answers a Resumption, which makes it a session.
    mutating func answerEarly(
        _ slot: Int, frames: [UInt8], now: Instant, into effects: inout DatagramEffects
    ) {
        guard let entry = answering[slot], case .awaitingResponse(var handshake, let proof) = entry.state
        else { return }
        answering[slot]?.state = .answered
        let payload = DatagramPayload(
            flags: identity.servesKad ? 1 : 0, resetToken: tokenBytes(of: entry.responderID),
            connectionID: entry.responderID, frames: frames)
        var message: [UInt8] = []
        do throws(NoiseError) {
            try handshake.writeMessage(payload: payload.encoded.span.bytes, appendingTo: &message)
        } catch {
            counters.drop(.badHandshake)
            removeAnswering(slot)
            return
        }
        guard let keys = handshake.transportKeys else { return }
        let new = NewSession(
            localID: entry.responderID, remoteID: entry.initiatorID, peer: proof.peer,
            address: entry.address, isInitiator: false, keys: (keys.responder, keys.initiator),
            resetToken: proof.payload.resetToken)
        guard let session = establish(new, now: now, into: &effects) else {
            removeAnswering(slot)
            return
        }
        counters.resumed += 1
        let packet = answerPacket(
            .resumptionAnswer, initiatorID: entry.initiatorID, responderID: entry.responderID,
            message: message)
        answering[slot]?.answer = packet
        if !entry.isValidated {
            addOwnPath(
                session, address: entry.address, receivedByteCount: DatagramPacket.maximumByteCount,
                sentByteCount: DatagramPacket.answerMessageOffset + message.count,
                isValidatedByData: true)
        }
        answeringTimers.set(slot, at: entry.begunAt + configuration.answeringLifetime, now: now)
        sendAnswer(slot, into: &effects)
        report(proof, session: session, isResumption: true, begunAt: entry.begunAt, now: now, into: &effects)
        sendWaiting(ofPeerIn: Int(sessions[session].peerSlot), now: now, into: &effects)
    }

    /// Takes the Completion of a handshake that somebody else began.
    mutating func receiveCompletion(
        _ packet: RawSpan, from address: DatagramAddress, now: Instant,
        using rng: inout some RandomNumberGenerator, into effects: inout DatagramEffects
    ) {
        guard packet.byte(at: 1) == DatagramPacket.version,
            let message = DatagramPacket.message(of: packet, at: DatagramPacket.completionMessageOffset)
        else {
            counters.drop(.malformed)
            return
        }
        guard let found = localIDs.find(packet.bigEndian(at: 4)),
            DatagramSlotKind.kind(of: found) == .answering,
            let entry = answering[DatagramSlotKind.slot(of: found)],
            case .awaitingCompletion(var handshake) = entry.state
        else {
            counters.drop(.unknownHandshake)
            return
        }
        guard let payload = try? handshake.readMessage(packet.extracting(message)) else {
            counters.drop(.badHandshake)
            return
        }
        removeAnswering(DatagramSlotKind.slot(of: found))
        guard let staticKey = handshake.remoteStaticKey, let keys = handshake.transportKeys,
            let proof = try? prove(payload, staticKey: staticKey, requiresTimestamp: true),
            proof.peer != identity.peerID
        else {
            counters.drop(.badHandshake)
            return
        }
        knownKeys.remember(staticKey, of: proof.peer, timestamp: proof.payload.timestamp ?? 0)
        let new = NewSession(
            localID: entry.responderID, remoteID: entry.initiatorID, peer: proof.peer, address: address,
            isInitiator: false, keys: (keys.responder, keys.initiator), resetToken: proof.payload.resetToken)
        guard let session = establish(new, now: now, into: &effects) else { return }
        if address != entry.address {
            addOwnPath(
                session, address: address, receivedByteCount: packet.byteCount, sentByteCount: 0,
                isValidatedByData: false)
            challengePath(session, now: now, using: &rng, into: &effects)
        }
        report(proof, session: session, isResumption: false, begunAt: entry.begunAt, now: now, into: &effects)
        takeFirstFrames(
            proof.payload.frames, session: session, from: address, now: now, using: &rng, into: &effects)
    }

    /// Takes the frames of a Completion, and shows that it came when they hold no request.
    private mutating func takeFirstFrames(
        _ frames: [UInt8], session: Int, from address: DatagramAddress, now: Instant,
        using rng: inout some RandomNumberGenerator, into effects: inout DatagramEffects
    ) {
        if DatagramEarlyRequest(frames) == nil {
            let start = beginData(session, into: &effects)
            effects.arena.append(DatagramFrame.padding.rawValue)
            finishData(session, start: start, to: address, into: &effects)
        }
        sendWaiting(ofPeerIn: Int(sessions[session].peerSlot), now: now, into: &effects)
        let start = effects.arena.count
        effects.arena.append(frames.span.bytes)
        takeFrames(
            start..<effects.arena.count, session: session, from: address, now: now, using: &rng,
            into: &effects)
    }

    /// Forgets a handshake of somebody else, or answers it without waiting any longer.
    mutating func handleAnsweringTimer(
        _ slot: Int, now: Instant, using rng: inout some RandomNumberGenerator,
        into effects: inout DatagramEffects
    ) {
        guard let entry = answering[slot] else { return }
        if case .awaitingResponse = entry.state {
            answerEarly(slot, frames: [], now: now, into: &effects)
        } else {
            removeAnswering(slot)
        }
    }
}

/// The request in the frames of a handshake payload: whole, in one part.
struct DatagramEarlyRequest {
    let id: UInt32
    let attempt: UInt8
    /// Where its bytes lie in the frames.
    let message: Range<Int>

    /// Finds the first REQUEST; nil when there is none before a frame of another kind.
    init?(_ frames: [UInt8]) {
        var start = 0
        while start < frames.count, frames[start] == DatagramFrame.padding.rawValue { start += 1 }
        let header = DatagramFrame.messageHeaderByteCount
        guard start + header <= frames.count, frames[start] == DatagramFrame.request.rawValue,
            let place = DatagramPlace(
                place: frames[start + 5], parts: frames[start + 6], byteCount: frames.count - start - header),
            place.parts == 1
        else { return nil }
        id = frames.span.bytes.bigEndian(at: start + 1)
        attempt = place.attempt
        message = (start + header)..<frames.count
    }
}
