import MeshCore
import MeshMultiformats

/// The server: what requests of peers are answered.
extension Kademlia {
    mutating func answer(
        _ message: KadMessage, from peer: PeerID, token: RequestToken, now: Instant,
        using rng: inout some RandomNumberGenerator, into effects: inout KadEffects
    ) {
        var response: KadMessage?
        if mode == .server, peer != localPeer {
            _ = table.touch(peer.kadKey, now: now)
            switch message.kind {
            case .ping: response = KadMessage(kind: .ping, key: message.key)
            case .findNode: response = answerFindNode(message, from: peer, now: now)
            case .getValue: response = answerGetValue(message, from: peer, now: now, into: &effects)
            case .putValue: response = answerPutValue(message, token: token, now: now, into: &effects)
            case .getProviders: response = answerGetProviders(message, from: peer, now: now, using: &rng)
            case .addProvider:
                response = answerAddProvider(message, from: peer, token: token, now: now, into: &effects)
            }
        }
        effects.append(.respond(response, to: peer, token: token))
    }

    private mutating func answerFindNode(
        _ message: KadMessage, from peer: PeerID, now: Instant
    ) -> KadMessage? {
        guard !message.key.isEmpty else { return nil }
        let place = KadKeys.place(of: message.key)
        var closer = closerPeers(to: place, for: peer)
        if closer.first?.kadKey != place, let target = knownTarget(place, now: now) {
            closer.insert(target, at: 0)
        }
        if closer.count > configuration.replication { closer.removeLast() }
        return KadMessage(kind: .findNode, key: message.key, closerPeers: closer)
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
        let place = KadKeys.place(of: message.key)
        let record = servableRecord(place, now: now, into: &effects).map {
            KadRecord(key: $0.key, value: $0.value, timeReceived: $0.received)
        }
        return KadMessage(
            kind: .getValue, key: message.key, record: record, closerPeers: closerPeers(to: place, for: peer))
    }

    private mutating func answerPutValue(
        _ message: KadMessage, token: RequestToken, now: Instant, into effects: inout KadEffects
    ) -> KadMessage? {
        guard isRecordKey(message.key), let offered = message.record, offered.key == message.key else {
            return nil
        }
        let time = unixTime(now)
        guard (try? validate(key: offered.key, value: offered.value, at: time)) != nil else { return nil }
        let existing = records.record(KadKeys.place(of: offered.key))
        if let existing, isExpired(existing, at: time) == false,
            validators.select(key: offered.key, values: [offered.value, existing.value]) != 0
        {
            return nil
        }
        let record = StoredRecord(
            key: offered.key, value: offered.value, received: time,
            isOwn: existing.map { $0.isOwn && $0.value == offered.value } ?? false)
        guard keep(record, token: token, now: now, into: &effects) else { return nil }
        return KadMessage(
            kind: .putValue, key: message.key, record: KadRecord(key: offered.key, value: offered.value))
    }

    private mutating func answerGetProviders(
        _ message: KadMessage, from peer: PeerID, now: Instant, using rng: inout some RandomNumberGenerator
    ) -> KadMessage? {
        guard isProviderKey(message.key) else { return nil }
        let place = KadKeys.place(of: message.key)
        var found = knownProviders(place, now: now)
        if found.count > configuration.maximumProvidersPerAnswer {
            // Every provider gets its share of the answers, whoever came first.
            found.shuffle(using: &rng)
            found.removeLast(found.count - configuration.maximumProvidersPerAnswer)
        }
        return KadMessage(
            kind: .getProviders, key: message.key, closerPeers: closerPeers(to: place, for: peer),
            providerPeers: found)
    }

    /// Keeps the sender as a provider; the "response" only says that the request was valid and is done.
    private mutating func answerAddProvider(
        _ message: KadMessage, from peer: PeerID, token: RequestToken, now: Instant,
        into effects: inout KadEffects
    ) -> KadMessage? {
        guard isProviderKey(message.key),
            let provider = message.providerPeers.first(where: { $0.id == peer && !$0.addresses.isEmpty })
        else { return nil }
        let record = ProviderRecord(
            key: message.key, provider: scoped(provider), received: unixTime(now), isOwn: false)
        keep(record, token: token, now: now, into: &effects)
        return KadMessage(kind: .addProvider, key: message.key)
    }

    /// The k healthy peers closest to `place`, without this node and, unless it is the target, without `peer`.
    private mutating func closerPeers(to place: Bytes32, for peer: PeerID) -> [KadPeer] {
        table.closest(to: place, count: configuration.replication + 1, onlyHealthy: true, into: &slots)
        var closer: [KadPeer] = []
        closer.reserveCapacity(configuration.replication + 1)
        for slot in slots where closer.count < configuration.replication {
            guard let candidate = table.peer(atSlot: slot), candidate.id != peer || candidate.kadKey == place,
                let handed = handedOut(candidate)
            else { continue }
            closer.append(handed)
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
