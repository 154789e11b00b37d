import MeshCore
import MeshCrypto
import MeshMultiformats

/// What a handshake payload proves.
struct DatagramProof {
    let peer: PeerID
    let publicKey: PublicKey?
    let payload: DatagramPayload
}

/// What both sides of a handshake need. Source: Specs/noise-datagrams.md, sections 1, 3 and 4.
extension DatagramEndpoint {
    private static var prologueText: String { "meshp2p-noise-udp" }
    private static var memberText: String { "meshp2p-noise-udp member:" }
    private static var keyText: String { "meshp2p-noise-udp psk:" }

    func makeHandshake(
        _ pattern: NoisePattern, _ role: ConnectionRole, initiatorID: UInt64, remoteStaticKey: Bytes32?,
        using rng: inout some RandomNumberGenerator
    ) -> NoiseHandshake {
        NoiseHandshake(
            pattern: pattern, role: role, staticKey: identity.staticKey,
            ephemeralKey: X25519PrivateKey(using: &rng), remoteStaticKey: remoteStaticKey,
            prologue: Self.prologue(initiatorID: initiatorID, presharedKey: presharedKey))
    }

    /// What both sides must agree on before the first message.
    static func prologue(initiatorID: UInt64, presharedKey: PresharedKey?) -> [UInt8] {
        var prologue = Array(prologueText.utf8)
        prologue.append(DatagramPacket.version)
        prologue.appendBigEndian(initiatorID)
        if let presharedKey {
            prologue += SHA256.hash(Array(keyText.utf8) + presharedKey.key.bytes).bytes
        }
        return prologue
    }

    /// The proof of membership of a first packet; zeros outside private networks.
    static func membershipCode(
        _ packet: RawSpan, message: Range<Int>, presharedKey: PresharedKey?
    ) -> SipHash.Code {
        guard let presharedKey else { return SipHash.Code(high: 0, low: 0) }
        var input = Array(memberText.utf8)
        input.append(packet.extracting(0..<DatagramPacket.cookieOffset))
        input.append(packet.extracting(message))
        let code = HMACSHA256.code(of: input.span.bytes, key: presharedKey.key)
        return SipHash.Code(high: code.word0, low: code.word1)
    }

    /// Whether the sender of a first packet belongs to the private network, if there is one.
    func isMember(_ packet: RawSpan, message: Range<Int>) -> Bool {
        guard presharedKey != nil else { return true }
        let offset = DatagramPacket.membershipOffset
        let code = SipHash.Code(high: packet.bigEndian(at: offset), low: packet.bigEndian(at: offset + 8))
        return Self.membershipCode(packet, message: message, presharedKey: presharedKey)
            .equalsInConstantTime(code)
    }

    /// A number above all that handshakes told before.
    mutating func nextTimestamp(now: Instant) -> UInt64 {
        lastTimestamp = max(lastTimestamp + 1, now.nanoseconds)
        return lastTimestamp
    }

    func tokenBytes(of id: UInt64) -> [UInt8] {
        let token = resetToken(of: id)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(16)
        bytes.appendBigEndian(token.high)
        bytes.appendBigEndian(token.low)
        return bytes
    }

    /// Checks a payload that must prove an identity, in the order of the specification.
    func prove(
        _ bytes: [UInt8], staticKey: Bytes32, expected: PeerID? = nil, requiresTimestamp: Bool
    ) throws(DatagramFailure) -> DatagramProof {
        guard let payload = try? DatagramPayload(bytes.span.bytes),
            let publicKey = try? PublicKey(protobuf: payload.identityKey.span.bytes),
            payload.timestamp != nil || !requiresTimestamp
        else { throw .badHandshake }
        let peer = publicKey.peerID
        if knownKeys.owner(of: staticKey) != peer {
            let signed = DatagramPayload.signedBytes(staticKey: staticKey)
            guard publicKey.verify(signature: payload.signature.span.bytes, of: signed.span.bytes) else {
                throw .badHandshake
            }
        }
        if let expected, peer != expected { throw .wrongPeer(peer) }
        guard payload.network == identity.network else { throw .wrongNetwork }
        return DatagramProof(peer: peer, publicKey: publicKey, payload: payload)
    }

    /// Tells the driver about a new session.
    mutating func report(
        _ proof: DatagramProof, session: Int, isResumption: Bool, begunAt: Instant, now: Instant,
        into effects: inout DatagramEffects
    ) {
        effects.events.append(
            .established(
                DatagramSessionInfo(
                    peer: proof.peer, publicKey: proof.publicKey, address: sessions[session].address,
                    isInitiator: sessions[session].isInitiator, isResumption: isResumption,
                    servesKad: proof.payload.servesKad, network: identity.network,
                    addresses: proof.payload.addresses, handshakeDuration: now.duration(since: begunAt))))
    }

