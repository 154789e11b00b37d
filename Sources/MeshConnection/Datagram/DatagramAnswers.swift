import MeshCore
import MeshCrypto
import MeshMultiformats

/// What comes back to a handshake of ours: Response, Resumption answer, Retry, Decline.
///
/// Source: Specs/noise-datagrams.md, sections 5.1 to 5.4.
extension DatagramEndpoint {
    /// Takes a packet that bears an initiator id of ours.
    mutating func receiveAnswer(
        _ type: DatagramPacket, _ packet: RawSpan, from address: DatagramAddress, now: Instant,
        using rng: inout some RandomNumberGenerator, into effects: inout DatagramEffects
    ) {
        guard let found = localIDs.find(packet.bigEndian(at: 4)),
            DatagramSlotKind.kind(of: found) == .initiating
        else {
            counters.drop(.unknownHandshake)
            return
        }
        let slot = DatagramSlotKind.slot(of: found)
        guard type == .decline || packet.byte(at: 1) == DatagramPacket.version else {
            counters.drop(.version)
            return
        }
        switch type {
        case .retry:
            takeRetry(packet, slot, from: address, now: now, into: &effects)
        case .decline:
            takeDecline(packet, slot, from: address, now: now, using: &rng, into: &effects)
        case .response:
            takeResponse(packet, slot, from: address, now: now, using: &rng, into: &effects)
        case .resumptionAnswer:
            takeResumptionAnswer(packet, slot, from: address, now: now, using: &rng, into: &effects)
        case .initiation, .completion, .data, .reset, .resumption:
            break
        }
    }

    private mutating func takeRetry(
        _ packet: RawSpan, _ slot: Int, from address: DatagramAddress, now: Instant,
        into effects: inout DatagramEffects
    ) {
        guard packet.byteCount == DatagramPacket.retryByteCount,
            let index = initiating[slot]?.targets.firstIndex(where: { $0.address == address }),
            let target = initiating[slot]?.targets[index], !target.isGivenUp,
            target.retryCount < DatagramInitiating.maximumRetryCount
        else {
            counters.drop(.unknownHandshake)
            return
        }
        let cookie = packet.array(DatagramPacket.cookieOffset..<DatagramPacket.retryByteCount)
        guard cookie.contains(where: { $0 != 0 }) else {
            counters.drop(.malformed)
            return
        }
        counters.retriesTaken += 1
        initiating[slot]?.targets[index].cookie = cookie
        initiating[slot]?.targets[index].retryCount += 1
        initiating[slot]?.targets[index].due = now
        initiating[slot]?.targets[index].sendCount = min(
            target.sendCount, DatagramInitiating.maximumSendCount - 1)
        sendDueTargets(slot, now: now, into: &effects)
    }

    private mutating func takeDecline(
        _ packet: RawSpan, _ slot: Int, from address: DatagramAddress, now: Instant,
        using rng: inout some RandomNumberGenerator, into effects: inout DatagramEffects
    ) {
        guard packet.byteCount == DatagramPacket.declineByteCount, let entry = initiating[slot],
            entry.targets.contains(where: { $0.address == address && !$0.isGivenUp })
        else {
            counters.drop(.unknownHandshake)
            return
        }
        switch packet.byte(at: 2) {
        case 0 where entry.isResumption:
            counters.declinesTaken += 1
            restartWithoutResumption(slot, now: now, using: &rng, into: &effects)
        case 1:
            counters.declinesTaken += 1
            giveUp(address, slot, .incompatible, now: now, into: &effects)
        default:
            counters.drop(.unknownHandshake)
        }
    }

    /// Gives one address of a handshake up.
    private mutating func giveUp(
        _ address: DatagramAddress, _ slot: Int, _ failure: DatagramFailure, now: Instant,
        into effects: inout DatagramEffects
    ) {
        guard let index = initiating[slot]?.targets.firstIndex(where: { $0.address == address }) else {
            return
        }
        initiating[slot]?.failure = failure
        initiating[slot]?.targets[index].isGivenUp = true
        sendDueTargets(slot, now: now, into: &effects)
    }

    private mutating func takeResponse(
        _ packet: RawSpan, _ slot: Int, from address: DatagramAddress, now: Instant,
        using rng: inout some RandomNumberGenerator, into effects: inout DatagramEffects
    ) {
        guard let entry = initiating[slot], !entry.isResumption,
            var (handshake, payload) = open(packet, slot)
        else { return }
        guard let staticKey = handshake.remoteStaticKey, let peer = peers[entry.peerSlot].peer else { return }
        let responderID: UInt64 = packet.bigEndian(at: 12)
        let proof: DatagramProof
        do throws(DatagramFailure) {
            proof = try prove(payload, staticKey: staticKey, expected: peer, requiresTimestamp: true)
            guard responderID != 0, proof.payload.connectionID == responderID else { throw .badHandshake }
        } catch {
            counters.drop(.badHandshake)
            giveUp(address, slot, error, now: now, into: &effects)
            return
        }
        payload = []
        knownKeys.remember(staticKey, of: peer, timestamp: proof.payload.timestamp ?? 0)
        var ours = DatagramPayload(
            identity, resetToken: tokenBytes(of: entry.initiatorID), timestamp: nextTimestamp(now: now))
        let room = DatagramPacket.maximumByteCount - DatagramPacket.completionMessageOffset - 64
        let rider = takeRider(ofPeerIn: entry.peerSlot, into: &ours, room: room)
        guard let completion = completionPacket(&handshake, ours, responderID: responderID),
            let keys = handshake.transportKeys,
            let session = establishInitiated(
                entry, slot, responderID: responderID, address: address, keys: keys,
                resetToken: proof.payload.resetToken, now: now, into: &effects)
        else { return }
        sessions[session].completionSlot = Int32(completions.insert(completion))
        let peerSlot = Int(sessions[session].peerSlot)
        send(completion, to: address, into: &effects)
        report(proof, session: session, isResumption: false, begunAt: entry.begunAt, now: now, into: &effects)
        if let rider {
            moveToFlight(rider)
            if requests[rider].attempt == 0 { counters.requestsSent += 1 }
            markSent(rider, now: now)
        }
        sendWaiting(ofPeerIn: peerSlot, now: now, into: &effects)
    }

