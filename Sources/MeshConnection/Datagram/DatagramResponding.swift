import MeshCore
import MeshMultiformats

/// How a token names the request of a peer: nothing is kept for it.
///
/// | bits | |
/// |---|---|
/// | 63 | whether it came in a Resumption that is not answered yet |
/// | 61–62 | the attempt |
/// | 48–60 | the generation of the session or handshake |
/// | 32–47 | its slot |
/// | 0–31 | the id on the wire |
struct DatagramResponseToken: Hashable {
    static let generationMask: UInt16 = 0x1fff
    /// Slots that a token can name.
    static let maximumSlotCount = 1 << 16

    let slot: Int
    let generation: UInt16
    let attempt: UInt8
    let id: UInt32
    let isEarly: Bool

    init(slot: Int, generation: UInt16, attempt: UInt8, id: UInt32, isEarly: Bool) {
        self.slot = slot
        self.generation = generation
        self.attempt = attempt
        self.id = id
        self.isEarly = isEarly
    }

    init(_ token: RequestToken) {
        isEarly = token.value >> 63 == 1
        attempt = UInt8(token.value >> 61 & 3)
        generation = UInt16(token.value >> 48) & Self.generationMask
        slot = Int(token.value >> 32 & 0xffff)
        id = UInt32(truncatingIfNeeded: token.value)
    }

    var requestToken: RequestToken {
        let upper = (isEarly ? 1 << 63 : 0) | UInt64(attempt) << 61 | UInt64(generation) << 48
        return RequestToken(upper | UInt64(slot) << 32 | UInt64(id))
    }
}

/// The parts of a peer's request that is not whole yet.
struct DatagramReassembly {
    let sessionSlot: Int
    let id: UInt32
    let startedAt: Instant
    var assembly = DatagramAssembly()
}

/// Responses and refusals of ours.
extension DatagramEndpoint {
    /// Answers the request that an event named `token`; nothing happens when its session is gone.
    ///
    /// A message of more than 9,280 bytes becomes a refusal that asks for a stream.
    public mutating func respond(
        _ message: RawSpan, to token: RequestToken, now: Instant,
        using rng: inout some RandomNumberGenerator, into effects: inout DatagramEffects
    ) {
        guard !message.isEmpty, message.byteCount <= DatagramFrame.maximumMessageByteCount else {
            refuse(token, .tooLarge, now: now, using: &rng, into: &effects)
            return
        }
        let token = DatagramResponseToken(token)
        var session = sessionSlot(of: token)
        if token.isEarly, session == nil {
            guard isAwaiting(token) else { return }
            if message.byteCount <= earlyByteCount {
                var frames: [UInt8] = []
                DatagramFrame.append(
                    .response, id: token.id, attempt: token.attempt, message: message, to: &frames)
                counters.responsesSent += 1
                answerEarly(token.slot, frames: frames, now: now, into: &effects)
                return
            }
            answerEarly(token.slot, frames: [], now: now, into: &effects)
            session = sessionSlot(of: token)
        }
        guard let session else { return }
        sendResponse(message, token, session: session, into: &effects)
        challengeIfWanted(session, now: now, using: &rng, into: &effects)
    }

    /// Refuses the request that an event named `token`.
    public mutating func refuse(
        _ token: RequestToken, _ reason: DatagramRefusal, now: Instant,
        using rng: inout some RandomNumberGenerator, into effects: inout DatagramEffects
    ) {
        let token = DatagramResponseToken(token)
        if let session = sessionSlot(of: token) {
            sendRefusal(id: token.id, reason, session: session, into: &effects)
            challengeIfWanted(session, now: now, using: &rng, into: &effects)
        } else if token.isEarly, isAwaiting(token) {
            var frames: [UInt8] = []
            DatagramFrame.appendRefusal(id: token.id, reason, to: &frames)
            counters.refusalsSent += 1
            answerEarly(token.slot, frames: frames, now: now, into: &effects)
        }
    }

