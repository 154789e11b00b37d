import MeshCore

/// What is known of everybody who has a document open right now: one state for each client, never stored.
///
/// Each client raises the clock of its own state with every announcement, at the latest every 15 seconds; who is silent for
/// 30 seconds counts as gone. Time comes from outside as `now`, and ``tick(now:)`` is due at ``nextTick``.
///
/// | announcement for a client | known clock | effect |
/// |---|---|---|
/// | a state | lower, or none and the clock is above 0 | taken: added, or updated |
/// | null | lower | taken: removed; of an unknown client nothing but the clock is noted |
/// | null | equal, with a state | taken: removed |
/// | null, for the own state | lower or equal | the state stays and its clock rises: updated, to be announced |
/// | anything | otherwise | ignored |
///
/// Deviations from y-protocols 1.0.7 `Awareness`: there, the own state that a peer tried to remove is listed as removed,
/// though it stays. Clocks end here at 2^32 - 1, as in yrs, and the own clock stays there. There are limits; when a new client
/// would be too many, the one that left first is forgotten.
public struct Awareness: Hashable, Sendable {
    /// How long a client may be silent; y-protocols: `outdatedTimeout`.
    public static let timeout: Duration = .seconds(30)
    /// After how long the own state is announced again; y-protocols: `outdatedTimeout / 2`.
    public static let renewal: Duration = .seconds(15)

    /// What is known of one client.
    struct Client: Hashable, Sendable {
        var clock: Clock
        var lastUpdated: Instant
        var state: AnyValue?
        var byteCount = 0
        /// Its rank in the order in which states came, in which Yjs lists them.
        var stateRank: UInt64 = 0
        /// Its rank in the order in which clients came.
        var rank: UInt64
    }

    /// This side's client.
    public let clientID: ClientID
    /// The bounds on what peers may announce.
    public let limits: ProtocolLimits

    private var clients: [ClientID: Client] = [:]
    private var nextRank: UInt64 = 0
    private var byteCount = 0

    /// Creates the awareness of `clientID` with an empty object as its own state, at clock 0.
    ///
    /// A state with clock 0 is not taken by peers, so that who sets none is not seen.
    public init(clientID: ClientID, limits: ProtocolLimits = ProtocolLimits(), now: Instant) {
        self.clientID = clientID
        self.limits = limits
        set([:], byteCount: 2, clock: 0, of: clientID, now: now)
    }

    // MARK: Reading

    /// This side's own state; nil when it announced that it left.
    public var localState: AnyValue? { clients[clientID]?.state }

    /// The states of all clients that are there, in the order in which they came.
    public var states: [(client: ClientID, state: AnyValue)] {
        present.compactMap { id in clients[id]?.state.map { state in (id, state) } }
    }

    /// The state of `client`; nil when it is not there.
    public func state(of client: ClientID) -> AnyValue? {
        clients[client]?.state
    }

    /// The clock of `client`; nil when nothing was ever heard of it.
    public func clock(of client: ClientID) -> Clock? {
        clients[client]?.clock
    }

    /// How many clients are known, those that left included.
    public var clientCount: Int { clients.count }

    /// What is known of `ids`, encoded for peers; those of which nothing was ever heard are left out.
    ///
    /// Without `ids`: of all clients that are there.
    public func encodeUpdate(of ids: [ClientID]? = nil) -> [UInt8] {
        let entries = (ids ?? present).compactMap { id in
            clients[id].map { AwarenessUpdate.Entry(client: id, clock: $0.clock, state: $0.state) }
        }
        return AwarenessUpdate(entries).encode()
    }

    // MARK: The own state

    /// Announces `state` as the own one, or with nil that this side leaves.
    ///
    /// Throws when it exceeds the limits; the state is then as before.
    public mutating func setLocalState(
        _ state: AnyValue?, now: Instant
    ) throws(UpdateError) -> AwarenessChange {
        let state = state.flatMap(AwarenessUpdate.Entry.state)
        let previous = clients[clientID]
        let size = try byteCount(of: state)
        try checkByteCount(replacing: previous?.byteCount ?? 0, with: size)
        set(state, byteCount: size, clock: next(previous?.clock), of: clientID, now: now)
        var change = AwarenessChange(origin: .local)
        if let state {
            if let before = previous?.state {
                change.updated = [clientID]
                if !before.isDeeplyEqual(to: state) { change.changed = [clientID] }
            } else {
                change.added = [clientID]
            }
        } else {
            change.removed = [clientID]
        }
        return change
    }

    /// Sets one field of the own state; does nothing when it is not an object.
    public mutating func setLocalField(
        _ key: String, _ value: AnyValue, now: Instant
    ) throws(UpdateError) -> AwarenessChange {
        guard case .object(var fields) = localState else { return AwarenessChange(origin: .local) }
        fields[key] = value
        return try setLocalState(.object(fields), now: now)
    }

    // MARK: Others

    /// Takes in what the peer `origin` sent.
    ///
    /// Throws when it is malformed or beyond the limits; nothing of it counts then.
    public mutating func apply(
        _ update: [UInt8], from origin: String, now: Instant
    ) throws(UpdateError) -> AwarenessChange {
        try apply(AwarenessUpdate(decoding: update, limits: limits), from: origin, now: now)
    }

