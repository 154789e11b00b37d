import MeshCore
import MeshMultiformats

/// What became of a provider that was offered to a store.
public enum ProviderInsertion: Hashable, Sendable {
    /// It is stored; these records made room for it.
    case stored(evicted: [ProviderRecord])
    /// The key has as many providers as it may; those that were there stay.
    case keyFull
    /// The store is full of keys that belong here more.
    case storeFull
}

/// The providers of keys, limited per key and in total.
///
/// A full key keeps the providers that it has, so a crowd of new identities cannot push out the old ones
/// (rust-libp2p stopped replacing providers by distance for that reason). A full store gives up its farthest key
/// for a closer one.
public struct ProviderStore: Sendable {
    /// The key of the node that owns the store.
    public let localKey: Bytes32
    /// The most providers of one key.
    public let maximumPerKey: Int
    /// The most records of all keys.
    public let maximumCount: Int
    /// The number of records of all keys.
    public private(set) var count = 0

    /// Providers by the place of their key, in the order in which they came.
    private var byKey: [Bytes32: [ProviderRecord]] = [:]
    /// Distances of the keys from the node, ascending.
    private var distances: [Bytes32] = []

    /// Creates an empty store.
    public init(localKey: Bytes32, maximumPerKey: Int, maximumCount: Int) {
        self.localKey = localKey
        self.maximumPerKey = max(maximumPerKey, 1)
        self.maximumCount = max(maximumCount, 1)
    }

    /// The number of keys.
    public var keyCount: Int { byKey.count }

    /// The providers of the key at the place `kadKey`, in the order in which they came.
    public func providers(_ kadKey: Bytes32) -> [ProviderRecord] { byKey[kadKey] ?? [] }

    /// All records, those of the key closest to the node first.
    public var records: [ProviderRecord] { distances.flatMap { byKey[$0 ^ localKey] ?? [] } }

    /// Stores `record` at the place `kadKey`, instead of an older one of the same provider.
    public mutating func insert(_ record: ProviderRecord, at kadKey: Bytes32) -> ProviderInsertion {
        if let index = byKey[kadKey]?.firstIndex(where: { $0.provider.id == record.provider.id }) {
            byKey[kadKey]?[index] = record
            return .stored(evicted: [])
        }
        guard providers(kadKey).count < maximumPerKey || record.isOwn else { return .keyFull }
        var evicted: [ProviderRecord] = []
        if count >= maximumCount {
            guard let farthest = farthestForeign(beyond: record.isOwn ? nil : kadKey ^ localKey) else {
                return .storeFull
            }
            evicted = removeForeign(farthest ^ localKey)
        }
        if byKey[kadKey] == nil {
            distances.insert(kadKey ^ localKey, at: position(of: kadKey ^ localKey))
        }
        byKey[kadKey, default: []].append(record)
        count += 1
        return .stored(evicted: evicted)
    }

    /// Removes and returns the record of `provider` at the place `kadKey`.
    public mutating func remove(_ kadKey: Bytes32, provider: PeerID) -> ProviderRecord? {
        guard let index = byKey[kadKey]?.firstIndex(where: { $0.provider.id == provider }) else { return nil }
        let record = byKey[kadKey]?.remove(at: index)
        count -= 1
        dropIfEmpty(kadKey)
        return record
    }

    /// Removes and returns the records of others that were received before `time`.
    public mutating func removeReceived(before time: UnixTime) -> [ProviderRecord] {
        var removed: [ProviderRecord] = []
        for distance in distances {
            let all = providers(distance ^ localKey)
            let kept = all.filter { $0.isOwn || $0.received >= time }
            guard kept.count < all.count else { continue }
            removed += all.filter { !$0.isOwn && $0.received < time }
            byKey[distance ^ localKey] = kept.isEmpty ? nil : kept
        }
        guard !removed.isEmpty else { return [] }
        count -= removed.count
        distances = distances.filter { byKey[$0 ^ localKey] != nil }
        return removed
    }

    private mutating func dropIfEmpty(_ kadKey: Bytes32) {
        guard byKey[kadKey]?.isEmpty ?? false else { return }
        byKey[kadKey] = nil
        let index = position(of: kadKey ^ localKey)
        if index < distances.count, distances[index] == kadKey ^ localKey { distances.remove(at: index) }
    }

    /// The distance of the farthest key with providers other than this node, if it exceeds `distance`.
    private func farthestForeign(beyond distance: Bytes32?) -> Bytes32? {
        for candidate in distances.reversed() {
            if let distance, candidate <= distance { return nil }
            if providers(candidate ^ localKey).contains(where: { !$0.isOwn }) { return candidate }
        }
        return nil
    }

    private mutating func removeForeign(_ kadKey: Bytes32) -> [ProviderRecord] {
        let removed = providers(kadKey).filter { !$0.isOwn }
        byKey[kadKey]?.removeAll { !$0.isOwn }
        count -= removed.count
        dropIfEmpty(kadKey)
        return removed
    }

    private func position(of distance: Bytes32) -> Int {
        var low = 0
        var high = distances.count
        while low < high {
            let middle = (low + high) / 2
            if distances[middle] < distance { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
