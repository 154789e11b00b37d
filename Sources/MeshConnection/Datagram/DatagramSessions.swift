import MeshCore
import MeshCrypto
import MeshMultiformats

/// Sessions and peers: how they begin, are found, and end.
extension DatagramEndpoint {
    /// How often the age of sessions is looked at.
    static var sweepInterval: Duration { .seconds(10) }
    /// Sessions that were established in this time of each other come from handshakes that crossed.
    private static var crossingTime: Duration { .seconds(5) }

    /// What a handshake leads to.
    struct NewSession {
        var localID: UInt64
        var remoteID: UInt64
        var peer: PeerID
        var address: DatagramAddress
        var isInitiator: Bool
        var keys: (send: Bytes32, receive: Bytes32)
        var resetToken: [UInt8]
    }

    /// The entry of `peer`, if it has one.
    func peerSlot(of peer: PeerID) -> Int? {
        guard let slot = peerIndex.find(peer.kadKey.word0), peers[slot].peer == peer else { return nil }
        return slot
    }

    /// The entry of `peer`; nil when another peer id with the same first 64 bits of its Kademlia key has one.
    mutating func makePeer(_ peer: PeerID) -> Int? {
        if let slot = peerIndex.find(peer.kadKey.word0) { return peers[slot].peer == peer ? slot : nil }
        let slot = peers.insert(DatagramPeer(peer: peer))
        peerIndex.set(peer.kadKey.word0, slot)
        return slot
    }

    /// Frees the entry of a peer that nothing holds any more.
    mutating func releasePeer(_ slot: Int) {
        guard peers[slot].isUnused, let peer = peers[slot].peer else { return }
        peerIndex.remove(peer.kadKey.word0)
        peers.remove(slot, leaving: DatagramPeer())
    }

    /// A connection id that is not in use.
    func freshID(using rng: inout some RandomNumberGenerator) -> UInt64 {
        while true {
            let id = rng.next()
            if id != 0, localIDs.find(id) == nil { return id }
        }
    }

    /// The token of Resets for a connection id of ours.
    func resetToken(of id: UInt64) -> SipHash.Code { resetFunction.code(of: [id]) }

    /// Adds a session; nil when its peer has no entry and can have none.
    mutating func establish(
        _ new: NewSession, now: Instant, into effects: inout DatagramEffects
    ) -> Int? {
        makeRoom(for: new.peer, into: &effects)
        guard let peerSlot = makePeer(new.peer) else { return nil }
        var session = DatagramSession()
        session.localID = new.localID
        session.remoteID = new.remoteID
        session.address = new.address
        session.establishedAt = now
        session.receivedAt = now
        session.peerSlot = Int32(peerSlot)
        session.isInitiator = new.isInitiator
        session.isLowerInitiated = (identity.peerID < new.peer) == new.isInitiator
        if new.resetToken.count == 16 {
            let token = new.resetToken.span.bytes
            session.hasResetToken = true
            session.resetToken = SipHash.Code(high: token.bigEndian(at: 0), low: token.bigEndian(at: 8))
        }
        session.olderOfPeer = peers[peerSlot].sessionSlot
        nextGeneration = (nextGeneration &+ 1) & DatagramResponseToken.generationMask
        session.generation = nextGeneration
        let slot = sessions.insert(session)
        sessionKeys.set(slot, send: new.keys.send, receive: new.keys.receive)
        peers[peerSlot].sessionSlot = Int32(slot)
        recency.add(slot)
        localIDs.set(new.localID, DatagramSlotKind.session.entry(slot))
        remoteIDs.set(new.remoteID, slot)
        counters.established += 1
        if sweepAt == nil { sweepAt = now + Self.sweepInterval }
        return slot
    }

