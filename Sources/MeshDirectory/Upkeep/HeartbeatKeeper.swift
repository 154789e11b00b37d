import MeshCore
import MeshMultiformats

/// What the keeper of heartbeats tells its node.
public enum HeartbeatKeeperEvent: Hashable, Sendable {
    /// A registry took a heartbeat and shows the mesh for so many seconds.
    case taken(PeerID, ttlSeconds: UInt64)
    /// A registry refused a heartbeat; it is tried again after the wait.
    case refused(PeerID, HeartbeatError, retryAfter: Duration)
    /// A registry was not reached; it is tried again after the wait.
    case unreachable(PeerID, retryAfter: Duration)
    /// The sequence to keep for the next start.
    case sequenceUsed(UInt64)
    /// The heartbeat could not be made: a count, the interval or the record is beyond its limits.
    case unusable(HeartbeatError)
}

/// Keeps a mesh listed at several registries, each independently of the others.
///
/// | state of a registry | input | next |
/// |---|---|---|
/// | waiting | its time comes, or something changed | under way, a heartbeat is sent |
/// | under way | taken | waiting for the interval, or at once when something changed meanwhile |
/// | under way | refused for its sequence or too soon | waiting a second |
/// | under way | refused otherwise, or unreachable | waiting 5 s, doubled with each failure up to 5 minutes |
///
/// Nothing is sent before ``setRecord(_:now:into:)``. Source: Specs/registry.md, "Status and time".
public struct HeartbeatKeeper: Sendable {
    /// The most registries.
    public static let maximumRegistryCount = 16
    /// The wait between two heartbeats to one registry, however fast things change: twice what registries ask.
    static let minimumSpacing = Duration.milliseconds(500)
    /// The wait after a refusal that the next heartbeat puts right.
    static let correctionWait = Duration.seconds(1)

    /// The registries, in the order in which they were given.
    public private(set) var registries: [PeerID] = []
    /// The civil time of `Instant.zero`; the driver corrects it when the system's clock is set.
    public var epoch: UnixTime
    private let key: IdentityKey
    private var issuer: HeartbeatIssuer
    private var report: HeartbeatReport
    private var record: SignedMeshRecord?
    private var schedule = RetrySchedule<PeerID>()
    private var underWay: [RequestToken: PeerID] = [:]
    private var changedMeanwhile: Set<PeerID> = []
    private var lastTaken: [PeerID: Instant] = [:]
    private var nextToken: UInt64 = 0

    /// Creates a keeper without registries that continues after `lastSequence`.
    public init(key: IdentityKey, report: HeartbeatReport, epoch: UnixTime, lastSequence: UInt64 = 0) {
        self.key = key
        self.report = report
        self.epoch = epoch
        issuer = HeartbeatIssuer(lastSequence: lastSequence)
    }

    /// Uses these registries from now on, at most ``maximumRegistryCount``; new ones hear of us at once.
    public mutating func setRegistries(_ peers: [PeerID], now: Instant) {
        var kept: [PeerID] = []
        for peer in peers where !kept.contains(peer) && peer != key.peerID { kept.append(peer) }
        kept = Array(kept.prefix(Self.maximumRegistryCount))
        for peer in registries where !kept.contains(peer) {
            schedule.remove(peer)
            changedMeanwhile.remove(peer)
            lastTaken[peer] = nil
        }
        registries = kept
        guard record != nil else { return }
        for peer in kept { schedule.add(peer, at: now) }
    }

    /// Reports with this record from now on, and tells every registry at once.
    public mutating func setRecord(_ record: SignedMeshRecord, now: Instant) {
        guard self.record != record else { return }
        self.record = record
        announce(now: now)
    }

    /// Reports this from now on, and tells every registry at once when it differs.
    public mutating func setReport(_ report: HeartbeatReport, now: Instant) {
        guard self.report != report else { return }
        self.report = report
        announce(now: now)
    }