    private mutating func takeResumptionAnswer(
        _ packet: RawSpan, _ slot: Int, from address: DatagramAddress, now: Instant,
        using rng: inout some RandomNumberGenerator, into effects: inout DatagramEffects
    ) {
        guard let entry = initiating[slot], entry.isResumption,
            let (handshake, bytes) = open(packet, slot), let peer = peers[entry.peerSlot].peer
        else { return }
        let responderID: UInt64 = packet.bigEndian(at: 12)
        guard responderID != 0, let payload = try? DatagramPayload(bytes.span.bytes),
            payload.connectionID == responderID, let keys = handshake.transportKeys
        else {
            counters.drop(.badHandshake)
            giveUp(address, slot, .badHandshake, now: now, into: &effects)
            return
        }
        let rider = entry.riderID.flatMap { requests.find(id: $0, peerSlot: Int32(entry.peerSlot)) }
        guard
            let session = establishInitiated(
                entry, slot, responderID: responderID, address: address, keys: keys,
                resetToken: payload.resetToken, now: now, into: &effects)
        else { return }
        counters.resumed += 1
        let proof = DatagramProof(peer: peer, publicKey: peer.publicKey, payload: payload)
        report(proof, session: session, isResumption: true, begunAt: entry.begunAt, now: now, into: &effects)
        // Without its response in the answer the request goes on as if it had just been sent.
        if let rider { markSent(rider, now: now) }
        let start = effects.arena.count
        effects.arena.append(payload.frames.span.bytes)
        let peerSlot = Int(sessions[session].peerSlot)
        takeFrames(
            start..<effects.arena.count, session: session, from: address, now: now, using: &rng,
            into: &effects)
        guard peers[peerSlot].peer == peer else { return }
        sendWaiting(ofPeerIn: peerSlot, now: now, into: &effects)
    }

    /// Opens message 2 with a copy of the handshake, which stays as it was for an answer that authenticates.
    private mutating func open(_ packet: RawSpan, _ slot: Int) -> (NoiseHandshake, [UInt8])? {
        guard let entry = initiating[slot],
            entry.badAnswerCount < DatagramInitiating.maximumBadAnswerCount,
            packet.byteCount > DatagramPacket.answerMessageOffset,
            let message = DatagramPacket.message(of: packet, at: DatagramPacket.answerMessageOffset)
        else {
            counters.drop(.malformed)
            return nil
        }
        var handshake = entry.handshake
        guard let payload = try? handshake.readMessage(packet.extracting(message)) else {
            counters.drop(.badHandshake)
            initiating[slot]?.badAnswerCount += 1
            return nil
        }
        return (handshake, payload)
    }

    func completionPacket(
        _ handshake: inout NoiseHandshake, _ payload: DatagramPayload, responderID: UInt64
    ) -> [UInt8]? {
        var message: [UInt8] = []
        do throws(NoiseError) {
            try handshake.writeMessage(payload: payload.encoded.span.bytes, appendingTo: &message)
        } catch {
            return nil
        }
        var packet: [UInt8] = []
        packet.reserveCapacity(DatagramPacket.completionMessageOffset + message.count)
        DatagramPacket.appendHeader(
            .completion, detail: UInt16(message.count), id: responderID, to: &packet)
        packet += message
        return packet.count <= DatagramPacket.maximumByteCount ? packet : nil
    }

    /// Makes a handshake of ours a session.
    private mutating func establishInitiated(
        _ entry: DatagramInitiating, _ slot: Int, responderID: UInt64, address: DatagramAddress,
        keys: (initiator: Bytes32, responder: Bytes32), resetToken: [UInt8], now: Instant,
        into effects: inout DatagramEffects
    ) -> Int? {
        guard let peer = peers[entry.peerSlot].peer else { return nil }
        let isUnambiguous = entry.targets.allSatisfy { $0.sendCount <= 1 }
        let new = NewSession(
            localID: entry.initiatorID, remoteID: responderID, peer: peer, address: address,
            isInitiator: true, keys: (keys.initiator, keys.responder), resetToken: resetToken)
        guard let session = establish(new, now: now, into: &effects) else { return nil }
        removeInitiating(slot)
        // One packet, one answer: a sample. A Resumption's answer may have waited for the response.
        if isUnambiguous, !entry.isResumption {
            peers[Int(sessions[session].peerSlot)].roundTrip.add(now.duration(since: entry.begunAt))
        }
        return session
    }

    /// Sends the Completion of a session again while the peer has not shown that it has it.
    mutating func repeatCompletion(of slot: Int, into effects: inout DatagramEffects) {
        let completion = sessions[slot].completionSlot
        guard completion != DatagramSession.none else { return }
        send(completions[Int(completion)], to: sessions[slot].address, into: &effects)
    }
}