    /// A Response or Resumption answer.
    func answerPacket(
        _ type: DatagramPacket, initiatorID: UInt64, responderID: UInt64, message: [UInt8]
    ) -> [UInt8] {
        var packet: [UInt8] = []
        packet.reserveCapacity(DatagramPacket.answerMessageOffset + message.count)
        DatagramPacket.appendHeader(type, detail: UInt16(message.count), id: initiatorID, to: &packet)
        packet.appendBigEndian(responderID)
        packet += message
        return packet
    }

    /// Sends the answer of a handshake that somebody else began.
    mutating func sendAnswer(_ slot: Int, into effects: inout DatagramEffects) {
        guard let entry = answering[slot] else { return }
        if !entry.isValidated { counters.unvalidatedSentBytes += entry.answer.count }
        send(entry.answer, to: entry.address, into: &effects)
    }

    /// Sends a Retry: nothing is kept for it.
    mutating func sendRetry(
        to first: FirstPacket, now: Instant, using rng: inout some RandomNumberGenerator,
        into effects: inout DatagramEffects
    ) {
        let cookie = admission.cookie(
            for: first.address, initiatorID: first.initiatorID, ephemeralKey: first.ephemeralKey, now: now,
            using: &rng)
        let start = effects.arena.count
        DatagramPacket.appendHeader(.retry, detail: 0, id: first.initiatorID, to: &effects.arena)
        cookie.append(to: &effects.arena)
        counters.retriesSent += 1
        counters.unvalidatedSentBytes += DatagramPacket.retryByteCount
        send(from: start, to: first.address, into: &effects)
    }

    /// Sends a Decline, within its rate.
    mutating func sendDecline(
        reason: UInt8, _ initiatorID: UInt64, to address: DatagramAddress, now: Instant,
        into effects: inout DatagramEffects
    ) {
        guard admission.takeDecline(now: now) else { return }
        let start = effects.arena.count
        DatagramPacket.appendHeader(
            .decline, detail: UInt16(reason) << 8, id: initiatorID, to: &effects.arena)
        counters.declinesSent += 1
        counters.unvalidatedSentBytes += DatagramPacket.declineByteCount
        send(from: start, to: address, into: &effects)
    }

    /// The place of a handshake of somebody else in the index.
    func answeringKey(_ address: DatagramAddress, _ initiatorID: UInt64) -> UInt64 {
        let words = address.words
        return resetFunction.code(of: [words.0, words.1, words.2, initiatorID]).high
    }

    /// Adds a handshake of somebody else; the oldest one makes room.
    mutating func addAnswering(
        _ first: FirstPacket, responderID: UInt64, isValidated: Bool, state: DatagramAnswering.State,
        now: Instant
    ) -> Int? {
        // The same initiator id with another ephemeral key: the newer one counts.
        if let slot = answeringIndex.find(first.key) { removeAnswering(slot) }
        let limit = min(max(1, configuration.maximumAnsweringCount), DatagramResponseToken.maximumSlotCount)
        if answering.count >= limit, let oldest = answeringAge.oldest { removeAnswering(oldest) }
        nextGeneration = (nextGeneration &+ 1) & DatagramResponseToken.generationMask
        let slot = answering.insert(
            DatagramAnswering(
                key: first.key, address: first.address, initiatorID: first.initiatorID,
                ephemeralKey: first.ephemeralKey, responderID: responderID, generation: nextGeneration,
                begunAt: now, isValidated: isValidated, state: state))
        answeringIndex.set(first.key, slot)
        answeringAge.add(slot)
        localIDs.set(responderID, DatagramSlotKind.answering.entry(slot))
        if sweepAt == nil { sweepAt = now + Self.sweepInterval }
        return slot
    }

    /// Forgets a handshake of somebody else; a session that it became stays.
    mutating func removeAnswering(_ slot: Int) {
        guard let entry = answering[slot] else { return }
        if let found = localIDs.find(entry.responderID), DatagramSlotKind.kind(of: found) == .answering {
            localIDs.remove(entry.responderID)
        }
        answeringIndex.remove(entry.key)
        answeringAge.remove(slot)
        answeringTimers.cancel(slot)
        answering.remove(slot, leaving: nil)
    }
}
