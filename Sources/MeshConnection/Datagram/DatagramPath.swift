import MeshCore
import MeshCrypto

/// An address that a session's packets come from and that is not validated yet.
struct DatagramPath {
    /// The times at which a challenge goes out, after the first.
    static var repetitions: [Duration] { [.milliseconds(500), .seconds(1)] }
    /// When the address is given up, after the first challenge.
    static var lifetime: Duration { .seconds(3) }
    /// How much more than it received goes to an address.
    ///
    /// Source: RFC 9000, section 8.1.
    static var amplification: Int { 3 }

    let sessionSlot: Int
    var address: DatagramAddress
    /// Whether it is the session's own address: there is no older, validated one.
    var isSessionAddress: Bool
    /// Whether an authentic Data packet from the address validates it.
    var isValidatedByData: Bool
    var receivedByteCount: Int
    var sentByteCount = 0
    /// What the peer has to send back; nil before the first challenge.
    var challenge: UInt64?
    var challengedAt = Instant.zero
    var challengeCount = 0
    /// Whether something waits that needs the challenge.
    var wantsChallenge = false
    /// Sealed packets that wait.
    var deferred: [[UInt8]] = []
}

/// Addresses of sessions that change, and that are not validated. Source: Specs/noise-datagrams.md, section 8.
///
/// | State | Input | Output | Next |
/// |---|---|---|---|
/// | validated | highest counter from another address | PATH_CHALLENGE there | candidate |
/// | candidate | PATH_RESPONSE with the challenge | what waited | validated, moved |
/// | candidate | highest counter from the session's address | | validated |
/// | candidate | highest counter from a third address | PATH_CHALLENGE there | candidate |
/// | candidate | 3 s | | validated, at the old address |
/// | own | Data from it (resumption), PATH_RESPONSE | what waited | validated |
/// | own | highest counter from another address | PATH_CHALLENGE there | own, of that address |
extension DatagramEndpoint {
    /// Gives a new session an address that is not validated.
    mutating func addOwnPath(
        _ slot: Int, address: DatagramAddress, receivedByteCount: Int, sentByteCount: Int,
        isValidatedByData: Bool
    ) {
        let path = DatagramPath(
            sessionSlot: slot, address: address, isSessionAddress: true,
            isValidatedByData: isValidatedByData, receivedByteCount: receivedByteCount,
            sentByteCount: sentByteCount)
        sessions[slot].pathSlot = Int32(paths.insert(path))
    }

    /// Where responses on the session go.
    func responseAddress(_ slot: Int) -> DatagramAddress {
        let pathSlot = sessions[slot].pathSlot
        guard pathSlot != DatagramSession.none, let path = paths[Int(pathSlot)] else {
            return sessions[slot].address
        }
        return path.address
    }

    /// Notes where an authentic packet came from.
    mutating func notePath(
        _ slot: Int, from address: DatagramAddress, isHighest: Bool, byteCount: Int, now: Instant,
        using rng: inout some RandomNumberGenerator, into effects: inout DatagramEffects
    ) {
        let pathSlot = Int(sessions[slot].pathSlot)
        guard pathSlot >= 0, let path = paths[pathSlot] else {
            guard isHighest, address != sessions[slot].address else { return }
            let path = DatagramPath(
                sessionSlot: slot, address: address, isSessionAddress: false, isValidatedByData: false,
                receivedByteCount: byteCount)
            counters.unvalidatedReceivedBytes += byteCount
            sessions[slot].pathSlot = Int32(paths.insert(path))
            challengePath(slot, now: now, using: &rng, into: &effects)
            return
        }
        if address == path.address {
            counters.unvalidatedReceivedBytes += byteCount
            paths[pathSlot]?.receivedByteCount += byteCount
            if path.isValidatedByData { validatePath(slot, into: &effects) }
            return
        }
        guard isHighest else { return }
        if !path.isSessionAddress, address == sessions[slot].address {
            endPath(slot, into: &effects)
            return
        }
        // A third address, or another than the one that a handshake named: it begins anew, there.
        counters.unvalidatedReceivedBytes += byteCount
        deferredCount -= path.deferred.count
        for _ in path.deferred { counters.drop(.deferred) }
        if path.isSessionAddress { sessions[slot].address = address }
        paths[pathSlot] = DatagramPath(
            sessionSlot: slot, address: address, isSessionAddress: path.isSessionAddress,
            isValidatedByData: false, receivedByteCount: byteCount)
        challengePath(slot, now: now, using: &rng, into: &effects)
    }

