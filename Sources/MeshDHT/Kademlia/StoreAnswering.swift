import MeshCore
import MeshMultiformats

/// The server: what becomes of records that peers want to store here.
extension Kademlia {
    mutating func answerPutValue(
        _ message: KadMessage, from peer: PeerID, token: RequestToken, now: Instant,
        into effects: inout KadEffects
    ) -> KadMessage? {
        guard isRecordKey(message.key), let offered = message.record, offered.key == message.key else {
            return nil
        }
        let time = unixTime(now)
        guard (try? validate(key: offered.key, value: offered.value, at: time)) != nil else {
            observations.refusals.invalidRecords.count()
            return nil
        }
        let record = StoredRecord(
            key: offered.key, value: offered.value, received: receivedTime(offered, now: now) ?? time,
            isOwn: false)
        guard keep(record, from: source(of: peer, now: now), token: token, now: now, into: &effects) else {
            return nil
        }
        return KadMessage(
            kind: .putValue, key: message.key, record: KadRecord(key: offered.key, value: offered.value))
    }

    /// Keeps the sender as a provider; the "response" only says that the request was valid and is done.
    mutating func answerAddProvider(
        _ message: KadMessage, from peer: PeerID, token: RequestToken, now: Instant,
        into effects: inout KadEffects
    ) -> KadMessage? {
        guard isProviderKey(message.key),
            let provider = message.providerPeers.first(where: { $0.id == peer && !$0.addresses.isEmpty })
        else { return nil }
        let record = ProviderRecord(
            key: message.key, provider: scoped(provider), received: unixTime(now), isOwn: false)
        keep(record, from: source(of: peer, now: now), token: token, now: now, into: &effects)
        return KadMessage(kind: .addProvider, key: message.key)
    }

    /// Takes a request of `peer` from its budget.
    mutating func isInBudget(_ peer: PeerID, now: Instant) -> Bool {
        if observations.budgets.take(peer.kadKey, now: now) { return true }
        observations.refusals.overBudget.count()
        return false
    }

    /// When the record was first received, if the sender says so and it can be: not ahead, and not longer ago than
    /// records live.
    func receivedTime(_ record: KadRecord?, now: Instant) -> UnixTime? {
        guard let time = record?.timeReceived else { return nil }
        let present = unixTime(now)
        return time <= present && time > present.subtracting(configuration.recordLifetime) ? time : nil
    }

    /// Who is held to account for a record that `peer` stores.
    private func source(of peer: PeerID, now: Instant) -> StoreShares.Source {
        let known = table.peer(peer.kadKey) ?? book.peer(peer.kadKey, now: now)
        let group = known?.storage.group ?? .none
        return StoreShares.Source(
            peer: peer.kadKey.word0, group: group.counted(privateToo: configuration.countsPrivateAddresses))
    }
}
