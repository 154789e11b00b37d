import MeshCore
import MeshMultiformats

/// What a registry's table tells its node.
public enum RegistryEvent: Hashable, Sendable {
    /// A heartbeat was taken: keep ``RegistrySnapshotEntry`` of the mesh.
    case accepted(RegistrySnapshotEntry)
    /// A mesh's status changed; nil stands for a mesh that was not known.
    case statusChanged(PeerID, from: MeshStatus?, to: MeshStatus)
    /// A mesh is no longer known: drop what was kept.
    case forgotten(PeerID)
}

/// What a registry keeps of a mesh over a restart.
public struct RegistrySnapshotEntry: Hashable, Sendable {
    /// The mesh.
    public var peer: PeerID
    /// The envelope of its last heartbeat.
    public var heartbeat: [UInt8]
    /// When that came.
    public var lastSeen: UnixTime

    /// Creates an entry.
    public init(peer: PeerID, heartbeat: [UInt8], lastSeen: UnixTime) {
        self.peer = peer
        self.heartbeat = heartbeat
        self.lastSeen = lastSeen
    }
}

/// The meshes that a registry knows from their heartbeats.
///
/// | state of a mesh | input | next |
/// |---|---|---|
/// | unknown, known | valid heartbeat with a higher sequence | shown with the status that it says |
/// | unknown, known | any other heartbeat | unchanged, refused with the reason |
/// | shown online or degraded | three intervals without a heartbeat | shown offline |
/// | any | 24 hours without a heartbeat | unknown |
/// | offline the longest of all | a new mesh, and the table is full | unknown |
///
/// Source: Specs/registry.md, "Heartbeats".
public struct RegistryTable: Sendable {
    /// One mesh in the table.
    struct Row: Sendable {
        var heartbeat: SignedHeartbeat
        /// When the heartbeat came.
        ///
        /// Civil, because it outlives the process and its monotonic clock.
        var lastSeen: UnixTime
        /// When the heartbeat came, nil when it was restored.
        var accepted: Instant?
        /// When the mesh counts as offline unless it is heard of.
        var offlineDeadline: Instant
        var status: MeshStatus
    }

    /// What happens to a row without a heartbeat.
    enum Timer: Hashable, Sendable {
        case offline(PeerID)
        case forget(PeerID)
    }

    /// The settings.
    public let configuration: RegistryConfiguration
    /// The civil time of `Instant.zero`; the driver corrects it when the system's clock is set.
    public var epoch: UnixTime
    var rows: [PeerID: Row] = [:]
    var byteCount = 0
    private var timers = TimerTable<Timer>()

    /// Creates an empty table.
    public init(configuration: RegistryConfiguration = RegistryConfiguration(), epoch: UnixTime) {
        self.configuration = configuration
        self.epoch = epoch
    }

    /// The number of meshes, public or not.
    public var count: Int { rows.count }

    /// When ``handleDeadline(now:)`` has something to do.
    public var nextDeadline: Instant? { timers.nextDeadline }

    /// Takes or refuses the heartbeat that `peer` sent, whose identity the connection has proved.
    public mutating func handle(
        _ envelope: [UInt8], from peer: PeerID, now: Instant
    ) -> (response: HeartbeatResponse, events: [RegistryEvent]) {
        var events = handleDeadline(now: now)
        var response = HeartbeatResponse(status: .ok, time: unixTime(now), sequence: 0)
        do throws(RegistryRefusal) {
            let heartbeat = try check(envelope, from: peer, now: now)
            try makeRoom(for: heartbeat, events: &events)
            store(heartbeat, now: now, events: &events)
            response.ttlSeconds = heartbeat.heartbeat.ttlSeconds
        } catch {
            response.status = error.status
            response.statusText = error.text
        }
        response.sequence = rows[peer]?.heartbeat.heartbeat.sequence ?? 0
        return (response, events)
    }

    /// Shows as offline, and forgets, what was not heard of in time.
    public mutating func handleDeadline(now: Instant) -> [RegistryEvent] {
        var events: [RegistryEvent] = []
        while let timer = timers.popExpired(now: now) {
            switch timer {
            case .offline(let peer): changeStatus(of: peer, to: .offline, events: &events)
            case .forget(let peer): forget(peer, events: &events)
            }
        }
        return events
    }

    /// What to keep over a restart, ordered by peer id.
    public var snapshot: [RegistrySnapshotEntry] {
        rows.keys.sorted().compactMap { peer in rows[peer].map { snapshotEntry($0) } }
    }

    /// Takes back what was kept, verifying it again; what is not valid or too old is left out.
    ///
    /// Returns the number of meshes that were restored. Times in the future count as now.
    public mutating func restore(_ entries: [RegistrySnapshotEntry], now: Instant) -> Int {
        var restored = 0
        let time = unixTime(now)
        for entry in entries.sorted(by: { ($1.lastSeen, $0.peer) < ($0.lastSeen, $1.peer) }) {
            let age = time.seconds - min(time.seconds, entry.lastSeen.seconds)
            guard age < configuration.forgetAfterSeconds, rows[entry.peer] == nil,
                hasRoom(forByteCount: entry.heartbeat.count), let heartbeat = Self.verified(entry)
            else { continue }
            insert(heartbeat, ageSeconds: age, now: now)
            restored += 1
        }
        return restored
    }