    /// Takes in what the peer `origin` announced.
    public mutating func apply(
        _ update: AwarenessUpdate, from origin: String, now: Instant
    ) throws(UpdateError) -> AwarenessChange {
        var change = AwarenessChange(origin: .peer(origin))
        if update.entries.count == 1 {
            try apply(update.entries[0], now: now, to: &change)
            return change
        }
        // A copy, which counts only when no entry exceeds a limit.
        var result = self
        for entry in update.entries {
            try result.apply(entry, now: now, to: &change)
        }
        self = result
        return change
    }

    /// Takes the states of `ids` away, for instance because their connection ended.
    public mutating func remove(
        _ ids: [ClientID], origin: AwarenessChange.Origin, now: Instant
    ) -> AwarenessChange {
        var change = AwarenessChange(origin: origin)
        for id in ids {
            guard let client = clients[id], client.state != nil else { continue }
            let clock = id == clientID ? next(client.clock) : client.clock
            set(nil, byteCount: 0, clock: clock, of: id, now: now)
            change.removed.append(id)
        }
        return change
    }

    // MARK: Time

    /// When ``tick(now:)`` has something to do; nil when nobody has a state.
    public var nextTick: Instant? {
        clients.filter { client in client.value.state != nil }.map { id, client in
            client.lastUpdated + (id == clientID ? Self.renewal : Self.timeout)
        }
        .min()
    }

    /// Renews the own state and removes who was silent for too long; every change is to be announced.
    public mutating func tick(now: Instant) -> [AwarenessChange] {
        var changes: [AwarenessChange] = []
        if let own = clients[clientID], let state = own.state, own.lastUpdated + Self.renewal <= now {
            set(state, byteCount: own.byteCount, clock: next(own.clock), of: clientID, now: now)
            var change = AwarenessChange(origin: .local)
            change.updated = [clientID]
            changes.append(change)
        }
        let silent = clients.filter { id, client in
            id != clientID && client.state != nil && client.lastUpdated + Self.timeout <= now
        }
        let ids = silent.sorted { left, right in left.value.rank < right.value.rank }.map(\.key)
        if !ids.isEmpty {
            changes.append(remove(ids, origin: .timeout, now: now))
        }
        return changes
    }

    // MARK: Private

    /// The clients with a state, in the order in which the states came.
    private var present: [ClientID] {
        clients.filter { client in client.value.state != nil }
            .sorted { left, right in left.value.stateRank < right.value.stateRank }.map(\.key)
    }

    private mutating func apply(
        _ entry: AwarenessUpdate.Entry, now: Instant, to change: inout AwarenessChange
    ) throws(UpdateError) {
        let known = clients[entry.client]
        let previous = known?.state
        let knownClock = known?.clock ?? 0
        let isRemoval = entry.clock == knownClock && entry.state == nil && previous != nil
        guard knownClock < entry.clock || isRemoval else { return }
        guard let state = entry.state else {
            if entry.client == clientID, let previous, let known {
                set(previous, byteCount: known.byteCount, clock: next(entry.clock), of: clientID, now: now)
                change.updated.append(clientID)
                return
            }
            guard known != nil || clients.count < limits.clientCount else { return }
            set(nil, byteCount: 0, clock: entry.clock, of: entry.client, now: now)
            if known != nil { change.removed.append(entry.client) }
            return
        }
        let size = entry.byteCount > 0 ? entry.byteCount : try byteCount(of: state)
        try checkByteCount(replacing: known?.byteCount ?? 0, with: size)
        try makeRoom(for: entry.client)
        set(state, byteCount: size, clock: entry.clock, of: entry.client, now: now)
        if known == nil {
            change.added.append(entry.client)
            return
        }
        change.updated.append(entry.client)
        if !(previous?.isDeeplyEqual(to: state) ?? false) { change.changed.append(entry.client) }
    }

    private mutating func set(
        _ state: AnyValue?, byteCount size: Int, clock: Clock, of id: ClientID, now: Instant
    ) {
        var client = clients[id] ?? Client(clock: clock, lastUpdated: now, rank: nextRank)
        if state != nil, client.state == nil { client.stateRank = nextRank }
        nextRank += 1
        byteCount += size - client.byteCount
        client.state = state
        client.byteCount = size
        client.clock = clock
        client.lastUpdated = now
        clients[id] = client
    }

    private func next(_ clock: Clock?) -> Clock {
        guard let clock else { return 0 }
        return clock == .max ? clock : clock + 1
    }

    /// Forgets the client that left first, when a new one would be too many; fails when nobody left.
    private mutating func makeRoom(for id: ClientID) throws(UpdateError) {
        guard clients[id] == nil, clients.count >= limits.clientCount else { return }
        let gone = clients.filter { client in client.value.state == nil && client.key != clientID }
        guard
            let oldest = gone.min(by: { left, right in
                (left.value.lastUpdated, left.value.rank) < (right.value.lastUpdated, right.value.rank)
            })
        else {
            throw .limitExceeded(
                .clientCount, value: UInt64(clients.count) + 1, limit: UInt64(limits.clientCount), offset: 0)
        }
        clients[oldest.key] = nil
    }

    private func byteCount(of state: AnyValue?) throws(UpdateError) -> Int {
        guard let state else { return 0 }
        var text: [UInt8] = []
        JSONText.append(state, to: &text)
        try limits.check(.stateByteCount, text.count, limit: limits.stateByteCount, offset: 0)
        return text.count
    }

    private func checkByteCount(replacing before: Int, with after: Int) throws(UpdateError) {
        try limits.check(
            .awarenessByteCount, byteCount - before + after, limit: limits.awarenessByteCount, offset: 0)
    }
}
