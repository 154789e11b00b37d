import MeshCore
import MeshMultiformats

/// Names one connection of this node; the driver counts them.
public struct ConnectionID: Hashable, Comparable, Sendable {
    /// The number, which is not reused.
    public let value: UInt64

    /// Creates the id numbered `value`.
    public init(_ value: UInt64) {
        self.value = value
    }

    /// Orders by number.
    public static func < (left: ConnectionID, right: ConnectionID) -> Bool { left.value < right.value }
}

/// Why the table wants a connection closed.
public enum ConnectionCloseReason: Hashable, Sendable {
    /// Its handshake had to give way to a newer one.
    case handshakeTooSlow
    /// It was idle and room was needed.
    case idle
    /// Another connection with the same peer replaces it, and its streams have ended.
    case supplanted
    /// The same, but its streams did not end in time.
    case drainTimedOut
}

/// What the table asks of its driver, in order.
public enum ConnectionAction: Hashable, Sendable {
    /// Close the connection and then `remove` it. The table does not count it any more.
    case close(ConnectionID, ConnectionCloseReason)
    /// Open no more streams on the connection: another one with the same peer is preferred.
    case drain(ConnectionID)
    /// The connection is used again, since the preferred one has gone.
    case resume(ConnectionID)
}

/// Which connections exist, with whom, and which of them to use or to close.
///
/// | connection is | input | becomes |
/// |---|---|---|
/// | | `add` | handshaking, or refused by a limit |
/// | handshaking | `establish` | active, or draining when another is preferred, or refused by a limit |
/// | handshaking | limit reached, old enough | gone, `.close(handshakeTooSlow)` |
/// | active | a preferred one is established | draining, `.drain` |
/// | active, idle | room is needed | gone, `.close(idle)`; the longest idle first, protected peers never |
/// | draining | no streams and `minimumDrainTime` over | gone, `.close(supplanted)` |
/// | draining | `maximumDrainTime` over | gone, `.close(drainTimedOut)` |
/// | draining | the last active one of the peer goes | active, `.resume` |
/// | any | `remove` | gone |
///
/// Two peers that dial each other get two connections. Both sides prefer the one that the peer with the
/// smaller id dialed, so both drain the same one. Of two connections that the same side dialed, that side
/// drains the older one and the other side keeps both: if each decided by its own order of events, both could
/// go.
public struct ConnectionTable: Sendable {
    let localPeer: PeerID
    let limits: ConnectionLimits
    var entries: [ConnectionID: ConnectionEntry] = [:]
    /// The established connections of each peer, in the order of their establishment.
    var byPeer: [PeerID: [ConnectionID]] = [:]
    var protectedPeers: Set<PeerID> = []
    /// When a draining connection needs a look.
    var drainTimers = TimerTable<ConnectionID>()
    var inboundHandshakeCount = 0
    var establishedCount = 0
    var establishedInboundCount = 0

    /// Creates an empty table for the node `localPeer`.
    public init(localPeer: PeerID, limits: ConnectionLimits = ConnectionLimits()) {
        self.localPeer = localPeer
        self.limits = limits
    }

    /// Notes a new socket whose handshake begins; throws when a limit refuses it, and then it is not in the
    /// table.
    public mutating func add(
        _ id: ConnectionID, role: ConnectionRole, now: Instant, into actions: inout [ConnectionAction]
    ) throws(ConnectionLimitError) {
        guard entries[id] == nil else { throw .misused }
        if role == .listener {
            if inboundHandshakeCount >= limits.maximumInboundHandshakes {
                guard let oldest = oldestInboundHandshake(now: now) else {
                    throw .tooManyInboundHandshakes(limit: limits.maximumInboundHandshakes)
                }
                close(oldest, .handshakeTooSlow, now: now, into: &actions)
            }
            inboundHandshakeCount += 1
        }
        entries[id] = ConnectionEntry(role: role, state: .handshaking(since: now))
    }

    /// Notes that the connection is secured with `peer` and can carry streams.
    ///
    /// Throws when a limit refuses it; then it is not in the table any more and must be closed.
    public mutating func establish(
        _ id: ConnectionID, with peer: PeerID, now: Instant, into actions: inout [ConnectionAction]
    ) throws(ConnectionLimitError) {
        guard var entry = entries[id], case .handshaking = entry.state else { throw .misused }
        forget(id, entry)
        try makeRoom(for: entry.role, with: peer, now: now, into: &actions)
        entry.peer = peer
        entry.state = .active
        entry.idleSince = now
        entries[id] = entry
        byPeer[peer, default: []].append(id)
        establishedCount += 1
        if entry.role == .listener { establishedInboundCount += 1 }
        collapse(peer, newest: id, now: now, into: &actions)
    }

    /// Notes how many streams the connection carries.
    public mutating func setStreamCount(
        _ count: Int, of id: ConnectionID, now: Instant, into actions: inout [ConnectionAction]
    ) {
        guard var entry = entries[id], entry.streamCount != count else { return }
        entry.streamCount = count
        entry.idleSince = now
        entries[id] = entry
        if case .draining(let since) = entry.state {
            checkDraining(id, since: since, now: now, into: &actions)
        }
    }

    /// Forgets a connection that was closed by anybody.
    public mutating func remove(_ id: ConnectionID, now: Instant, into actions: inout [ConnectionAction]) {
        guard let entry = entries[id] else { return }
        forget(id, entry)
        if let peer = entry.peer { resumeIfNeeded(peer, into: &actions) }
    }

    /// Keeps the connections of `peer` from being pruned, or no longer.
    public mutating func setProtected(_ isProtected: Bool, _ peer: PeerID) {
        if isProtected { protectedPeers.insert(peer) } else { protectedPeers.remove(peer) }
    }

    /// When ``handleDeadline(now:into:)`` is wanted for draining connections.
    public var nextDeadline: Instant? { drainTimers.nextDeadline }

    /// Closes what has drained.
    public mutating func handleDeadline(now: Instant, into actions: inout [ConnectionAction]) {
        while let id = drainTimers.popExpired(now: now) {
            guard let entry = entries[id], case .draining(let since) = entry.state else { continue }
            checkDraining(id, since: since, now: now, into: &actions)
        }
    }

    /// Closes connections that were idle for `minimumIdleTime`, the longest idle first, down to
    /// `idlePruningThreshold`.
    ///
    /// The driver calls it now and then. O(n log n) in the number of connections.
    public mutating func pruneIdle(now: Instant, into actions: inout [ConnectionAction]) {
        guard establishedCount > limits.idlePruningThreshold else { return }
        for id in idleConnections(now: now, atLeast: limits.minimumIdleTime) {
            guard establishedCount > limits.idlePruningThreshold else { return }
            close(id, .idle, now: now, into: &actions)
        }
    }
}

/// One connection of the table.
struct ConnectionEntry: Sendable {
    enum State: Hashable, Sendable {
        case handshaking(since: Instant)
        case active
        case draining(since: Instant)
    }

    let role: ConnectionRole
    var state: State
    /// Nil while handshaking.
    var peer: PeerID?
    var streamCount = 0
    /// When the number of streams last changed.
    var idleSince = Instant.zero
}