    /// The civil time of `now`.
    func unixTime(_ now: Instant) -> UnixTime {
        epoch.adding(seconds: now.nanoseconds / 1_000_000_000)
    }

    // MARK: Rows

    private static func verified(_ entry: RegistrySnapshotEntry) -> SignedHeartbeat? {
        do throws(HeartbeatError) {
            let heartbeat = try SignedHeartbeat(envelope: entry.heartbeat)
            return heartbeat.peerID == entry.peer ? heartbeat : nil
        } catch {
            return nil
        }
    }

    private mutating func store(_ heartbeat: SignedHeartbeat, now: Instant, events: inout [RegistryEvent]) {
        let before = rows[heartbeat.peerID]?.status
        insert(heartbeat, ageSeconds: 0, now: now)
        rows[heartbeat.peerID]?.accepted = now
        guard let row = rows[heartbeat.peerID] else { return }
        events.append(.accepted(snapshotEntry(row)))
        if before != row.status {
            events.append(.statusChanged(heartbeat.peerID, from: before, to: row.status))
        }
    }

    /// Puts a row in place of the one of the same mesh and sets its deadlines.
    private mutating func insert(_ heartbeat: SignedHeartbeat, ageSeconds age: UInt64, now: Instant) {
        let peer = heartbeat.peerID
        byteCount += heartbeat.envelope.count - (rows[peer]?.heartbeat.envelope.count ?? 0)
        let offline = Self.deadline(heartbeat.heartbeat.ttlSeconds, ageSeconds: age, now: now)
        let status = offline <= now ? .offline : heartbeat.heartbeat.status
        let time = unixTime(now)
        rows[peer] = Row(
            heartbeat: heartbeat, lastSeen: UnixTime(seconds: time.seconds - min(age, time.seconds)),
            accepted: nil, offlineDeadline: offline, status: status)
        if status == .offline {
            timers.cancel(.offline(peer))
        } else {
            timers.set(.offline(peer), at: offline)
        }
        let forget = Self.deadline(configuration.forgetAfterSeconds, ageSeconds: age, now: now)
        timers.set(.forget(peer), at: forget)
    }

    /// When `seconds` are over that began `age` seconds before `now`; `now` when they already are.
    private static func deadline(_ seconds: UInt64, ageSeconds age: UInt64, now: Instant) -> Instant {
        now + .seconds(Int64(clamping: seconds - min(seconds, age)))
    }

    private mutating func changeStatus(
        of peer: PeerID, to status: MeshStatus, events: inout [RegistryEvent]
    ) {
        guard let before = rows[peer]?.status, before != status else { return }
        rows[peer]?.status = status
        events.append(.statusChanged(peer, from: before, to: status))
    }

    private mutating func forget(_ peer: PeerID, events: inout [RegistryEvent]) {
        guard let row = rows.removeValue(forKey: peer) else { return }
        byteCount -= row.heartbeat.envelope.count
        timers.cancel(.offline(peer))
        timers.cancel(.forget(peer))
        events.append(.forgotten(peer))
    }

    private func snapshotEntry(_ row: Row) -> RegistrySnapshotEntry {
        RegistrySnapshotEntry(
            peer: row.heartbeat.peerID, heartbeat: row.heartbeat.envelope, lastSeen: row.lastSeen)
    }

    // MARK: Room

    private func hasRoom(forByteCount added: Int, replacing peer: PeerID? = nil) -> Bool {
        let replaced = peer.flatMap { rows[$0] }
        let entries = rows.count + (replaced == nil ? 1 : 0)
        let bytes = byteCount + added - (replaced?.heartbeat.envelope.count ?? 0)
        return entries <= configuration.maximumEntries && bytes <= configuration.maximumTotalByteCount
    }

    /// Forgets the meshes that have been offline longest until the heartbeat fits; refuses it when none is left.
    private mutating func makeRoom(
        for heartbeat: SignedHeartbeat, events: inout [RegistryEvent]
    ) throws(RegistryRefusal) {
        let peer = heartbeat.peerID
        while !hasRoom(forByteCount: heartbeat.envelope.count, replacing: peer) {
            guard let oldest = longestOffline(except: peer) else {
                throw RegistryRefusal(.unavailable, "the registry is full; try another")
            }
            forget(oldest, events: &events)
        }
    }

    private func longestOffline(except peer: PeerID) -> PeerID? {
        let offline = rows.filter { $0.key != peer && $0.value.status == .offline }
        return offline.min { left, right in
            (left.value.lastSeen, left.key) < (right.value.lastSeen, right.key)
        }?.key
    }
}