    /// Sends a REFUSAL on a session.
    mutating func sendRefusal(
        id: UInt32, _ reason: DatagramRefusal, session slot: Int, into effects: inout DatagramEffects
    ) {
        counters.refusalsSent += 1
        let start = beginData(slot, into: &effects)
        DatagramFrame.appendRefusal(id: id, reason, to: &effects.arena)
        finishData(slot, start: start, to: responseAddress(slot), into: &effects)
    }

    private mutating func sendResponse(
        _ message: RawSpan, _ token: DatagramResponseToken, session slot: Int,
        into effects: inout DatagramEffects
    ) {
        counters.responsesSent += 1
        let parts = DatagramFrame.partCount(message.byteCount)
        for part in 0..<parts {
            let start = beginData(slot, into: &effects)
            DatagramFrame.appendHeader(
                .response, id: token.id, attempt: token.attempt, part: part, parts: parts,
                to: &effects.arena)
            let first = part * DatagramFrame.partByteCount
            let range = first..<min(message.byteCount, first + DatagramFrame.partByteCount)
            effects.arena.append(message.extracting(range))
            finishData(slot, start: start, to: responseAddress(slot), into: &effects)
        }
    }

    /// The session that a response goes out on.
    private func sessionSlot(of token: DatagramResponseToken) -> Int? {
        if token.isEarly {
            guard token.slot < answering.elements.count, let entry = answering[token.slot],
                entry.generation == token.generation
            else { return nil }
            return entry.sessionSlot(in: localIDs)
        }
        guard token.slot < sessions.elements.count, sessions[token.slot].localID != 0,
            sessions[token.slot].generation == token.generation
        else { return nil }
        return token.slot
    }

    private func isAwaiting(_ token: DatagramResponseToken) -> Bool {
        guard token.slot < answering.elements.count, let entry = answering[token.slot],
            entry.generation == token.generation, case .awaitingResponse = entry.state
        else { return false }
        return true
    }
}

/// Requests of peers in parts.
extension DatagramEndpoint {
    /// Takes a part of a request; the whole message when it was the last one.
    mutating func collect(
        id: UInt32, _ place: DatagramPlace, _ range: Range<Int>, session slot: Int, now: Instant,
        into effects: inout DatagramEffects
    ) -> [UInt8]? {
        dropOldReassemblies(now: now)
        var found = reassemblies.firstIndex { $0.sessionSlot == slot && $0.id == id }
        if found == nil {
            makeRoomForReassembly(of: slot)
            sessions[slot].reassemblyCount += 1
            reassemblies.append(DatagramReassembly(sessionSlot: slot, id: id, startedAt: now))
            found = reassemblies.count - 1
        }
        guard let found, reassemblies[found].assembly.take(place, range, of: effects.arena) else {
            return nil
        }
        sessions[slot].reassemblyCount -= 1
        return reassemblies.remove(at: found).assembly.bytes
    }

    /// Drops the oldest incomplete request of the session, or of all, when there are too many.
    private mutating func makeRoomForReassembly(of slot: Int) {
        let limit = max(1, configuration.maximumReassembliesPerSession)
        var victim: Int?
        if sessions[slot].reassemblyCount >= limit {
            victim = reassemblies.firstIndex { $0.sessionSlot == slot }
        } else if reassemblies.count >= max(1, configuration.maximumReassemblyCount) {
            victim = reassemblies.startIndex
        }
        guard let victim else { return }
        sessions[reassemblies.remove(at: victim).sessionSlot].reassemblyCount -= 1
        counters.drop(.incomplete)
    }

    /// Drops what was not completed in time.
    mutating func dropOldReassemblies(now: Instant) {
        // They stand in the order of their beginning.
        var count = 0
        while count < reassemblies.count,
            now >= reassemblies[count].startedAt + configuration.reassemblyLifetime
        {
            sessions[reassemblies[count].sessionSlot].reassemblyCount -= 1
            counters.drop(.incomplete)
            count += 1
        }
        if count > 0 { reassemblies.removeFirst(count) }
    }
}