    /// Sends a challenge to the address that is not validated, if it has room for one.
    mutating func challengePath(
        _ slot: Int, now: Instant, using rng: inout some RandomNumberGenerator,
        into effects: inout DatagramEffects
    ) {
        let pathSlot = Int(sessions[slot].pathSlot)
        guard pathSlot >= 0, var path = paths[pathSlot] else { return }
        let data = path.challenge ?? rng.next()
        if path.challenge == nil { path.challengedAt = now }
        path.challenge = data
        path.wantsChallenge = false
        path.challengeCount += 1
        let wait =
            path.challengeCount <= DatagramPath.repetitions.count
            ? DatagramPath.repetitions[path.challengeCount - 1] : DatagramPath.lifetime
        paths[pathSlot] = path
        pathTimers.set(pathSlot, at: path.challengedAt + wait, now: now)
        let size =
            DatagramPacket.dataHeaderByteCount + DatagramFrame.pathByteCount
            + DatagramKeyTable.tagByteCount
        guard hasRoom(path, for: size) else { return }
        let start = beginData(slot, into: &effects)
        DatagramFrame.appendPath(.pathChallenge, data: data, to: &effects.arena)
        finishData(slot, start: start, to: path.address, into: &effects)
    }

    /// Sends a challenge that a held back packet asked for.
    mutating func challengeIfWanted(
        _ slot: Int, now: Instant, using rng: inout some RandomNumberGenerator,
        into effects: inout DatagramEffects
    ) {
        let pathSlot = sessions[slot].pathSlot
        guard pathSlot != DatagramSession.none, let path = paths[Int(pathSlot)], path.wantsChallenge,
            path.challenge == nil
        else { return }
        challengePath(slot, now: now, using: &rng, into: &effects)
    }

    /// Takes the peer's answer to a challenge.
    mutating func takePathResponse(_ slot: Int, data: UInt64, into effects: inout DatagramEffects) {
        let pathSlot = sessions[slot].pathSlot
        guard pathSlot != DatagramSession.none, let path = paths[Int(pathSlot)], path.challenge == data
        else { return }
        validatePath(slot, into: &effects)
    }

    /// Does what is due for an address that did not answer yet.
    mutating func handlePathTimer(
        _ pathSlot: Int, now: Instant, using rng: inout some RandomNumberGenerator,
        into effects: inout DatagramEffects
    ) {
        guard let path = paths[pathSlot] else { return }
        guard now >= path.challengedAt + DatagramPath.lifetime else {
            challengePath(path.sessionSlot, now: now, using: &rng, into: &effects)
            return
        }
        guard path.isSessionAddress else {
            endPath(path.sessionSlot, into: &effects)
            return
        }
        // There is no older address to fall back to: what waited is dropped, the budget stays.
        deferredCount -= path.deferred.count
        for _ in path.deferred { counters.drop(.deferred) }
        paths[pathSlot]?.deferred = []
        paths[pathSlot]?.challenge = nil
        paths[pathSlot]?.challengeCount = 0
    }

    /// Sends, holds back or drops a sealed packet of a session with an address that is not validated.
    mutating func sendOnPath(
        _ slot: Int, start: Int, to address: DatagramAddress, into effects: inout DatagramEffects
    ) {
        let pathSlot = Int(sessions[slot].pathSlot)
        guard let path = paths[pathSlot], address == path.address else {
            send(from: start, to: address, into: &effects)
            return
        }
        let byteCount = effects.arena.count - start
        if hasRoom(path, for: byteCount) {
            counters.unvalidatedSentBytes += byteCount
            paths[pathSlot]?.sentByteCount += byteCount
            send(from: start, to: address, into: &effects)
            return
        }
        if path.deferred.count < configuration.maximumDeferredPerSession,
            deferredCount < configuration.maximumDeferredCount
        {
            deferredCount += 1
            paths[pathSlot]?.deferred.append(Array(effects.arena[start...]))
        } else {
            counters.drop(.deferred)
        }
        paths[pathSlot]?.wantsChallenge = true
        effects.arena.removeLast(byteCount)
    }

    /// Frees the record of an address.
    mutating func removePath(_ pathSlot: Int) {
        guard let path = paths[pathSlot] else { return }
        pathTimers.cancel(pathSlot)
        deferredCount -= path.deferred.count
        for _ in path.deferred { counters.drop(.deferred) }
        sessions[path.sessionSlot].pathSlot = DatagramSession.none
        paths.remove(pathSlot, leaving: nil)
    }

    private func hasRoom(_ path: DatagramPath, for byteCount: Int) -> Bool {
        path.sentByteCount + byteCount <= DatagramPath.amplification * path.receivedByteCount
    }

    private mutating func endPath(_ slot: Int, into effects: inout DatagramEffects) {
        removePath(Int(sessions[slot].pathSlot))
    }

    private mutating func validatePath(_ slot: Int, into effects: inout DatagramEffects) {
        let pathSlot = Int(sessions[slot].pathSlot)
        guard let path = paths[pathSlot] else { return }
        deferredCount -= path.deferred.count
        paths[pathSlot]?.deferred = []
        removePath(pathSlot)
        for packet in path.deferred { send(packet, to: path.address, into: &effects) }
        guard !path.isSessionAddress else { return }
        sessions[slot].address = path.address
        counters.moves += 1
        if let peer = peers[Int(sessions[slot].peerSlot)].peer {
            effects.events.append(.moved(peer: peer, to: path.address))
        }
    }
}
