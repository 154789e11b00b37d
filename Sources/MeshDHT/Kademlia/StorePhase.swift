import MeshCore

/// The stores of a publication: who gets the record, and who has acknowledged it.
///
/// It is open while the lookup runs, and takes peers one by one; closing it gives the rest. The first `goal` of the
/// targets are asked at once; each that fails or is slow is made up for by the next closest.
struct StorePhase: Sendable {
    private struct Attempt: Sendable {
        let key: Bytes32
        let since: Instant
        var isSlow: Bool
    }

    /// Peers in the order in which they are asked.
    private(set) var targets: [KadPeer]
    /// How many shall acknowledge: k.
    private(set) var goal: Int
    /// After this time a peer no longer holds up the end.
    let patience: Duration
    /// Whether more targets may come.
    private(set) var isOpen: Bool
    /// How many have acknowledged.
    private(set) var acknowledged = 0
    /// How many have failed or refused.
    private(set) var failed = 0
    private var nextIndex = 0
    private var attempts: [Attempt] = []

    /// A phase with all its targets, by distance from the key, the closest first.
    init(targets: [KadPeer], goal: Int, patience: Duration) {
        self.targets = targets
        self.goal = goal
        self.patience = patience
        isOpen = false
    }

    /// A phase that gets its targets while the lookup runs.
    init(openWithGoal goal: Int, patience: Duration) {
        self.init(targets: [], goal: goal, patience: patience)
        isOpen = true
    }

    /// How many were asked.
    var attempted: Int { nextIndex }

    /// Adds a peer, unless it is a target already or there are as many as shall acknowledge.
    mutating func add(_ peer: KadPeer) {
        guard isOpen, targets.count < goal, !isTarget(peer.kadKey) else { return }
        targets.append(peer)
    }

    /// Adds the peers that the lookup has found, and takes no more; those that turned out not to be among the `goal`
    /// closest do not count.
    mutating func close(with closest: [KadPeer], goal: Int) {
        isOpen = false
        let wanted = closest.prefix(goal)
        let wrong = targets.count { target in !wanted.contains { $0.kadKey == target.kadKey } }
        self.goal = goal + wrong
        targets += closest.filter { !isTarget($0.kadKey) }
    }

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
        guard !isOpen else { return false }
        if acknowledged >= goal { return true }
        guard nextIndex == targets.count else { return false }
        return attempts.allSatisfy(\.isSlow) && (attempts.isEmpty || acknowledged > 0)
    }

    /// Whether nobody has acknowledged, and everybody was asked and is slow.
    var isHopeless: Bool {
        !isOpen && acknowledged == 0 && nextIndex == targets.count && attempts.allSatisfy(\.isSlow)
    }

    private func isTarget(_ key: Bytes32) -> Bool { targets.contains { $0.kadKey == key } }

    private mutating func settle(_ key: Bytes32) -> Bool {
        guard let index = attempts.firstIndex(where: { $0.key == key }) else { return false }
        attempts.remove(at: index)
        return true
    }
}
