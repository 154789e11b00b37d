import MeshCore
import MeshCrypto
import MeshMultiformats

/// A handshake that we began, at one or several addresses of the peer.
struct DatagramInitiating {
    /// One address and what was done there.
    struct Target {
        let address: DatagramAddress
        var cookie: [UInt8] = []
        var sendCount = 0
        var retryCount = 0
        var isGivenUp = false
        /// When the packet goes out next, or the address is given up.
        var due: Instant
    }

    /// How often a packet goes out to one address.
    static let maximumSendCount = 3
    /// How many addresses are tried.
    static let maximumTargetCount = 4
    /// How many Retries of one address are followed.
    static let maximumRetryCount = 3
    /// How many answers that do not authenticate are looked at.
    static let maximumBadAnswerCount = 4

    let initiatorID: UInt64
    let peerSlot: Int
    let isResumption: Bool
    let begunAt: Instant
    /// Waits for message 2.
    let handshake: NoiseHandshake
    /// The whole packet; the cookie is put in when it goes out.
    let packet: [UInt8]
    var targets: [Target]
    /// The request in a Resumption, by its id.
    var riderID: UInt32?
    var badAnswerCount = 0
    /// Why an address was given up.
    var failure: DatagramFailure?

    /// When something is to be done next.
    var due: Instant {
        targets.reduce(.distantFuture) { $1.isGivenUp ? $0 : min($0, $1.due) }
    }
}

/// The initiator's side of handshakes: beginning, repeating, giving up.
///
/// Source: Specs/noise-datagrams.md, sections 5.1 to 5.4.
extension DatagramEndpoint {
    /// Begins a handshake for the requests that wait for a peer; a resumption when its static key is known.
    mutating func beginHandshake(
        withPeerIn peerSlot: Int, at addresses: [DatagramAddress], now: Instant,
        using rng: inout some RandomNumberGenerator, into effects: inout DatagramEffects
    ) {
        guard let peer = peers[peerSlot].peer else { return }
        var targets: [DatagramInitiating.Target] = []
        for address in addresses where targets.count < DatagramInitiating.maximumTargetCount {
            guard !targets.contains(where: { $0.address == address }) else { continue }
            let delay = configuration.addressStagger * targets.count
            targets.append(DatagramInitiating.Target(address: address, due: now + delay))
        }
        guard !targets.isEmpty, peer != identity.peerID else {
            sendOrFailWaiting(ofPeerIn: peerSlot, .noAddress, now: now, into: &effects)
            return
        }
        guard initiating.count < configuration.maximumInitiatingCount else {
            sendOrFailWaiting(ofPeerIn: peerSlot, .limit, now: now, into: &effects)
            return
        }
        let staticKey = knownKeys.staticKey(of: peer)
        initiate(withPeerIn: peerSlot, targets, staticKey: staticKey, now: now, using: &rng, into: &effects)
    }

