import MeshCore
import MeshMultiformats

/// The settings of ``RendezvousKeeper``.
public struct RendezvousKeeperConfiguration: Hashable, Sendable {
    /// The namespace in which the node registers and discovers.
    public var namespace: RendezvousNamespace
    /// The TTL to ask for.
    public var ttlSeconds: UInt64 = 7_200
    /// The time between two discoveries at one point.
    public var discoveryInterval: Duration = .seconds(300)
    /// The registrations to ask for at a time.
    public var pageSize: UInt64 = 100
    /// The most pages of one discovery.
    public var maximumPages = 32
    /// The most points.
    public var maximumPoints = 16

    /// Creates the default settings for a namespace.
    public init(namespace: RendezvousNamespace) {
        self.namespace = namespace
    }
}

/// What the keeper of registrations tells its node.
public enum RendezvousKeeperEvent: Hashable, Sendable {
    /// A point registered us for so many seconds.
    case registered(PeerID, ttlSeconds: UInt64)
    /// A point knows peers that we had not been told of, or that renewed.
    case discovered(PeerID, [DiscoveredPeer])
    /// A point refused, or answered nonsense; it is tried again after the wait.
    case refused(PeerID, RendezvousError, retryAfter: Duration)
    /// A point was not reached; it is tried again after the wait.
    case unreachable(PeerID, retryAfter: Duration)
}

/// Keeps a node registered at several rendezvous points, and asks each for others, independently.
///
/// | task at a point | input | next |
/// |---|---|---|
/// | register | granted | again after three quarters of the TTL |
/// | register | 101 with the first form of the record | at once with the other form |
/// | register | failure, refusal | after 5 s, doubled up to 5 minutes; after a failure with the other form |
/// | discover | a full page | the next page at once |
/// | discover | the last page | after the interval, with the cookie |
/// | discover | 103 | at once without the cookie |
///
/// Source: Specs/registry.md, "Rendezvous".
public struct RendezvousKeeper: Sendable {
    private enum Duty: Hashable, Sendable {
        case register(PeerID)
        case discover(PeerID)

        var point: PeerID {
            switch self {
            case .register(let point), .discover(let point): point
            }
        }
    }

    private struct Point {
        var form = PeerRecord.Form.interoperable
        var cookie: [UInt8] = []
        var pageCount = 0
    }

    /// The settings.
    public let configuration: RendezvousKeeperConfiguration
    private let key: IdentityKey
    private var envelopes: [PeerRecord.Form: [UInt8]] = [:]
    private var points: [PeerID: Point] = [:]
    private var schedule = RetrySchedule<Duty>()
    private var underWay: [RequestToken: Duty] = [:]
    private var changedMeanwhile: Set<PeerID> = []
    private var nextToken: UInt64 = 0

    /// Creates a keeper without points.
    public init(key: IdentityKey, configuration: RendezvousKeeperConfiguration) {
        self.key = key
        self.configuration = configuration
    }

    /// Uses these points from now on, at most as many as the settings allow.
    public mutating func setPoints(_ peers: [PeerID], now: Instant) {
        var kept: [PeerID] = []
        for peer in peers where !kept.contains(peer) && peer != key.peerID { kept.append(peer) }
        kept = Array(kept.prefix(configuration.maximumPoints))
        for peer in points.keys.sorted() where !kept.contains(peer) {
            points[peer] = nil
            schedule.remove(.register(peer))
            schedule.remove(.discover(peer))
            changedMeanwhile.remove(peer)
        }
        for peer in kept where points[peer] == nil {
            points[peer] = Point()
            if !envelopes.isEmpty { schedule.add(.register(peer), at: now) }
            schedule.add(.discover(peer), at: now)
        }
    }

    /// Registers with these addresses from now on, and renews every registration at once.
    ///
    /// `sequence` must be higher than in the peer records before. No address ends the renewals.
    public mutating func setAddresses(_ addresses: [Multiaddr], sequence: UInt64, now: Instant) {
        envelopes = [:]
        for point in points.keys.sorted() where addresses.isEmpty { schedule.remove(.register(point)) }
        guard !addresses.isEmpty else { return }
        let record = PeerRecord(peerID: key.peerID, sequence: sequence, addresses: addresses)
        for form in PeerRecord.Form.allCases { envelopes[form] = record.sealed(by: key, form: form) }
        for point in points.keys.sorted() {
            if schedule.isUnderWay(.register(point)) {
                changedMeanwhile.insert(point)
            } else {
                schedule.add(.register(point), at: now)
                schedule.move(.register(point), to: now)
            }
        }
    }

    /// Asks every point for others now, not only when the interval is over.
    public mutating func discoverNow(_ now: Instant) {
        for point in points.keys.sorted() { schedule.move(.discover(point), to: now) }
    }
}

extension RendezvousKeeper: StateMachine {
    /// When ``handle(_:now:using:into:)`` wants a deadline.
    public var nextDeadline: Instant? { schedule.nextDeadline }

