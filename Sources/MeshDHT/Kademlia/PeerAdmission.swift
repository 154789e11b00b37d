import MeshCore
import MeshMultiformats

/// Who comes into the routing table and who leaves it.
///
/// Only peers that have just answered a request of ours come in, and only liveness decides who leaves: a full
/// bucket keeps its live peers. Limits on what addresses a bucket may hold belong into ``admit(_:now:into:)``.
extension Kademlia {
    /// Tells what identify, or a registry, said about a connected peer.
    ///
    /// A peer that serves Kademlia enters the table once it has answered a FIND_NODE; one that does not is
    /// remembered with its addresses as long as it is connected, and for a while longer.
    public mutating func peerIdentified(
        _ peer: PeerID, addresses: [Multiaddr], servesKad: Bool, now: Instant,
        using rng: inout some RandomNumberGenerator, into effects: inout KadEffects
    ) {
        let dialable = addresses.lazy.compactMap { KadPeer.dialable($0, of: peer) }
        let peer = KadPeer(id: peer, addresses: Array(dialable.prefix(configuration.maximumAddressesPerPeer)))
        peerIdentified(peer, servesKad: servesKad, now: now, using: &rng, into: &effects)
    }

    /// The same for a peer whose addresses are known to be dialable: tables share `peer` instead of a copy.
    public mutating func peerIdentified(
        _ peer: KadPeer, servesKad: Bool, now: Instant, using rng: inout some RandomNumberGenerator,
        into effects: inout KadEffects
    ) {
        guard peer.id != localPeer else { return }
        if servesKad {
            if table.setAddresses(of: peer, isPresentable: isPresentable(peer)) {
                _ = table.touch(peer.kadKey, now: now)
            } else {
                book.note(peer, servesKad: true, now: now)
                consider(peer, now: now)
            }
        } else {
            book.note(peer, servesKad: false, now: now)
            table.removeReplacement(peer.kadKey)
            checks.settle(peer.kadKey)
            if table.remove(peer.kadKey) != nil {
                effects.append(.event(.routingTableChanged(added: [], removed: [peer.id])))
                considerReplacement(forBucketOf: peer.kadKey)
            }
        }
        maintenance.scheduleExpiry(now + configuration.expiryInterval)
        settle(now: now, using: &rng, into: &effects)
    }

    /// Tells that the last connection to `peer` is gone; it keeps its place in the table until it fails.
    public mutating func peerDisconnected(_ peer: PeerID, now: Instant) {
        book.noteDisconnected(peer.kadKey, now: now)
    }

    /// Notes that `peer` answered a request.
    mutating func noteAlive(_ peer: KadPeer, now: Instant, into effects: inout KadEffects) {
        failuresInARow = 0
        checks.settle(peer.kadKey)
        if table.touch(peer.kadKey, now: now) { return }
        admit(peer, now: now, into: &effects)
    }

    /// Notes that a request was not answered.
    ///
    /// A stream reset is also how a peer refuses a record: after a PUT_VALUE only a check can tell.
    mutating func noteUnanswered(_ request: PendingRequest, into effects: inout KadEffects) {
        if request.kind == .putValue {
            if table.contains(request.peer.kadKey) { checks.enqueue(request.peer) }
        } else {
            noteFailed(request.peer, into: &effects)
        }
    }

    /// Notes that a request to `peer` failed.
    mutating func noteFailed(_ peer: KadPeer, into effects: inout KadEffects) {
        let key = peer.kadKey
        failuresInARow += 1
        let wasChecked = checks.contains(key)
        checks.settle(key)
        table.removeReplacement(key)
        let failures = table.recordFailure(key)
        guard failures > 0 else {
            if wasChecked { considerReplacement(forBucketOf: key) }
            return
        }
        guard failures >= configuration.failuresBeforeRemoval else { return checks.enqueue(peer) }
        guard failuresInARow < configuration.outageFailures, table.remove(key) != nil else { return }
        effects.append(.event(.routingTableChanged(added: [], removed: [peer.id])))
        considerReplacement(forBucketOf: key)
        table.addLastResort(peer)
        if table.count == 0 { maintenance.refreshAt = .zero }
    }

    /// Inserts a peer that has just answered, or lets it wait for a place.
    private mutating func admit(_ peer: KadPeer, now: Instant, into effects: inout KadEffects) {
        var peer = peer
        if peer.addresses.isEmpty, let known = book.peer(peer.kadKey, now: now) { peer = known }
        switch table.insert(peer, now: now, isPresentable: isPresentable(peer)) {
        case .inserted:
            book.remove(peer.kadKey)
            effects.append(.event(.routingTableChanged(added: [peer], removed: [])))
            if table.count == 1 { maintenance.refreshAt = .zero }
            noteTableGrowth(now: now)
        case .bucketFull:
            doubtLeastRecentlySeen(inBucketOf: peer.kadKey, now: now)
        case .diversityLimit: observations.refusals.tooManyOfGroup.count()
        case .refreshed, .refused: break
        }
    }

    /// Queues peers that might fill free slots, and those of the table that are silent for long.
    mutating func checkForRefresh(now: Instant) {
        let silent = table.peersSilent(
            since: now - configuration.livenessSilence, limit: configuration.maximumWaitingChecks)
        for peer in silent + table.takeReplacementsForFreeSlots() { checks.enqueue(peer) }
        for peer in book.connectedServers where !table.isFull(bucketOf: peer.kadKey) { checks.enqueue(peer) }
    }

    /// Queues a peer of which nothing but its address is known.
    private mutating func consider(_ peer: KadPeer, now: Instant) {
        guard table.isFull(bucketOf: peer.kadKey) else { return checks.enqueue(peer) }
        table.addReplacement(peer)
        doubtLeastRecentlySeen(inBucketOf: peer.kadKey, now: now)
    }

    /// Queues the peer that waits for a place in the bucket of `key` for the shortest time.
    private mutating func considerReplacement(forBucketOf key: Bytes32) {
        guard !table.isFull(bucketOf: key), let peer = table.takeReplacement(forBucketOf: key) else { return }
        checks.enqueue(peer)
    }

    /// Has the most silent peer of a full bucket checked, if it is silent for long.
    private mutating func doubtLeastRecentlySeen(inBucketOf key: Bytes32, now: Instant) {
        guard let (peer, lastSeen) = table.leastRecentlySeen(inBucketOf: key),
            lastSeen + configuration.evictionSilence < now
        else { return }
        checks.enqueue(peer)
    }
}
