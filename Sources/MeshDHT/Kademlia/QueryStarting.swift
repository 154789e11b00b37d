import MeshCore
import MeshMultiformats

/// What the application asks for. Every command gives the identifier under which events report it, and may have
/// finished when it returns.
extension Kademlia {
    /// Fills the routing table: the lookup of the node itself, then one for each bucket.
    public mutating func bootstrap(
        now: Instant, using rng: inout some RandomNumberGenerator, into effects: inout KadEffects
    ) -> QueryID {
        let id = makeQueryID()
        startRefresh(allBuckets: true, reportTo: id, now: now, using: &rng, into: &effects)
        settle(now: now, using: &rng, into: &effects)
        return id
    }

    /// Finds the addresses of `peer`; with `usesLocal`, those that the node knows already.
    public mutating func findPeer(
        _ peer: PeerID, usesLocal: Bool = true, now: Instant, using rng: inout some RandomNumberGenerator,
        into effects: inout KadEffects
    ) -> QueryID {
        if let known = usesLocal ? knownPeer(peer, now: now) : nil {
            return finishAtOnce(.peer(known), into: &effects)
        }
        return start(.findPeer, key: peer.multihash, asking: .findNode, now: now, using: &rng, into: &effects)
    }

    /// Finds the k peers closest to `key`.
    public mutating func closestPeers(
        key: [UInt8], now: Instant, using rng: inout some RandomNumberGenerator,
        into effects: inout KadEffects
    ) -> QueryID {
        start(.closestPeers, key: key, asking: .findNode, now: now, using: &rng, into: &effects)
    }

    /// Finds the best value of `key`: as soon as `quorum` holders agree on it, or for quorum 0 after asking
    /// all of the closest peers.
    ///
    /// With `usesLocal`, the node's own copy counts for one. Peers that gave worse values get the best.
    public mutating func getValue(
        key: [UInt8], quorum: Int, usesLocal: Bool = true, now: Instant,
        using rng: inout some RandomNumberGenerator, into effects: inout KadEffects
    ) -> QueryID {
        guard isRecordKey(key) else {
            return refuse(key, limit: configuration.maximumRecordKeyByteCount, into: &effects)
        }
        if usesLocal, quorum == 1,
            let cached = observations.cache.value(KadKeys.place(of: key), now: now),
            (try? validate(key: key, value: cached, at: unixTime(now))) != nil
        {
            return finishAtOnce(.value(cached, holders: 1), into: &effects)
        }
        var search = ValueSearch(key: key, quorum: quorum)
        if usesLocal, let record = servableRecord(KadKeys.place(of: key), now: now, into: &effects) {
            search.addLocal(record.value, received: record.received)
            if search.isSatisfied {
                return finishAtOnce(.value(record.value, holders: 1), into: &effects)
            }
        }
        return start(.value(search), key: key, asking: .getValue, now: now, using: &rng, into: &effects)
    }

    /// Stores a value here and at the k closest peers, now and again before it expires there.
    public mutating func putValue(
        key: [UInt8], value: [UInt8], now: Instant, using rng: inout some RandomNumberGenerator,
        into effects: inout KadEffects
    ) -> QueryID {
        guard isRecordKey(key) else {
            return refuse(key, limit: configuration.maximumRecordKeyByteCount, into: &effects)
        }
        let time = unixTime(now)
        do throws(RecordError) {
            try validate(key: key, value: value, at: time)
        } catch {
            return finishAtOnce(.failed(.invalidRecord(error)), into: &effects)
        }
        let place = KadKeys.place(of: key)
        if let existing = servableRecord(place, now: now, into: &effects),
            !validators.mayReplace(existing.value, with: value, key: key)
        {
            return finishAtOnce(.failed(.outdatedRecord), into: &effects)
        }
        let record = StoredRecord(key: key, value: value, received: time, isOwn: true)
        guard keep(record, token: nil, now: now, into: &effects) else {
            return finishAtOnce(.failed(.storeFull), into: &effects)
        }
        observations.cache.remove(place)
        return start(
            .putValue(Self.putMessage(record)), key: key, asking: .findNode, now: now, using: &rng,
            into: &effects)
    }

    /// Announces this node as a provider of the content with the multihash `key`, now and again until
    /// ``stopProviding(key:now:into:)``.
    public mutating func provide(
        key: [UInt8], now: Instant, using rng: inout some RandomNumberGenerator,
        into effects: inout KadEffects
    ) -> QueryID {
        guard isProviderKey(key) else {
            return refuse(key, limit: configuration.maximumProviderKeyByteCount, into: &effects)
        }
        guard !scoped(localKadPeer).addresses.isEmpty else {
            return finishAtOnce(.failed(.invalidRecord(.noAddresses)), into: &effects)
        }
        let record = ProviderRecord(
            key: key, provider: KadPeer(id: localPeer, addresses: []), received: unixTime(now), isOwn: true)
        guard keep(record, token: nil, now: now, into: &effects) else {
            return finishAtOnce(.failed(.storeFull), into: &effects)
        }
        return start(
            .provide(announcement(of: key)), key: key, asking: .findNode, now: now, using: &rng,
            into: &effects)
    }