    private mutating func announce(now: Instant) {
        guard record != nil else { return }
        for peer in registries {
            if schedule.isUnderWay(peer) {
                changedMeanwhile.insert(peer)
            } else {
                let earliest = lastTaken[peer].map { $0 + Self.minimumSpacing } ?? now
                schedule.add(peer, at: now)
                schedule.move(peer, to: max(now, earliest))
            }
        }
    }
}

extension HeartbeatKeeper: StateMachine {
    /// When ``handle(_:now:using:into:)`` wants a deadline.
    public var nextDeadline: Instant? { schedule.nextDeadline }

    /// Sends what is due and takes the registries' answers.
    public mutating func handle(
        _ input: Input<PeerID, HeartbeatMessage>, now: Instant, using rng: inout some RandomNumberGenerator,
        into effects: inout Effects<PeerID, HeartbeatMessage, HeartbeatKeeperEvent>
    ) {
        switch input {
        case .deadline:
            while let peer = schedule.popDue(now: now) {
                send(to: peer, now: now, using: &rng, into: &effects)
            }
        case .response(.response(let response), _, let token):
            guard let peer = underWay.removeValue(forKey: token) else { return }
            take(response, of: peer, now: now, using: &rng, into: &effects)
        case .response(.heartbeat, _, let token), .failure(let token, _):
            guard let peer = underWay.removeValue(forKey: token) else { return }
            changedMeanwhile.remove(peer)
            guard let wait = schedule.failed(peer, now: now, using: &rng) else { return }
            effects.append(.event(.unreachable(peer, retryAfter: wait)))
        case .request(_, let peer, let token):
            effects.append(.respond(nil, to: peer, token: token))
        }
    }

    private mutating func send(
        to peer: PeerID, now: Instant, using rng: inout some RandomNumberGenerator,
        into effects: inout Effects<PeerID, HeartbeatMessage, HeartbeatKeeperEvent>
    ) {
        guard let record else { return }
        do throws(HeartbeatError) {
            let signed = try issuer.issue(report, record: record, by: key, at: unixTime(now))
            effects.append(.event(.sequenceUsed(issuer.lastSequence)))
            nextToken += 1
            underWay[RequestToken(nextToken)] = peer
            effects.append(.request(.heartbeat(signed.envelope), to: peer, token: RequestToken(nextToken)))
        } catch {
            _ = schedule.failed(peer, now: now, using: &rng)
            effects.append(.event(.unusable(error)))
        }
    }

    private mutating func take(
        _ response: HeartbeatResponse, of peer: PeerID, now: Instant,
        using rng: inout some RandomNumberGenerator,
        into effects: inout Effects<PeerID, HeartbeatMessage, HeartbeatKeeperEvent>
    ) {
        issuer.learn(from: response, at: unixTime(now))
        let hasChanged = changedMeanwhile.remove(peer) != nil
        do throws(HeartbeatError) {
            try response.check()
            if schedule.contains(peer) { lastTaken[peer] = now }
            let interval = Duration.seconds(Int64(clamping: report.intervalSeconds))
            schedule.succeeded(peer, next: now + (hasChanged ? Self.minimumSpacing : interval))
            effects.append(.event(.taken(peer, ttlSeconds: response.ttlSeconds)))
        } catch {
            guard let wait = wait(after: response.status, of: peer, now: now, using: &rng) else { return }
            effects.append(.event(.refused(peer, error, retryAfter: wait)))
        }
    }

    private mutating func wait(
        after status: HeartbeatStatus, of peer: PeerID, now: Instant,
        using rng: inout some RandomNumberGenerator
    ) -> Duration? {
        guard status == .tooSoon || status == .staleSequence else {
            return schedule.failed(peer, now: now, using: &rng)
        }
        guard schedule.contains(peer) else { return nil }
        schedule.retry(peer, at: now + Self.correctionWait)
        return Self.correctionWait
    }

    private func unixTime(_ now: Instant) -> UnixTime {
        epoch.adding(seconds: now.nanoseconds / 1_000_000_000)
    }
}
