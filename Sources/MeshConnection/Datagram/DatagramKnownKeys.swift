import MeshCore
import MeshMultiformats

/// The static keys of peers that completed a handshake: whose they are, and the highest timestamp under each.
///
/// It saves verifying a signature again, lets a handshake be a resumption, and refuses recorded resumptions. The
/// key that was not used for the longest time makes room. Source: Specs/noise-datagrams.md, sections 4 and 9.
struct DatagramKnownKeys {
    private struct Entry {
        var staticKey: Bytes32
        /// Nil in a free place.
        var peer: PeerID?
        var timestamp: UInt64
    }

    private var entries = DatagramSlab<Entry>()
    private var recency = DatagramRecency()
    private var keyIndex: DatagramSlotIndex
    private var peerIndex: DatagramSlotIndex
    private let limit: Int

    init(limit: Int, seed: UInt64) {
        self.limit = max(1, limit)
        keyIndex = DatagramSlotIndex(secret: seed)
        peerIndex = DatagramSlotIndex(secret: ~seed)
    }

    var count: Int { entries.count }

    /// The peer that proved to own `staticKey`.
    func owner(of staticKey: Bytes32) -> PeerID? {
        slot(of: staticKey).flatMap { entries[$0].peer }
    }

    /// The static key of `peer`.
    func staticKey(of peer: PeerID) -> Bytes32? {
        guard let slot = peerIndex.find(peer.kadKey.word0), entries[slot].peer == peer else { return nil }
        return entries[slot].staticKey
    }

    /// The highest timestamp under `staticKey`, when `peer` owns it.
    func timestamp(of staticKey: Bytes32, _ peer: PeerID) -> UInt64? {
        guard let slot = slot(of: staticKey), entries[slot].peer == peer else { return nil }
        return entries[slot].timestamp
    }

    /// Remembers that `peer` owns `staticKey` and told `timestamp`; an earlier key of the peer is forgotten.
    mutating func remember(_ staticKey: Bytes32, of peer: PeerID, timestamp: UInt64) {
        if let slot = slot(of: staticKey), entries[slot].peer == peer {
            entries[slot].timestamp = max(entries[slot].timestamp, timestamp)
            recency.touch(slot)
            return
        }
        forget(peer)
        // Another owner of the same key, or the half of a key that collides: the newer one stays.
        if let slot = keyIndex.find(staticKey.word0) { remove(slot) }
        if let slot = peerIndex.find(peer.kadKey.word0) { remove(slot) }
        if entries.count >= limit, let oldest = recency.oldest { remove(oldest) }
        let slot = entries.insert(Entry(staticKey: staticKey, peer: peer, timestamp: timestamp))
        recency.add(slot)
        keyIndex.set(staticKey.word0, slot)
        peerIndex.set(peer.kadKey.word0, slot)
    }

    /// Forgets the static key of `peer`.
    mutating func forget(_ peer: PeerID) {
        guard let slot = peerIndex.find(peer.kadKey.word0), entries[slot].peer == peer else { return }
        remove(slot)
    }

    private func slot(of staticKey: Bytes32) -> Int? {
        guard let slot = keyIndex.find(staticKey.word0), entries[slot].staticKey == staticKey else {
            return nil
        }
        return slot
    }

    private mutating func remove(_ slot: Int) {
        keyIndex.remove(entries[slot].staticKey.word0)
        if let peer = entries[slot].peer { peerIndex.remove(peer.kadKey.word0) }
        recency.remove(slot)
        entries.remove(slot, leaving: Entry(staticKey: .zero, peer: nil, timestamp: 0))
    }
}
