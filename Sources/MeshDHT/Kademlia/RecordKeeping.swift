import MeshCore
import MeshMultiformats

/// The records and providers of this node: storing, serving, ageing.
extension Kademlia {
    /// Stores `record` and has it persisted; false when the store has no room for it.
    mutating func keep(
        _ record: StoredRecord, token: RequestToken?, now: Instant, into effects: inout KadEffects
    ) -> Bool {
        switch records.insert(record, at: KadKeys.place(of: record.key), validated: now) {
        case .full: return false
        case .stored(let evicted):
            for other in evicted { effects.append(.event(.removeRecord(key: other.key))) }
            effects.append(.event(.persistRecord(record, token)))
            maintenance.scheduleExpiry(now + configuration.expiryInterval)
            return true
        }
    }

    /// Stores `record` and has it persisted; a store without room drops it.
    @discardableResult
    mutating func keep(
        _ record: ProviderRecord, token: RequestToken?, now: Instant, into effects: inout KadEffects
    ) -> Bool {
        switch providers.insert(record, at: KadKeys.place(of: record.key)) {
        case .keyFull, .storeFull: return false
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
        !record.isOwn && record.received.adding(configuration.recordLifetime) <= time
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
        for record in records.removeReceived(before: time.subtracting(configuration.recordLifetime)) {
            effects.append(.event(.removeRecord(key: record.key)))
        }
        for record in providers.removeReceived(before: time.subtracting(configuration.providerLifetime)) {
            effects.append(.event(.removeProvider(key: record.key, record.provider.id)))
        }
        book.removeExpired(now: now)
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
