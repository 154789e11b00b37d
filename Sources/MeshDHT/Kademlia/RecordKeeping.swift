import MeshCore
import MeshMultiformats

/// The records and providers of this node: storing, serving, ageing.
extension Kademlia {
    /// Stores `record` and has it persisted, unless a better one is stored or the store has no room for it.
    ///
    /// The only way into the store: an older value never replaces a newer one, and the same value keeps the later of
    /// both times.
    mutating func keep(
        _ record: StoredRecord, from source: StoreShares.Source = .nobody, token: RequestToken?, now: Instant,
        into effects: inout KadEffects
    ) -> Bool {
        let place = KadKeys.place(of: record.key)
        var record = record
        if let existing = records.record(place), !isExpired(existing, at: unixTime(now)) {
            guard validators.mayReplace(existing.value, with: record.value, key: record.key) else {
                observations.refusals.outdatedRecords.count()
                return false
            }
            if existing.value == record.value {
                record.received = max(record.received, existing.received)
                record.isOwn = record.isOwn || existing.isOwn
            }
        }
        switch records.insert(record, at: place, validated: now, from: source) {
        case .full:
            observations.refusals.storeFull.count()
            return false
        case .overShare:
            observations.refusals.overShare.count()
            return false
        case .stored(let evicted):
            for other in evicted { effects.append(.event(.removeRecord(key: other.key))) }
            effects.append(.event(.persistRecord(record, token)))
            maintenance.scheduleExpiry(now + configuration.expiryInterval)
            if !record.isOwn { scheduleHandOn(now: now) }
            return true
        }
    }

    /// Stores `record` and has it persisted; a store without room drops it.
    @discardableResult
    mutating func keep(
        _ record: ProviderRecord, from source: StoreShares.Source = .nobody, token: RequestToken?,
        now: Instant, into effects: inout KadEffects
    ) -> Bool {
        switch providers.insert(record, at: KadKeys.place(of: record.key), from: source) {
        case .keyFull, .storeFull:
            observations.refusals.storeFull.count()
            return false
        case .overShare:
            observations.refusals.overShare.count()
            return false
        case .stored(let evicted):
            for other in evicted {
                effects.append(.event(.removeProvider(key: other.key, other.provider.id)))
            }
            effects.append(.event(.persistProvider(record, token)))
            maintenance.scheduleExpiry(now + configuration.expiryInterval)
            return true
        }
    }

    func isExpired(_ record: StoredRecord, at time: UnixTime) -> Bool {
        guard !record.isOwn else { return false }
        let age = time.seconds > record.received.seconds ? time.seconds - record.received.seconds : 0
        let lifetime = UInt64(max(configuration.recordLifetime.components.seconds, 0))
        guard age < lifetime else { return true }
        // Most records are young: what lies far away is looked at only when it might be too old.
        guard age > lifetime / 64 else { return false }
        return Double(age) >= Double(lifetime) * lifetimePart(of: KadKeys.place(of: record.key))
    }

    /// The part of its full lifetime that the record of another at `place` has here: 1 for the k closest holders, and
    /// less in proportion to how many peers are expected to be closer.
    func lifetimePart(of place: Bytes32) -> Double {
        guard let size = observations.size.latest else { return 1 }
        let closer = (place ^ localKey).fraction * size
        return min(1, max(Double(configuration.replication) / max(closer, 1), 1.0 / 64))
    }

    /// The record at `place` that may be served: not too old, and still valid.
    mutating func servableRecord(
        _ place: Bytes32, now: Instant, into effects: inout KadEffects
    ) -> StoredRecord? {
        guard let record = records.record(place) else { return nil }
        let time = unixTime(now)
        if !isExpired(record, at: time) {
            // A signature takes 50 µs to verify: too long for every request.
            if let validated = records.validated(place), validated + configuration.revalidationInterval > now
            {
                return record
            }
            if (try? validate(key: record.key, value: record.value, at: time)) != nil {
                records.noteValidated(place, at: now)
                return record
            }
        }
        _ = records.remove(place)
        maintenance.publications.cancel(.record(place))
        effects.append(.event(.removeRecord(key: record.key)))
        return nil
    }

    /// The providers of the key at `place` that are not too old, with the addresses that may be handed out.
    func knownProviders(_ place: Bytes32, now: Instant) -> [KadPeer] {
        let time = unixTime(now)
        return providers.providers(place).compactMap { record in
            if record.isOwn { return scoped(localKadPeer) }
            guard record.received.adding(configuration.providerLifetime) > time else { return nil }
            guard record.received.adding(configuration.providerAddressLifetime) <= time else {
                return record.provider
            }
            let key = record.provider.kadKey
            guard let known = table.peer(key) ?? book.peer(key, now: now) else {
                return record.provider.withAddresses([])
            }
            return scoped(known)
        }
    }

    /// Removes what is too old.
    mutating func expireRecords(now: Instant, into effects: inout KadEffects) {
        let time = unixTime(now)
        for place in records.places(where: { isExpired($0, at: time) }) {
            guard let record = records.remove(place) else { continue }
            effects.append(.event(.removeRecord(key: record.key)))
        }
        for record in providers.removeReceived(before: time.subtracting(configuration.providerLifetime)) {
            effects.append(.event(.removeProvider(key: record.key, record.provider.id)))
        }
        book.removeExpired(now: now)
        observations.budgets.removeFull(now: now)
        observations.cache.removeExpired(now: now)
    }

    /// Whether anything is kept that can become too old.
    var hasExpiring: Bool { records.count > 0 || providers.count > 0 || book.count > 0 }
}

extension UnixTime {
    func adding(_ duration: Duration) -> UnixTime {
        adding(seconds: UInt64(max(duration.components.seconds, 0)))
    }

    func subtracting(_ duration: Duration) -> UnixTime {
        let delta = UInt64(max(duration.components.seconds, 0))
        return UnixTime(seconds: seconds > delta ? seconds - delta : 0)
    }
}
