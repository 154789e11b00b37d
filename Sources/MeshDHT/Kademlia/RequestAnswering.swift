import MeshCore
import MeshMultiformats

/// The server: what requests of peers are answered.
extension Kademlia {
    mutating func answer(
        _ message: KadMessage, from peer: PeerID, token: RequestToken, now: Instant,
        using rng: inout some RandomNumberGenerator, into effects: inout KadEffects
    ) {
        var response: KadMessage?
        if mode == .server, peer != localPeer, isInBudget(peer, now: now) {
            _ = table.touch(peer.kadKey, now: now)
            switch message.kind {
            case .ping: response = KadMessage(kind: .ping, key: message.key)
            case .findNode: response = answerFindNode(message, from: peer, now: now)
            case .getValue: response = answerGetValue(message, from: peer, now: now, into: &effects)
            case .putValue:
                response = answerPutValue(message, from: peer, token: token, now: now, into: &effects)
            case .getProviders: response = answerGetProviders(message, from: peer, now: now, using: &rng)
            case .addProvider:
                response = answerAddProvider(message, from: peer, token: token, now: now, into: &effects)
            }
        }
        if response == nil { observations.refusals.unanswered.count() }
        effects.append(.respond(response, to: peer, token: token))
    }

    private mutating func answerFindNode(
        _ message: KadMessage, from peer: PeerID, now: Instant
    ) -> KadMessage? {
        guard !message.key.isEmpty else { return nil }
        let place = message.place
        var closer = closerPeers(to: place, for: peer)
        if !isFirst(place), let target = knownTarget(place, now: now) {
            closer.insert(target, at: 0)
        }
        if closer.count > configuration.replication { closer.removeLast() }
        return KadMessage(to: message, closerPeers: closer)
    }

    /// Whether the closest peer of the search just made is the one at `place`, and was handed out.
    private func isFirst(_ place: Bytes32) -> Bool {
        guard let first = slots.first, table.holds(place, inSlot: first) else { return false }
        return table.isPresentable(slot: first) || table.peer(atSlot: first).flatMap(handedOut) != nil
    }

    /// The peer at `place` as a requester may know it, whether it serves, is healthy, or is this node.
    private func knownTarget(_ place: Bytes32, now: Instant) -> KadPeer? {
        if place == localKey { return handedOut(localKadPeer) }
        guard let known = table.peer(place) ?? book.peer(place, now: now) else { return nil }
        return handedOut(known)
    }

    private mutating func answerGetValue(
        _ message: KadMessage, from peer: PeerID, now: Instant, into effects: inout KadEffects
    ) -> KadMessage? {
        guard isRecordKey(message.key) else { return nil }
        let place = message.place
        let record = servableRecord(place, now: now, into: &effects).map {
            KadRecord(key: $0.key, value: $0.value, timeReceived: $0.received)
        }
        return KadMessage(to: message, record: record, closerPeers: closerPeers(to: place, for: peer))
    }

    private mutating func answerGetProviders(
        _ message: KadMessage, from peer: PeerID, now: Instant, using rng: inout some RandomNumberGenerator
    ) -> KadMessage? {
        guard isProviderKey(message.key) else { return nil }
        let place = message.place
        var found = knownProviders(place, now: now)
        if found.count > configuration.maximumProvidersPerAnswer {
            // Every provider gets its share of the answers, whoever came first.
            found.shuffle(using: &rng)
            found.removeLast(found.count - configuration.maximumProvidersPerAnswer)
        }
        return KadMessage(
            to: message, closerPeers: closerPeers(to: place, for: peer), providerPeers: found)
    }

    /// The k healthy peers closest to `place`, without this node and, unless it is the target, without `peer`.
    private mutating func closerPeers(to place: Bytes32, for peer: PeerID) -> [KadPeer] {
        let goal = configuration.replication
        let excluded = peer.kadKey == place ? nil : peer.kadKey
        var closer: [KadPeer] = []
        // Those without an address in scope, whom few tables hold, are made up for by a wider search.
        for width in 1...2 {
            table.closest(
                to: place, count: width * goal, onlyHealthy: true, excluding: excluded, into: &slots)
            closer.removeAll(keepingCapacity: true)
            closer.reserveCapacity(min(slots.count, goal) + 1)
            for slot in slots where closer.count < goal {
                guard let candidate = table.peer(atSlot: slot) else { continue }
                if table.isPresentable(slot: slot) {
                    closer.append(candidate)
                } else if let handed = handedOut(candidate) {
                    closer.append(handed)
                }
            }
            if closer.count == min(slots.count, goal) { break }
        }
        return closer
    }

    // MARK: Limits and scopes

    func isRecordKey(_ key: [UInt8]) -> Bool {
        !key.isEmpty && key.count <= configuration.maximumRecordKeyByteCount
    }

    func isProviderKey(_ key: [UInt8]) -> Bool {
        !key.isEmpty && key.count <= configuration.maximumProviderKeyByteCount
    }

    func validate(key: [UInt8], value: [UInt8], at time: UnixTime) throws(RecordError) {
        guard value.count <= configuration.maximumValueByteCount else {
            throw .valueTooLong(byteCount: value.count, limit: configuration.maximumValueByteCount)
        }
        try validators.validate(key: key, value: value, at: time)
    }

    /// `peer` with the addresses that may be handed out, or nil when none may.
    func handedOut(_ peer: KadPeer) -> KadPeer? {
        let peer = scoped(peer)
        return peer.addresses.isEmpty ? nil : peer
    }

    /// `peer` with the addresses of the network's scope only, and no more than the limit.
    func scoped(_ peer: KadPeer) -> KadPeer {
        let limit = configuration.maximumAddressesPerPeer
        switch configuration.addressScope {
        case .all:
            guard peer.addresses.count > limit else { return peer }
            return peer.withAddresses(Array(peer.addresses.prefix(limit)))
        case .publicOnly:
            let kept = peer.addresses.filter { $0.isPublicIP || $0.isRelayed }
            guard kept.count < peer.addresses.count || kept.count > limit else { return peer }
            return peer.withAddresses(Array(kept.prefix(limit)))
        }
    }
}