    /// No longer announces this node as a provider of `key`; other nodes forget it when their record expires.
    public mutating func stopProviding(key: [UInt8], now: Instant, into effects: inout KadEffects) {
        let place = KadKeys.place(of: key)
        maintenance.publications.cancel(.provider(place))
        guard providers.remove(place, provider: localPeer) != nil else { return }
        effects.append(.event(.removeProvider(key: key, localPeer)))
    }

    /// Finds up to `limit` providers of `key`, those that this node knows of first.
    public mutating func findProviders(
        key: [UInt8], limit: Int, usesLocal: Bool = true, now: Instant,
        using rng: inout some RandomNumberGenerator, into effects: inout KadEffects
    ) -> QueryID {
        guard isProviderKey(key) else {
            return refuse(key, limit: configuration.maximumProviderKeyByteCount, into: &effects)
        }
        var search = ProviderSearch(limit: limit)
        if usesLocal {
            _ = search.add(knownProviders(KadKeys.place(of: key), now: now))
            if search.isSatisfied { return finishAtOnce(.providers(search.found), into: &effects) }
        }
        return start(
            .providers(search), key: key, asking: .getProviders, now: now, using: &rng, into: &effects)
    }

    /// Ends a query of the application without a result.
    public mutating func cancel(_ id: QueryID, now: Instant, into effects: inout KadEffects) {
        if let index = maintenance.refresh?.reportTo.firstIndex(of: id) {
            maintenance.refresh?.reportTo.remove(at: index)
            effects.append(.event(.queryFinished(id, .failed(.cancelled), QueryStatistics())))
        }
        guard queries[id]?.owner == .application, let query = queries.take(id)?.first else { return }
        finish(query, .failed(.cancelled), now: now, into: &effects)
    }

    /// Brings back what an earlier run has persisted.
    ///
    /// Peers are asked for a sign of life before they enter the table, and serve as candidates of lookups
    /// until then; own records are published when they are due.
    public mutating func restore(
        peers: [(PeerID, [Multiaddr])], records: [StoredRecord], providers: [ProviderRecord]
    ) {
        for (peer, addresses) in peers where peer != localPeer {
            let dialable = addresses.compactMap { KadPeer.dialable($0, of: peer) }
            checks.enqueue(scoped(KadPeer(id: peer, addresses: dialable)))
        }
        for record in records {
            let place = KadKeys.place(of: record.key)
            if let newer = self.records.record(place),
                !validators.mayReplace(newer.value, with: record.value, key: record.key)
            {
                continue
            }
            guard case .stored = self.records.insert(record, at: place, validated: nil), record.isOwn else {
                continue
            }
            schedule(.record(place), publishedAt: record.received)
        }
        for record in providers {
            let place = KadKeys.place(of: record.key)
            guard case .stored = self.providers.insert(record, at: place), record.isOwn else { continue }
            schedule(.provider(place), publishedAt: record.received)
        }
        maintenance.refreshAt = .zero
        beginPass(.missed)
        if self.records.count > self.records.ownCount { scheduleHandOn(now: .zero) }
        if hasExpiring { maintenance.scheduleExpiry(.zero) }
    }

    // MARK: Messages

    /// The request to store `record`; who is not its publisher says with `received` how old it is.
    static func putMessage(_ record: StoredRecord, received: UnixTime? = nil) -> KadMessage {
        KadMessage(
            kind: .putValue, key: record.key,
            record: KadRecord(key: record.key, value: record.value, timeReceived: received))
    }

    func announcement(of key: [UInt8]) -> KadMessage {
        KadMessage(
            kind: .addProvider, key: key,
            providerPeers: [scoped(localKadPeer)])
    }

    private func knownPeer(_ peer: PeerID, now: Instant) -> KadPeer? {
        if peer == localPeer { return localKadPeer }
        guard let known = table.peer(peer.kadKey) ?? book.peer(peer.kadKey, now: now),
            !known.addresses.isEmpty
        else { return nil }
        return known
    }

    private mutating func refuse(_ key: [UInt8], limit: Int, into effects: inout KadEffects) -> QueryID {
        finishAtOnce(.failed(.invalidKey(byteCount: key.count, limit: limit)), into: &effects)
    }

    private mutating func finishAtOnce(_ outcome: QueryOutcome, into effects: inout KadEffects) -> QueryID {
        let id = makeQueryID()
        effects.append(.event(.queryFinished(id, outcome, QueryStatistics())))
        return id
    }

    private mutating func start(
        _ goal: Query.Goal, key: [UInt8], asking kind: KadMessage.Kind, now: Instant,
        using rng: inout some RandomNumberGenerator, into effects: inout KadEffects
    ) -> QueryID {
        let id = startLookup(
            goal, key: key, asking: kind, verifiesAll: false, owner: .application, now: now, into: &effects)
        settle(now: now, using: &rng, into: &effects)
        return id
    }
}