    private mutating func initiate(
        withPeerIn peerSlot: Int, _ targets: [DatagramInitiating.Target], staticKey: Bytes32?, now: Instant,
        using rng: inout some RandomNumberGenerator, into effects: inout DatagramEffects
    ) {
        let initiatorID = freshID(using: &rng)
        var handshake = makeHandshake(
            staticKey == nil ? .xx : .ik, .dialer, initiatorID: initiatorID, remoteStaticKey: staticKey,
            using: &rng)
        var payload: [UInt8] = []
        var rider: Int?
        if staticKey != nil {
            var proof = DatagramPayload(
                identity, resetToken: tokenBytes(of: initiatorID), timestamp: nextTimestamp(now: now))
            // 1,200 less header, keys and tags.
            let room = DatagramPacket.maximumByteCount - DatagramPacket.firstMessageOffset - 96
            rider = takeRider(ofPeerIn: peerSlot, into: &proof, room: room)
            payload = proof.encoded
        }
        var message: [UInt8] = []
        do throws(NoiseError) {
            try handshake.writeMessage(payload: payload.span.bytes, appendingTo: &message)
        } catch {
            failWaiting(ofPeerIn: peerSlot, .badHandshake, into: &effects)
            return
        }
        let packet = firstPacket(
            staticKey == nil ? .initiation : .resumption, initiatorID: initiatorID, message: message)
        let slot = initiating.insert(
            DatagramInitiating(
                initiatorID: initiatorID, peerSlot: peerSlot, isResumption: staticKey != nil, begunAt: now,
                handshake: handshake, packet: packet, targets: targets,
                riderID: rider.map { requests[$0].id }))
        peers[peerSlot].initiatingSlot = Int32(slot)
        localIDs.set(initiatorID, DatagramSlotKind.initiating.entry(slot))
        counters.initiated += 1
        if let rider {
            moveToFlight(rider)
            requests[rider].sentAt[Int(requests[rider].attempt)] = now
            counters.requestsSent += 1
        }
        sendDueTargets(slot, now: now, into: &effects)
    }

    /// Puts the first waiting request that fits into the frames of a payload, and gives its slot.
    mutating func takeRider(
        ofPeerIn peerSlot: Int, into payload: inout DatagramPayload, room: Int
    ) -> Int? {
        // The field's tag and length, and the frame's header.
        let rest = room - payload.encoded.count - 3 - DatagramFrame.messageHeaderByteCount
        let first = peers[peerSlot].waiting.first
        guard first != DatagramSession.none,
            Int(peers[peerSlot].inFlight.count) < configuration.maximumInFlightPerPeer
        else { return nil }
        let slot = Int(first)
        guard requests[slot].message.count <= min(rest, DatagramFrame.partByteCount) else { return nil }
        DatagramFrame.append(
            .request, id: requests[slot].id, attempt: requests[slot].attempt,
            message: requests[slot].message.span.bytes, to: &payload.frames)
        return slot
    }

    /// An Initiation or Resumption without a cookie.
    func firstPacket(
        _ type: DatagramPacket, initiatorID: UInt64, message: [UInt8]
    ) -> [UInt8] {
        var packet: [UInt8] = []
        packet.reserveCapacity(DatagramPacket.maximumByteCount)
        DatagramPacket.appendHeader(type, detail: UInt16(message.count), id: initiatorID, to: &packet)
        packet += [UInt8](repeating: 0, count: DatagramPacket.firstMessageOffset - packet.count)
        packet += message
        let end = packet.count
        packet += [UInt8](repeating: 0, count: DatagramPacket.maximumByteCount - packet.count)
        let code = Self.membershipCode(
            packet.span.bytes, message: DatagramPacket.firstMessageOffset..<end, presharedKey: presharedKey)
        var bytes: [UInt8] = []
        bytes.appendBigEndian(code.high)
        bytes.appendBigEndian(code.low)
        let offset = DatagramPacket.membershipOffset
        packet.replaceSubrange(offset..<offset + 16, with: bytes)
        return packet
    }

    /// Sends the packet to every address that is due, and sets the timer.
    mutating func sendDueTargets(_ slot: Int, now: Instant, into effects: inout DatagramEffects) {
        guard var entry = initiating[slot] else { return }
        for index in entry.targets.indices {
            let target = entry.targets[index]
            guard !target.isGivenUp, target.due <= now else { continue }
            guard target.sendCount < DatagramInitiating.maximumSendCount else {
                entry.targets[index].isGivenUp = true
                continue
            }
            sendFirst(entry.packet, cookie: target.cookie, to: target.address, into: &effects)
            let wait = min(timing.initial << UInt64(target.sendCount), timing.maximum)
            entry.targets[index].sendCount += 1
            entry.targets[index].due = Instant(nanoseconds: now.nanoseconds &+ wait)
        }
        let due = entry.due
        initiating[slot] = entry
        guard due < .distantFuture else {
            failHandshake(slot, now: now, into: &effects)
            return
        }
        initiatingTimers.set(slot, at: due, now: now)
    }

