import MeshCore
import MeshMultiformats

/// Addresses of peers that are not in the routing table: clients, and servers for which there is no place.
///
/// Answers to FIND_NODE name such a peer when it is the target. Bounded: the peer that is disconnected and silent
/// for longest makes room.
struct PeerBook: Sendable {
    private struct Entry: Sendable {
        var peer: KadPeer
        var servesKad: Bool
        var isConnected: Bool
        var lastSeen: Instant
    }

    let maximumCount: Int
    let lifetime: Duration
    private var entries: [Bytes32: Entry] = [:]

    init(maximumCount: Int, lifetime: Duration) {
        self.maximumCount = maximumCount
        self.lifetime = lifetime
    }

    var count: Int { entries.count }

    /// The peer with `key`, unless it was disconnected too long ago.
    func peer(_ key: Bytes32, now: Instant) -> KadPeer? {
        guard let entry = entries[key], entry.isConnected || entry.lastSeen + lifetime > now else {
            return nil
        }
        return entry.peer
    }

    /// The connected peers that serve Kademlia, by key.
    var connectedServers: [KadPeer] {
        entries.filter { $0.value.isConnected && $0.value.servesKad }.sorted { $0.key < $1.key }
            .map { $0.value.peer }
    }

    /// Remembers a peer that is connected now.
    mutating func note(_ peer: KadPeer, servesKad: Bool, now: Instant) {
        if entries[peer.kadKey] == nil, entries.count >= maximumCount { evict() }
        guard maximumCount > 0 else { return }
        entries[peer.kadKey] = Entry(peer: peer, servesKad: servesKad, isConnected: true, lastSeen: now)
    }

    /// Notes that the last connection to the peer with `key` is gone.
    mutating func noteDisconnected(_ key: Bytes32, now: Instant) {
        guard var entry = entries[key] else { return }
        entry.isConnected = false
        entry.lastSeen = now
        entries[key] = entry
    }

    mutating func remove(_ key: Bytes32) {
        entries[key] = nil
    }

    /// Forgets the peers that were disconnected too long ago.
    mutating func removeExpired(now: Instant) {
        entries = entries.filter { $0.value.isConnected || $0.value.lastSeen + lifetime > now }
    }

    private mutating func evict() {
        let oldest = entries.min { left, right in
            if left.value.isConnected != right.value.isConnected { return !left.value.isConnected }
            if left.value.lastSeen != right.value.lastSeen {
                return left.value.lastSeen < right.value.lastSeen
            }
            return left.key < right.key
        }
        if let oldest { entries[oldest.key] = nil }
    }
}