    /// Sends what is due and takes the points' answers.
    public mutating func handle(
        _ input: Input<PeerID, RendezvousMessage>, now: Instant, using rng: inout some RandomNumberGenerator,
        into effects: inout Effects<PeerID, RendezvousMessage, RendezvousKeeperEvent>
    ) {
        switch input {
        case .deadline:
            while let duty = schedule.popDue(now: now) { send(duty, into: &effects) }
        case .response(let answer, _, let token):
            guard let duty = underWay.removeValue(forKey: token), points[duty.point] != nil else { return }
            do throws(RendezvousError) {
                switch duty {
                case .register(let point): try takeRegistration(answer, of: point, now: now, into: &effects)
                case .discover(let point): try takeDiscovery(answer, of: point, now: now, into: &effects)
                }
            } catch {
                refused(duty, error, now: now, using: &rng, into: &effects)
            }
        case .failure(let token, _):
            guard let duty = underWay.removeValue(forKey: token) else { return }
            if case .register(let point) = duty { useOtherForm(at: point) }
            guard let wait = schedule.failed(duty, now: now, using: &rng) else { return }
            effects.append(.event(.unreachable(duty.point, retryAfter: wait)))
        case .request(_, let peer, let token):
            effects.append(.respond(nil, to: peer, token: token))
        }
    }

    private mutating func send(
        _ duty: Duty, into effects: inout Effects<PeerID, RendezvousMessage, RendezvousKeeperEvent>
    ) {
        guard let point = points[duty.point], let message = message(of: duty, point) else {
            schedule.remove(duty)
            return
        }
        nextToken += 1
        underWay[RequestToken(nextToken)] = duty
        effects.append(.request(message, to: duty.point, token: RequestToken(nextToken)))
    }

    private func message(of duty: Duty, _ point: Point) -> RendezvousMessage? {
        switch duty {
        case .register:
            envelopes[point.form].map { envelope in
                RendezvousClient.register(
                    in: configuration.namespace, signedPeerRecord: envelope,
                    ttlSeconds: configuration.ttlSeconds)
            }
        case .discover:
            RendezvousClient.discover(
                in: configuration.namespace, limit: configuration.pageSize, cookie: point.cookie)
        }
    }

    private mutating func takeRegistration(
        _ answer: RendezvousMessage, of point: PeerID, now: Instant,
        into effects: inout Effects<PeerID, RendezvousMessage, RendezvousKeeperEvent>
    ) throws(RendezvousError) {
        let granted = try RendezvousClient.grantedTTLSeconds(answer, asked: configuration.ttlSeconds)
        let hasChanged = changedMeanwhile.remove(point) != nil
        let wait = hasChanged ? Duration.zero : .milliseconds(Int64(clamping: max(granted, 4)) * 750)
        schedule.succeeded(.register(point), next: now + wait)
        effects.append(.event(.registered(point, ttlSeconds: granted)))
    }

    private mutating func takeDiscovery(
        _ answer: RendezvousMessage, of point: PeerID, now: Instant,
        into effects: inout Effects<PeerID, RendezvousMessage, RendezvousKeeperEvent>
    ) throws(RendezvousError) {
        let page = try RendezvousClient.discovered(answer, in: configuration.namespace)
        let others = page.peers.filter { $0.peerID != key.peerID }
        if !others.isEmpty { effects.append(.event(.discovered(point, others))) }
        let pageCount = (points[point]?.pageCount ?? 0) + 1
        let isFull = UInt64(page.receivedCount) >= configuration.pageSize && !page.cookie.isEmpty
        let hasMore = isFull && pageCount < configuration.maximumPages
        points[point]?.cookie = page.cookie
        points[point]?.pageCount = hasMore ? pageCount : 0
        schedule.succeeded(.discover(point), next: hasMore ? now : now + configuration.discoveryInterval)
    }

    private mutating func refused(
        _ duty: Duty, _ error: RendezvousError, now: Instant, using rng: inout some RandomNumberGenerator,
        into effects: inout Effects<PeerID, RendezvousMessage, RendezvousKeeperEvent>
    ) {
        switch (duty, error) {
        case (.discover(let point), .refused(.invalidCookie, _)) where points[point]?.cookie.isEmpty == false:
            points[point]?.cookie = []
            schedule.retry(duty, at: now)
        case (.register(let point), .refused(.invalidSignedPeerRecord, _))
        where points[point]?.form == .interoperable:
            useOtherForm(at: point)
            schedule.retry(duty, at: now)
        default:
            if case (.register(let point), .refused(.invalidSignedPeerRecord, _)) = (duty, error) {
                useOtherForm(at: point)
            }
            guard let wait = schedule.failed(duty, now: now, using: &rng) else { return }
            effects.append(.event(.refused(duty.point, error, retryAfter: wait)))
        }
    }

    private mutating func useOtherForm(at point: PeerID) {
        let isFirst = points[point]?.form == .interoperable
        points[point]?.form = isFirst ? .legacy : .interoperable
    }
}
