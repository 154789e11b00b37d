import MeshCore
import MeshMultiformats

/// Requests of ours: on a session when there is one, else in a handshake, again when no response comes.
///
/// | State | Input | Next state |
/// |---|---|---|
/// | none | `request`, a session that may be used, room in flight | in flight |
/// | none | `request`, else | waiting, and a handshake unless one runs or a session has no room only |
/// | waiting | a session, room in flight | in flight |
/// | in flight | timer, attempts left | in flight; on a new handshake when the session is gone |
/// | in flight | timer, none left | failed |
/// | in flight | response, refusal | done |
/// | any | handshake failed, CLOSE 0, `cancel` | done |
extension DatagramEndpoint {
    /// Asks `peer`: on a session with it, or by a handshake at `addresses`, best first.
    ///
    /// The driver gets exactly one `.response` or `.failure` for each token, unless it cancels. A token must not be
    /// used again before that.
    public mutating func request(
        _ message: RawSpan, to peer: PeerID, at addresses: [DatagramAddress], token: RequestToken,
        now: Instant, using rng: inout some RandomNumberGenerator, into effects: inout DatagramEffects
    ) {
        guard !message.isEmpty, message.byteCount <= DatagramFrame.maximumMessageByteCount else {
            effects.events.append(.failure(token, to: peer, .refused(.tooLarge)))
            return
        }
        guard requests.count < min(configuration.maximumRequestCount, Int(DatagramRequestTable.slotMask)),
            let peerSlot = makePeer(peer)
        else {
            effects.events.append(.failure(token, to: peer, .limit))
            return
        }
        let session = sendingSession(ofPeer: peerSlot, now: now)
        let isHandshaking = peers[peerSlot].initiatingSlot != DatagramSession.none
        let canSend = session.map { isHandshaking || !isDueForReplacement($0, now: now) } ?? false
        let hasRoom = Int(peers[peerSlot].inFlight.count) < configuration.maximumInFlightPerPeer
        if canSend, hasRoom, let session {
            let slot = requests.insert(
                message, token: token.value, peerSlot: peerSlot, addresses: addresses)
            requests.append(slot, to: &peers[peerSlot].inFlight)
            sendRequest(slot, on: session, now: now, into: &effects)
            return
        }
        guard Int(peers[peerSlot].waiting.count) < configuration.maximumWaitingPerPeer else {
            effects.events.append(.failure(token, to: peer, .limit))
            return
        }
        let slot = requests.insert(message, token: token.value, peerSlot: peerSlot, addresses: addresses)
        requests.append(slot, to: &peers[peerSlot].waiting)
        guard !canSend, !isHandshaking else { return }
        var targets = addresses
        if let session, !targets.contains(sessions[session].address) {
            targets.insert(sessions[session].address, at: 0)
        }
        beginHandshake(withPeerIn: peerSlot, at: targets, now: now, using: &rng, into: &effects)
    }

    /// Forgets a request of ours; nothing is reported for it any more.
    public mutating func cancel(_ token: RequestToken) {
        guard let slot = requests.find(token: token.value) else { return }
        finish(slot)
    }

    /// Sends a request that is in its peer's list of those in flight, and sets its timer.
    mutating func sendRequest(
        _ slot: Int, on session: Int, now: Instant, into effects: inout DatagramEffects
    ) {
        let byteCount = requests[slot].message.count
        let parts = DatagramFrame.partCount(byteCount)
        for part in 0..<parts {
            let start = beginData(session, into: &effects)
            DatagramFrame.appendHeader(
                .request, id: requests[slot].id, attempt: requests[slot].attempt, part: part, parts: parts,
                to: &effects.arena)
            let first = part * DatagramFrame.partByteCount
            let range = first..<min(byteCount, first + DatagramFrame.partByteCount)
            effects.arena.append(requests[slot].message.span.bytes.extracting(range))
            finishData(session, start: start, to: sessions[session].address, into: &effects)
        }
        if requests[slot].attempt == 0 { counters.requestsSent += 1 } else { counters.retransmissions += 1 }
        markSent(slot, now: now)
    }

    /// Notes that a request went out now, in whatever packet, and sets its timer.
    mutating func markSent(_ slot: Int, now: Instant) {
        let attempt = requests[slot].attempt
        requests[slot].isInFlight = true
        requests[slot].sentAt[Int(attempt)] = now
        let wait = peers[Int(requests[slot].peerSlot)].roundTrip.timeout(attempt: attempt, timing)
        requests.timers.set(slot, at: Instant(nanoseconds: now.nanoseconds &+ wait), now: now)
    }

    /// Sends again what was not answered, or gives it up.
    mutating func handleRequestTimer(
        _ slot: Int, now: Instant, using rng: inout some RandomNumberGenerator,
        into effects: inout DatagramEffects
    ) {
        let peerSlot = Int(requests[slot].peerSlot)
        let session = sendingSession(ofPeer: peerSlot, now: now)
        guard
            Int(requests[slot].attempt)
                < min(configuration.retransmissionCount, Int(DatagramPlace.maximumAttempt))
        else {
            if let session, sessions[session].receivedAt < requests[slot].sentAt[0] {
                sessions[session].isDoubtful = true
            }
            fail(slot, .timedOut, into: &effects)
            // A place in flight is free.
            sendWaiting(ofPeerIn: peerSlot, now: now, into: &effects)
            return
        }
        requests[slot].attempt += 1
        if let session {
            repeatCompletion(of: session, into: &effects)
            sendRequest(slot, on: session, now: now, into: &effects)
            return
        }
        moveToWaiting(slot)
        guard peers[peerSlot].initiatingSlot == DatagramSession.none else { return }
        beginHandshake(
            withPeerIn: peerSlot, at: requests[slot].addresses, now: now, using: &rng, into: &effects)
    }

