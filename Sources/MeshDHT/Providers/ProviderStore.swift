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
    /// The provider, or its address group, has its share of the store.
    case overShare
}

/// The providers of keys, limited per key and in total.
///
/// A full key keeps the providers that it has, so a crowd of new identities cannot push out the old ones
/// (rust-libp2p stopped replacing providers by distance for that reason). A full store gives up its farthest key
/// for a closer one. What this node provides has a limit of its own, and takes about 250 bytes a key.
public struct ProviderStore: Sendable {
    /// What is kept of a record of the node itself.
    private struct Provision: Sendable {
        let key: [UInt8]
        var received: UnixTime
    }

    /// The key of the node that owns the store.
    public let localKey: Bytes32
    /// The most providers of one key.
    public let maximumPerKey: Int
    /// The most records of others, of all keys.
    public let maximumCount: Int
    /// The most keys that the node itself provides.
    public let maximumOwnCount: Int

    private var foreignCount = 0
    /// Providers other than the node by the place of their key, in the order in which they came.
    private var byKey: [Bytes32: [ProviderRecord]] = [:]
    /// Distances of these keys from the node.
    private var distances = SortedPlaces()
    private var own: [Bytes32: Provision] = [:]
    private var ownDistances = SortedPlaces()
    /// This node, as the provider of its own records.
    private var ownPeer: KadPeer?
    private var shares: StoreShares

    /// Creates an empty store; each provider, and each address group, may have these parts of it in hundredths.
    public init(
        localKey: Bytes32, maximumPerKey: Int, maximumCount: Int, maximumOwnCount: Int = .max,
        percentPerPeer: Int = 0, percentPerGroup: Int = 0
    ) {
        self.localKey = localKey
        self.maximumPerKey = max(maximumPerKey, 1)
        self.maximumCount = max(maximumCount, 1)
        self.maximumOwnCount = maximumOwnCount
        shares = StoreShares(
            ofPeer: StoreShares.Limits(percent: percentPerPeer, count: maximumCount, byteCount: .max),
            ofGroup: StoreShares.Limits(percent: percentPerGroup, count: maximumCount, byteCount: .max))
    }

    /// The number of records of all keys.
    public var count: Int { foreignCount + own.count }

    /// The number of keys that the node provides.
    public var ownCount: Int { own.count }

    /// The number of keys.
    public var keyCount: Int { byKey.count + own.keys.reduce(0) { $0 + (byKey[$1] == nil ? 1 : 0) } }

    /// The providers of the key at the place `kadKey`, in the order in which they came, the node itself last.
    public func providers(_ kadKey: Bytes32) -> [ProviderRecord] {
        let foreign = byKey[kadKey] ?? []
        guard let own = ownRecord(kadKey) else { return foreign }
        return foreign + [own]
    }

    /// The node's own record of the key at the place `kadKey`.
    func ownRecord(_ kadKey: Bytes32) -> ProviderRecord? {
        guard let provision = own[kadKey], let ownPeer else { return nil }
        return ProviderRecord(
            key: provision.key, provider: ownPeer, received: provision.received, isOwn: true)
    }

    /// The distance of the key of the node's own that is closest to it, but not closer than `distance`.
    func nextOwn(from distance: Bytes32) -> Bytes32? { ownDistances.first(from: distance) }

    /// All records, those of others first, those of the key closest to the node first.
    public var records: [ProviderRecord] {
        distances.all.flatMap { byKey[$0 ^ localKey] ?? [] }
            + ownDistances.all.compactMap { ownRecord($0 ^ localKey) }
    }

    /// Stores `record` at the place `kadKey`, instead of an older one of the same provider.
    public mutating func insert(_ record: ProviderRecord, at kadKey: Bytes32) -> ProviderInsertion {
        insert(record, at: kadKey, from: .nobody)
    }

    mutating func insert(
        _ record: ProviderRecord, at kadKey: Bytes32, from source: StoreShares.Source
    ) -> ProviderInsertion {
        guard !record.isOwn else { return insertOwn(record, at: kadKey) }
        if let index = byKey[kadKey]?.firstIndex(where: { $0.provider.id == record.provider.id }) {
            if let previous = byKey[kadKey]?[index] { shares.remove(Self.source(of: previous), byteCount: 0) }
            byKey[kadKey]?[index] = record
            shares.add(Self.source(of: record), byteCount: 0)
            return .stored(evicted: [])
        }
        guard byKey[kadKey]?.count ?? 0 < maximumPerKey else { return .keyFull }
        guard source == .nobody || shares.allows(Self.source(of: record), byteCount: 0) else {
            return .overShare
        }
        var evicted: [ProviderRecord] = []
        if foreignCount >= maximumCount {
            guard let farthest = distances.last, farthest > kadKey ^ localKey else { return .storeFull }
            evicted = byKey[farthest ^ localKey] ?? []
            removeAll(farthest ^ localKey)
        }
        distances.insert(kadKey ^ localKey)
        byKey[kadKey, default: []].append(record)
        foreignCount += 1
        shares.add(Self.source(of: record), byteCount: 0)
        return .stored(evicted: evicted)
    }

    private mutating func insertOwn(_ record: ProviderRecord, at kadKey: Bytes32) -> ProviderInsertion {
        guard own[kadKey] != nil || own.count < maximumOwnCount else { return .storeFull }
        if ownPeer == nil { ownPeer = record.provider.withAddresses([]) }
        own[kadKey] = Provision(key: own[kadKey]?.key ?? record.key, received: record.received)
        ownDistances.insert(kadKey ^ localKey)
        return .stored(evicted: [])
    }

    /// Removes and returns the record of `provider` at the place `kadKey`.
    public mutating func remove(_ kadKey: Bytes32, provider: PeerID) -> ProviderRecord? {
        if provider == ownPeer?.id, let record = ownRecord(kadKey) {
            own[kadKey] = nil
            ownDistances.remove(kadKey ^ localKey)
            if own.isEmpty { own = [:] }
            return record
        }
        guard let index = byKey[kadKey]?.firstIndex(where: { $0.provider.id == provider }),
            let record = byKey[kadKey]?.remove(at: index)
        else { return nil }
        foreignCount -= 1
        shares.remove(Self.source(of: record), byteCount: 0)
        if byKey[kadKey]?.isEmpty ?? false { removeAll(kadKey) }
        return record
    }

    /// Removes and returns the records of others that were received before `time`.
    public mutating func removeReceived(before time: UnixTime) -> [ProviderRecord] {
        var removed: [ProviderRecord] = []
        for distance in distances.all {
            let kadKey = distance ^ localKey
            guard let all = byKey[kadKey] else { continue }
            let old = all.filter { $0.received < time }
            guard !old.isEmpty else { continue }
            removed += old
            if old.count == all.count {
                removeAll(kadKey)
            } else {
                byKey[kadKey] = all.filter { $0.received >= time }
                foreignCount -= old.count
                for record in old { shares.remove(Self.source(of: record), byteCount: 0) }
            }
        }
        return removed
    }

    private mutating func removeAll(_ kadKey: Bytes32) {
        distances.remove(kadKey ^ localKey)
        for record in byKey.removeValue(forKey: kadKey) ?? [] {
            foreignCount -= 1
            shares.remove(Self.source(of: record), byteCount: 0)
        }
        if byKey.isEmpty { byKey = [:] }
    }

    /// A provider stores its own record, from wherever its addresses say that it is.
    private static func source(of record: ProviderRecord) -> StoreShares.Source {
        StoreShares.Source(
            peer: record.provider.kadKey.word0,
            group: record.provider.storage.group.counted(privateToo: false))
    }
}