    private mutating func sendFirst(
        _ packet: [UInt8], cookie: [UInt8], to address: DatagramAddress, into effects: inout DatagramEffects
    ) {
        let start = effects.arena.count
        effects.arena.append(packet.span.bytes)
        if !cookie.isEmpty {
            let offset = start + DatagramPacket.cookieOffset
            effects.arena.replaceSubrange(offset..<offset + cookie.count, with: cookie)
        }
        send(from: start, to: address, into: &effects)
    }

    /// Repeats the packet where it is due, or gives the handshake up.
    mutating func handleInitiatingTimer(
        _ slot: Int, now: Instant, using rng: inout some RandomNumberGenerator,
        into effects: inout DatagramEffects
    ) {
        guard let entry = initiating[slot] else { return }
        // Nobody waits for it any more.
        let peer = entry.peerSlot
        guard peers[peer].waiting.count > 0 || peers[peer].inFlight.count > 0 else {
            removeInitiating(slot)
            return
        }
        sendDueTargets(slot, now: now, into: &effects)
    }

    /// Ends a handshake of ours that did not succeed.
    private mutating func failHandshake(_ slot: Int, now: Instant, into effects: inout DatagramEffects) {
        guard let entry = initiating[slot] else { return }
        let failure = entry.failure ?? .timedOut
        let peerSlot = entry.peerSlot
        if let id = entry.riderID, let rider = requests.find(id: id, peerSlot: Int32(peerSlot)) {
            moveToWaiting(rider)
        }
        initiatingTimers.cancel(slot)
        sendOrFailWaiting(ofPeerIn: peerSlot, failure, now: now, into: &effects)
        removeInitiating(slot)
    }

    /// Without a handshake: sends what waits on a session, if there is a good one.
    private mutating func sendOrFailWaiting(
        ofPeerIn peerSlot: Int, _ failure: DatagramFailure, now: Instant, into effects: inout DatagramEffects
    ) {
        if let session = sendingSession(ofPeer: peerSlot, now: now), !sessions[session].isDoubtful {
            sendWaiting(ofPeerIn: peerSlot, now: now, into: &effects)
        } else {
            failWaiting(ofPeerIn: peerSlot, failure, into: &effects)
        }
    }

    /// Forgets a handshake of ours.
    mutating func removeInitiating(_ slot: Int) {
        guard let entry = initiating[slot] else { return }
        if let found = localIDs.find(entry.initiatorID), DatagramSlotKind.kind(of: found) == .initiating {
            localIDs.remove(entry.initiatorID)
        }
        initiatingTimers.cancel(slot)
        initiating.remove(slot, leaving: nil)
        if peers[entry.peerSlot].initiatingSlot == Int32(slot) {
            peers[entry.peerSlot].initiatingSlot = DatagramSession.none
        }
        releasePeer(entry.peerSlot)
    }

    /// Begins again without a resumption, at the same addresses.
    mutating func restartWithoutResumption(
        _ slot: Int, now: Instant, using rng: inout some RandomNumberGenerator,
        into effects: inout DatagramEffects
    ) {
        guard let entry = initiating[slot], let peer = peers[entry.peerSlot].peer else { return }
        knownKeys.forget(peer)
        if let id = entry.riderID, let rider = requests.find(id: id, peerSlot: Int32(entry.peerSlot)) {
            moveToWaiting(rider)
        }
        let addresses = entry.targets.map(\.address)
        let hasRequests = peers[entry.peerSlot].waiting.count > 0
        removeInitiating(slot)
        guard hasRequests, let peerSlot = peerSlot(of: peer) else { return }
        beginHandshake(withPeerIn: peerSlot, at: addresses, now: now, using: &rng, into: &effects)
    }
}