    /// Sends what waits for the peer, as far as there is room in flight.
    mutating func sendWaiting(ofPeerIn peerSlot: Int, now: Instant, into effects: inout DatagramEffects) {
        guard peers[peerSlot].waiting.count > 0, let session = sendingSession(ofPeer: peerSlot, now: now)
        else { return }
        while peers[peerSlot].waiting.count > 0,
            Int(peers[peerSlot].inFlight.count) < configuration.maximumInFlightPerPeer
        {
            let slot = Int(peers[peerSlot].waiting.first)
            moveToFlight(slot)
            sendRequest(slot, on: session, now: now, into: &effects)
        }
    }

    /// Moves a waiting request to those in flight.
    mutating func moveToFlight(_ slot: Int) {
        let peerSlot = Int(requests[slot].peerSlot)
        requests.unlink(slot, from: &peers[peerSlot].waiting)
        requests.append(slot, to: &peers[peerSlot].inFlight)
        requests[slot].isInFlight = true
    }

    /// Moves a request in flight back to those that wait, as the first.
    mutating func moveToWaiting(_ slot: Int) {
        let peerSlot = Int(requests[slot].peerSlot)
        requests.timers.cancel(slot)
        requests.unlink(slot, from: &peers[peerSlot].inFlight)
        requests.append(slot, to: &peers[peerSlot].waiting, atStart: true)
        requests[slot].isInFlight = false
    }

    /// Takes a request out of everything.
    mutating func finish(_ slot: Int) {
        let peerSlot = Int(requests[slot].peerSlot)
        if requests[slot].isInFlight {
            requests.unlink(slot, from: &peers[peerSlot].inFlight)
        } else {
            requests.unlink(slot, from: &peers[peerSlot].waiting)
        }
        requests.remove(slot)
        releasePeer(peerSlot)
    }

    /// Ends a request without a response.
    mutating func fail(_ slot: Int, _ failure: DatagramFailure, into effects: inout DatagramEffects) {
        let token = RequestToken(requests[slot].token)
        if let peer = peers[Int(requests[slot].peerSlot)].peer {
            effects.events.append(.failure(token, to: peer, failure))
        }
        finish(slot)
    }

    /// Ends all requests to a peer.
    mutating func failAll(
        ofPeerIn peerSlot: Int, _ failure: DatagramFailure, into effects: inout DatagramEffects
    ) {
        failWaiting(ofPeerIn: peerSlot, failure, into: &effects)
        while peers[peerSlot].inFlight.count > 0 {
            fail(Int(peers[peerSlot].inFlight.first), failure, into: &effects)
        }
    }

    /// Ends the requests that wait for a peer.
    mutating func failWaiting(
        ofPeerIn peerSlot: Int, _ failure: DatagramFailure, into effects: inout DatagramEffects
    ) {
        while peers[peerSlot].waiting.count > 0 {
            fail(Int(peers[peerSlot].waiting.first), failure, into: &effects)
        }
    }

    /// Takes the response or the refusal to a request of ours that the wire calls `id`.
    mutating func takeRefusal(
        id: UInt32, code: UInt8, session: Int, now: Instant, into effects: inout DatagramEffects
    ) {
        let peerSlot = sessions[session].peerSlot
        guard let slot = requests.find(id: id, peerSlot: peerSlot) else {
            counters.drop(.unknownRequest)
            return
        }
        fail(slot, .refused(DatagramRefusal(rawValue: code) ?? .invalid), into: &effects)
        sendWaiting(ofPeerIn: Int(peerSlot), now: now, into: &effects)
    }

    /// Takes a part of the response to a request of ours; its bytes lie at `range` of the arena.
    mutating func takeResponse(
        id: UInt32, _ place: DatagramPlace, _ range: Range<Int>, session: Int, now: Instant,
        into effects: inout DatagramEffects
    ) {
        let peerSlot = sessions[session].peerSlot
        guard let slot = requests.find(id: id, peerSlot: peerSlot), let peer = peers[Int(peerSlot)].peer,
            place.attempt <= requests[slot].attempt
        else {
            counters.drop(.unknownRequest)
            return
        }
        var whole = range
        if place.parts > 1 {
            guard requests[slot].assembly.take(place, range, of: effects.arena) else { return }
            let start = effects.arena.count
            effects.arena.append(requests[slot].assembly.bytes.span.bytes)
            whole = start..<effects.arena.count
        }
        let sentAt = requests[slot].sentAt[Int(place.attempt)]
        peers[Int(peerSlot)].roundTrip.add(now.duration(since: sentAt))
        counters.responsesTaken += 1
        effects.events.append(.response(whole, from: peer, token: RequestToken(requests[slot].token)))
        finish(slot)
        sendWaiting(ofPeerIn: Int(peerSlot), now: now, into: &effects)
    }
}
