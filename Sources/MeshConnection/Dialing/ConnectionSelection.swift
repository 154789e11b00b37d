import MeshCore
import MeshMultiformats

/// Which connections the table prefers, and which may go.
extension ConnectionTable {
    /// The connections with `peer` on which streams may be opened, oldest first.
    public func activeConnections(with peer: PeerID) -> [ConnectionID] {
        byPeer[peer, default: []].filter { entries[$0]?.state == .active }
    }

    /// The connection on which to open a stream to `peer`: an active one, else one that drains.
    public func preferredConnection(with peer: PeerID) -> ConnectionID? {
        activeConnections(with: peer).last ?? byPeer[peer]?.last
    }

    /// The peers with established connections, in the order of their ids.
    public var connectedPeers: [PeerID] { byPeer.keys.sorted() }

    /// The number of established connections, draining ones included.
    public var connectionCount: Int { establishedCount }

    /// The number of inbound connections whose handshake is under way.
    public var handshakeCount: Int { inboundHandshakeCount }

    /// The idle connections that may be pruned, the longest idle first.
    ///
    /// Idle means active without streams; the connections of protected peers are never in it.
    public func idleConnections(now: Instant, atLeast minimum: Duration = .zero) -> [ConnectionID] {
        entries.filter { isPrunable($0.value) && now.duration(since: $0.value.idleSince) >= minimum }
            .sorted { ($0.value.idleSince, $0.key) < ($1.value.idleSince, $1.key) }
            .map(\.key)
    }

    private func isPrunable(_ entry: ConnectionEntry) -> Bool {
        guard entry.state == .active, entry.streamCount == 0, let peer = entry.peer else { return false }
        return !protectedPeers.contains(peer)
    }

    /// The inbound handshake that has to give way, nil when all are young.
    func oldestInboundHandshake(now: Instant) -> ConnectionID? {
        var oldest: (since: Instant, id: ConnectionID)?
        for (id, entry) in entries where entry.role == .listener {
            guard case .handshaking(let since) = entry.state,
                now.duration(since: since) >= limits.minimumHandshakeTime
            else { continue }
            // A total order, so the order of the dictionary does not matter.
            if let known = oldest, known <= (since, id) { continue }
            oldest = (since, id)
        }
        return oldest?.id
    }

    /// Checks the limits for one more connection with `peer`, closing idle ones when that helps.
    mutating func makeRoom(
        for role: ConnectionRole, with peer: PeerID, now: Instant, into actions: inout [ConnectionAction]
    ) throws(ConnectionLimitError) {
        guard byPeer[peer, default: []].count < limits.maximumConnectionsPerPeer else {
            throw .tooManyConnectionsToPeer(limit: limits.maximumConnectionsPerPeer)
        }
        if role == .listener, establishedInboundCount >= limits.maximumInboundConnections {
            let candidate = idleConnections(now: now).first { entries[$0]?.role == .listener }
            guard let candidate else {
                throw .tooManyInboundConnections(limit: limits.maximumInboundConnections)
            }
            close(candidate, .idle, now: now, into: &actions)
        }
        if establishedCount >= limits.maximumConnections {
            guard let candidate = idleConnections(now: now).first else {
                throw .tooManyConnections(limit: limits.maximumConnections)
            }
            close(candidate, .idle, now: now, into: &actions)
        }
    }

    /// Drains the active connections of `peer` that give way to another one.
    mutating func collapse(
        _ peer: PeerID, newest: ConnectionID, now: Instant, into actions: inout [ConnectionAction]
    ) {
        let active = activeConnections(with: peer)
        // The role that this side has on the connections that the smaller id dialed.
        let preferred: ConnectionRole = localPeer < peer ? .dialer : .listener
        let hasPreferred = active.contains { entries[$0]?.role == preferred }
        let newestDialed = active.last { entries[$0]?.role == .dialer }
        for id in active {
            guard let role = entries[id]?.role else { continue }
            let isOutranked = hasPreferred && role != preferred
            let isOlderTwin = role == .dialer && id != newestDialed
            guard isOutranked || isOlderTwin else { continue }
            entries[id]?.state = .draining(since: now)
            actions.append(.drain(id))
            checkDraining(id, since: now, now: now, into: &actions)
        }
    }

    /// Closes a draining connection when it is time, else sets the timer for the next look.
    mutating func checkDraining(
        _ id: ConnectionID, since: Instant, now: Instant, into actions: inout [ConnectionAction]
    ) {
        guard let entry = entries[id] else { return }
        let earliest = since + limits.minimumDrainTime
        let latest = since + limits.maximumDrainTime
        if entry.streamCount == 0, earliest <= now {
            close(id, .supplanted, now: now, into: &actions)
        } else if latest <= now {
            close(id, .drainTimedOut, now: now, into: &actions)
        } else {
            drainTimers.set(id, at: entry.streamCount == 0 ? earliest : latest)
        }
    }

    /// Takes a connection out of the table and asks for its end.
    mutating func close(
        _ id: ConnectionID, _ reason: ConnectionCloseReason, now: Instant,
        into actions: inout [ConnectionAction]
    ) {
        guard let entry = entries[id] else { return }
        forget(id, entry)
        actions.append(.close(id, reason))
        if let peer = entry.peer { resumeIfNeeded(peer, into: &actions) }
    }

    /// Takes a connection out of the table and the counts.
    mutating func forget(_ id: ConnectionID, _ entry: ConnectionEntry) {
        entries.removeValue(forKey: id)
        drainTimers.cancel(id)
        switch entry.state {
        case .handshaking:
            if entry.role == .listener { inboundHandshakeCount -= 1 }
        case .active, .draining:
            establishedCount -= 1
            if entry.role == .listener { establishedInboundCount -= 1 }
        }
        guard let peer = entry.peer else { return }
        byPeer[peer]?.removeAll { $0 == id }
        if byPeer[peer]?.isEmpty == true { byPeer.removeValue(forKey: peer) }
    }

    /// Uses the newest draining connection again when the peer has no active one.
    mutating func resumeIfNeeded(_ peer: PeerID, into actions: inout [ConnectionAction]) {
        guard activeConnections(with: peer).isEmpty, let id = byPeer[peer]?.last else { return }
        entries[id]?.state = .active
        drainTimers.cancel(id)
        actions.append(.resume(id))
    }
}
