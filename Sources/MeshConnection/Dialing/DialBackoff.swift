import MeshCore
import MeshMultiformats

/// The intervals and limits of ``DialBackoff``.
public struct DialBackoffConfiguration: Hashable, Sendable {
    /// How long an address is left alone after its first failure.
    ///
    /// Source: go-libp2p swarm_dial.go `BackoffBase`.
    public var base: Duration = .seconds(5)
    /// What the square of the number of earlier failures adds.
    ///
    /// Source: go-libp2p swarm_dial.go `BackoffCoef`.
    public var coefficient: Duration = .seconds(1)
    /// The longest wait.
    ///
    /// Source: go-libp2p swarm_dial.go `BackoffMax`.
    public var maximum: Duration = .seconds(300)
    /// Addresses that are remembered; beyond, the one that is forgotten soonest anyhow goes.
    public var maximumEntries = 4096

    /// Creates the default configuration.
    public init() {}
}

/// Remembers the addresses that failed, so that automatic dials leave them alone for a while.
///
/// Per peer and address, 5 s + 1 s · n² after n earlier failures, at most 5 min. An entry is forgotten as
/// long after its wait as the wait was. Dials that a person asked for do not ask here: they pass no backoff
/// to ``DialStateMachine``.
public struct DialBackoff: Sendable {
    private struct Key: Hashable, Sendable {
        var peer: PeerID?
        var address: Multiaddr
    }

    private struct Entry: Sendable {
        var failureCount: Int
        var until: Instant
    }

    private let configuration: DialBackoffConfiguration
    private var entries: [Key: Entry] = [:]
    private var expiry = TimerTable<Key>()

    /// Creates a memory without failures.
    public init(configuration: DialBackoffConfiguration = DialBackoffConfiguration()) {
        self.configuration = configuration
    }

    /// The number of remembered addresses.
    public var count: Int { entries.count }

    /// How long the address is still left alone; nil when it may be dialed.
    public func remaining(_ address: Multiaddr, of peer: PeerID?, now: Instant) -> Duration? {
        let key = Key(peer: peer, address: address.withoutPeer)
        guard let until = entries[key]?.until, until > now else { return nil }
        return until.duration(since: now)
    }

    /// Notes that a dial of the address failed; returns how long it is left alone.
    @discardableResult
    public mutating func noteFailure(_ address: Multiaddr, of peer: PeerID?, now: Instant) -> Duration {
        forgetExpired(now: now)
        let key = Key(peer: peer, address: address.withoutPeer)
        let failureCount = entries[key]?.failureCount ?? 0
        // 17 s squared reach the maximum; the cap keeps the product small.
        let capped = min(failureCount, 1000)
        let wait = min(
            configuration.maximum, configuration.base + configuration.coefficient * (capped * capped))
        while entries[key] == nil, entries.count >= max(1, configuration.maximumEntries),
            let oldest = expiry.popExpired(now: .distantFuture)
        {
            entries.removeValue(forKey: oldest)
        }
        entries[key] = Entry(failureCount: failureCount + 1, until: now + wait)
        expiry.set(key, at: now + wait + wait)
        return wait
    }

    /// Notes that the address answered.
    public mutating func noteSuccess(_ address: Multiaddr, of peer: PeerID?) {
        let key = Key(peer: peer, address: address.withoutPeer)
        entries.removeValue(forKey: key)
        expiry.cancel(key)
    }

    /// Forgets everything, for example when the network changed.
    public mutating func removeAll() {
        entries = [:]
        expiry = TimerTable()
    }

    private mutating func forgetExpired(now: Instant) {
        while let key = expiry.popExpired(now: now) { entries.removeValue(forKey: key) }
    }
}
