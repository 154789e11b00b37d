import MeshCore

/// The stores that follow a lookup: who gets the record, and who has acknowledged it.
///
/// The first k of `targets` are asked at once; each that fails or is slow is made up for by the next closest.
struct StorePhase: Sendable {
    private struct Attempt: Sendable {
        let key: Bytes32
        let since: Instant
        var isSlow: Bool
    }

    /// Peers by distance from the key, the closest first.
    let targets: [KadPeer]
    /// How many shall acknowledge: k.
    let goal: Int
    /// After this time a peer no longer holds up the end.
    let patience: Duration
    /// How many have acknowledged.
    private(set) var acknowledged = 0
    /// How many have failed or refused.
    private(set) var failed = 0
    private var nextIndex = 0
    private var attempts: [Attempt] = []

    init(targets: [KadPeer], goal: Int, patience: Duration) {
        self.targets = targets
        self.goal = goal
        self.patience = patience
    }

    /// How many were asked.
    var attempted: Int { nextIndex }

    /// The next peer to ask, which counts as asked from `now` on.
    mutating func next(now: Instant) -> KadPeer? {
        let promising = attempts.reduce(0) { $0 + ($1.isSlow ? 0 : 1) }
        guard acknowledged + promising < goal, nextIndex < targets.count else { return nil }
        let peer = targets[nextIndex]
        nextIndex += 1
        attempts.append(Attempt(key: peer.kadKey, since: now, isSlow: false))
        return peer
    }

    /// Notes an acknowledgement of the peer with `key`; false when it was not asked.
    mutating func acknowledge(_ key: Bytes32) -> Bool {
        guard settle(key) else { return false }
        acknowledged += 1
        return true
    }

    /// Notes that the peer with `key` failed or refused; false when it was not asked.
    mutating func fail(_ key: Bytes32) -> Bool {
        guard settle(key) else { return false }
        failed += 1
        return true
    }

    /// Whether the peer with `key` was asked and has not answered.
    func isPending(_ key: Bytes32) -> Bool { attempts.contains { $0.key == key } }

    /// Declares attempts slow that are older than `patience`.
    mutating func noteTime(_ now: Instant) {
        for index in attempts.indices where attempts[index].since + patience <= now {
            attempts[index].isSlow = true
        }
    }

    var nextDeadline: Instant? {
        attempts.lazy.filter { !$0.isSlow }.map { $0.since + patience }.min()
    }

    /// Whether nothing more is to be waited for: slow peers count only while nobody has acknowledged.
    var isFinished: Bool {
        if acknowledged >= goal { return true }
        guard nextIndex == targets.count else { return false }
        return attempts.allSatisfy(\.isSlow) && (attempts.isEmpty || acknowledged > 0)
    }

    private mutating func settle(_ key: Bytes32) -> Bool {
        guard let index = attempts.firstIndex(where: { $0.key == key }) else { return false }
        attempts.remove(at: index)
        return true
    }
}
