import MeshCore

/// Peers that have to answer a request before they may enter, or stay in, the routing table.
struct LivenessChecks: Sendable {
    let maximumRunning: Int
    let maximumWaiting: Int
    private(set) var waiting: [KadPeer] = []
    private(set) var running: [KadPeer] = []

    init(maximumRunning: Int, maximumWaiting: Int) {
        self.maximumRunning = maximumRunning
        self.maximumWaiting = maximumWaiting
    }

    var isEmpty: Bool { waiting.isEmpty && running.isEmpty }
    var isReady: Bool { !waiting.isEmpty && running.count < maximumRunning }

    /// Everybody who may turn out to be alive, those being asked first.
    var peers: [KadPeer] { running + waiting }

    func contains(_ key: Bytes32) -> Bool {
        running.contains { $0.kadKey == key } || waiting.contains { $0.kadKey == key }
    }

    /// Queues a peer, unless it is queued already or the queue is full.
    mutating func enqueue(_ peer: KadPeer) {
        guard waiting.count < maximumWaiting, !contains(peer.kadKey) else { return }
        waiting.append(peer)
    }

    /// The next peer to ask, if one of the places is free.
    mutating func next() -> KadPeer? {
        guard isReady else { return nil }
        let peer = waiting.removeFirst()
        running.append(peer)
        return peer
    }

    /// Forgets the peer with `key`, whose liveness is known now.
    mutating func settle(_ key: Bytes32) {
        running.removeAll { $0.kadKey == key }
        waiting.removeAll { $0.kadKey == key }
    }
}