    /// Ends the session in `slot`; says so when it was the last with its peer.
    mutating func removeSession(_ slot: Int, into effects: inout DatagramEffects) {
        let session = sessions[slot]
        localIDs.remove(session.localID)
        if remoteIDs.find(session.remoteID) == slot { remoteIDs.remove(session.remoteID) }
        recency.remove(slot)
        sessionKeys.wipe(slot)
        if session.pathSlot != DatagramSession.none { removePath(Int(session.pathSlot)) }
        if session.completionSlot != DatagramSession.none {
            completions.remove(Int(session.completionSlot), leaving: [])
        }
        if session.reassemblyCount > 0 { reassemblies.removeAll { $0.sessionSlot == slot } }
        let peerSlot = Int(session.peerSlot)
        unlinkSession(slot, fromPeer: peerSlot)
        sessions.remove(slot, leaving: DatagramSession())
        if peers[peerSlot].sessionSlot == DatagramSession.none, let peer = peers[peerSlot].peer {
            effects.events.append(.closed(peer: peer))
        }
        releasePeer(peerSlot)
    }

    /// The session that a request to the peer goes out on, or nil when there is none that lives.
    func sendingSession(ofPeer peerSlot: Int, now: Instant) -> Int? {
        let newest = peers[peerSlot].sessionSlot
        guard newest != DatagramSession.none else { return nil }
        var best: Int?
        var next = newest
        while next != DatagramSession.none {
            let slot = Int(next)
            next = sessions[slot].olderOfPeer
            guard isAlive(slot, now: now) else { continue }
            guard let current = best else {
                best = slot
                continue
            }
            let gap = sessions[current].establishedAt.duration(since: sessions[slot].establishedAt)
            let crossed = sessions[slot].isInitiator != sessions[current].isInitiator
            if crossed, gap <= Self.crossingTime, sessions[slot].isLowerInitiated { best = slot }
        }
        return best
    }

    /// Whether a session is still used for anything.
    func isAlive(_ slot: Int, now: Instant) -> Bool {
        sessions[slot].sendCounter < configuration.maximumPacketCount
            && now < sessions[slot].establishedAt + configuration.maximumAge
    }

    /// Whether the next request should begin a new handshake.
    func isDueForReplacement(_ slot: Int, now: Instant) -> Bool {
        sessions[slot].isDoubtful || sessions[slot].sendCounter >= configuration.rekeyPacketCount
            || now >= sessions[slot].establishedAt + configuration.rekeyAge
    }

    /// Drops what is too old, and memory that only a busy time needs.
    mutating func sweep(now: Instant, into effects: inout DatagramEffects) {
        var next = recency.oldest
        while let slot = next {
            next = recency.newer(than: slot)
            let isIdle = now >= sessions[slot].receivedAt + configuration.maximumAge
            if isIdle || !isAlive(slot, now: now) { removeSession(slot, into: &effects) }
        }
        dropOldReassemblies(now: now)
        admission.forgetPrefixes(now: now)
        sessions.giveBackWhenEmpty()
        peers.giveBackWhenEmpty()
        initiating.giveBackWhenEmpty()
        answering.giveBackWhenEmpty()
        let isQuiet = sessions.count == 0 && admission.prefixCount == 0 && reassemblies.isEmpty
        sweepAt = isQuiet ? nil : now + Self.sweepInterval
    }

    /// Ends what is over the limits once there is a session more with `peer`.
    private mutating func makeRoom(for peer: PeerID, into effects: inout DatagramEffects) {
        if let peerSlot = peerSlot(of: peer) {
            var count = 0
            var last = DatagramSession.none
            var next = peers[peerSlot].sessionSlot
            while next != DatagramSession.none {
                count += 1
                last = next
                next = sessions[Int(next)].olderOfPeer
            }
            if last != DatagramSession.none, count >= max(1, configuration.maximumSessionsPerPeer) {
                removeSession(Int(last), into: &effects)
            }
        }
        let limit = min(max(1, configuration.maximumSessionCount), DatagramResponseToken.maximumSlotCount)
        if sessions.count >= limit, let oldest = recency.oldest {
            counters.evictions += 1
            removeSession(oldest, into: &effects)
        }
    }

    private mutating func unlinkSession(_ slot: Int, fromPeer peerSlot: Int) {
        let older = sessions[slot].olderOfPeer
        guard peers[peerSlot].sessionSlot != Int32(slot) else {
            peers[peerSlot].sessionSlot = older
            return
        }
        var next = peers[peerSlot].sessionSlot
        while next != DatagramSession.none {
            if sessions[Int(next)].olderOfPeer == Int32(slot) {
                sessions[Int(next)].olderOfPeer = older
                return
            }
            next = sessions[Int(next)].olderOfPeer
        }
    }
}
