import MeshCore

/// What became of a record that was offered to a store.
public enum RecordInsertion: Hashable, Sendable {
    /// It is stored; these records of others made room for it.
    case stored(evicted: [StoredRecord])
    /// The store is full of records that belong here more.
    case full
    /// Whoever offers it has stored its share here.
    case overShare
}

/// The value records of a node, limited in number and in bytes.
///
/// The records lie in the order of their distance from the node. When a limit is reached, the farthest record of
/// another publisher makes room, if the new one is closer: a flood of keys from elsewhere cannot displace what
/// the node is responsible for. Records of the node itself have a limit of their own. A walk of the region around a key
/// is a walk of neighbours here.
public struct RecordStore: Sendable {
    private struct Entry: Sendable {
        var record: StoredRecord
        /// When the value was last found valid; nil when it comes from disk.
        var validated: Instant?
        /// When it was stored here last.
        var stored: Instant
        var source: StoreShares.Source
    }

    /// The key of the node that owns the store.
    public let localKey: Bytes32
    /// The most records of others.
    public let maximumCount: Int
    /// The most bytes of keys and values of others.
    public let maximumByteCount: Int
    /// The most records of the node itself.
    public let maximumOwnCount: Int
    /// Bytes of the keys and values of others.
    public private(set) var byteCount = 0

    private var byKey: [Bytes32: Entry] = [:]
    /// Distances of the records of others from the node.
    private var distances = SortedPlaces()
    /// Distances of the node's own.
    private var ownDistances = SortedPlaces()
    private var shares: StoreShares

    /// Creates an empty store; each peer, and each address group, may have these parts of it in hundredths.
    public init(
        localKey: Bytes32, maximumCount: Int, maximumByteCount: Int, maximumOwnCount: Int = .max,
        percentPerPeer: Int = 0, percentPerGroup: Int = 0
    ) {
        self.localKey = localKey
        self.maximumCount = maximumCount
        self.maximumByteCount = maximumByteCount
        self.maximumOwnCount = maximumOwnCount
        shares = StoreShares(
            ofPeer: StoreShares.Limits(
                percent: percentPerPeer, count: maximumCount, byteCount: maximumByteCount),
            ofGroup: StoreShares.Limits(
                percent: percentPerGroup, count: maximumCount, byteCount: maximumByteCount))
    }

    /// The number of records.
    public var count: Int { byKey.count }

    /// The number of records of the node itself.
    public var ownCount: Int { ownDistances.count }

    /// The record whose key has the place `kadKey`.
    public func record(_ kadKey: Bytes32) -> StoredRecord? { byKey[kadKey]?.record }

    /// All records, those of others first, the closest to the node first.
    public var records: [StoredRecord] {
        (distances.all + ownDistances.all).compactMap { byKey[$0 ^ localKey]?.record }
    }

    /// The distance of the own record that is closest to the node, but not closer than `distance`.
    func nextOwn(from distance: Bytes32) -> Bytes32? { ownDistances.first(from: distance) }

    /// The distances of records of others that nobody has stored here since `time`, ascending.
    func notStored(since time: Instant) -> [Bytes32] {
        distances.all.filter { byKey[$0 ^ localKey].map { $0.stored <= time } ?? false }
    }

    /// Notes that the record at the place `kadKey` has been stored here, or handed on, at `time`.
    mutating func noteStored(_ kadKey: Bytes32, at time: Instant) {
        byKey[kadKey]?.stored = time
    }

    /// Stores `record` at the place `kadKey`, instead of an older one with this key; `validated` says when its
    /// value was found valid, nil that it was not looked at.
    public mutating func insert(
        _ record: StoredRecord, at kadKey: Bytes32, validated: Instant?
    ) -> RecordInsertion {
        insert(record, at: kadKey, validated: validated, from: .nobody)
    }

    mutating func insert(
        _ record: StoredRecord, at kadKey: Bytes32, validated: Instant?, from source: StoreShares.Source
    ) -> RecordInsertion {
        let previous = byKey[kadKey]
        let entry = Entry(
            record: record, validated: validated, stored: validated ?? .zero,
            source: record.isOwn ? .nobody : source)
        guard !record.isOwn else {
            guard previous?.record.isOwn ?? false || ownDistances.count < maximumOwnCount else {
                return .full
            }
            replace(previous, by: entry, at: kadKey)
            return .stored(evicted: [])
        }
        let isFromSame = previous.map { !$0.record.isOwn && $0.source == source } ?? false
        let extra = record.byteCount - (isFromSame ? previous?.record.byteCount ?? 0 : 0)
        guard isFromSame && extra <= 0 || shares.allows(source, byteCount: extra) else { return .overShare }
        guard let evicted = makeRoom(for: record, at: kadKey, replacing: previous?.record) else {
            return .full
        }
        let removed = evicted.compactMap { remove($0) }
        replace(previous, by: entry, at: kadKey)
        return .stored(evicted: removed)
    }

    /// The places of the records that have to go, or nil when the store is full of closer ones.
    private func makeRoom(
        for record: StoredRecord, at kadKey: Bytes32, replacing previous: StoredRecord?
    ) -> [Bytes32]? {
        let replaced = previous.map { $0.isOwn ? nil : $0 } ?? nil
        var count = distances.count + (replaced == nil ? 1 : 0)
        var bytes = byteCount - (replaced?.byteCount ?? 0) + record.byteCount
        var evicted: [Bytes32] = []
        var candidate = distances.last
        while count > maximumCount || bytes > maximumByteCount {
            guard let distance = candidate, distance > kadKey ^ localKey,
                let other = byKey[distance ^ localKey]?.record
            else { return nil }
            candidate = distances.last(before: distance)
            evicted.append(distance ^ localKey)
            count -= 1
            bytes -= other.byteCount
        }
        return evicted
    }

    private mutating func replace(_ previous: Entry?, by entry: Entry, at kadKey: Bytes32) {
        if let previous {
            forget(previous, at: kadKey, keepsPlace: previous.record.isOwn == entry.record.isOwn)
        }
        byKey[kadKey] = entry
        if entry.record.isOwn {
            ownDistances.insert(kadKey ^ localKey)
        } else {
            distances.insert(kadKey ^ localKey)
            byteCount += entry.record.byteCount
            shares.add(entry.source, byteCount: entry.record.byteCount)
        }
    }

    private mutating func forget(_ entry: Entry, at kadKey: Bytes32, keepsPlace: Bool) {
        if entry.record.isOwn {
            if !keepsPlace { ownDistances.remove(kadKey ^ localKey) }
        } else {
            if !keepsPlace { distances.remove(kadKey ^ localKey) }
            byteCount -= entry.record.byteCount
            shares.remove(entry.source, byteCount: entry.record.byteCount)
        }
    }

    /// When the value at the place `kadKey` was last found valid.
    func validated(_ kadKey: Bytes32) -> Instant? { byKey[kadKey]?.validated }

    /// Notes that the value at the place `kadKey` is valid at `time`.
    mutating func noteValidated(_ kadKey: Bytes32, at time: Instant) {
        byKey[kadKey]?.validated = time
    }

    /// Removes and returns the record at the place `kadKey`.
    public mutating func remove(_ kadKey: Bytes32) -> StoredRecord? {
        guard let entry = byKey.removeValue(forKey: kadKey) else { return nil }
        forget(entry, at: kadKey, keepsPlace: false)
        if byKey.isEmpty { byKey = [:] }
        return entry.record
    }

    /// The places of the records of others for which `isWanted` is true, the closest to the node first.
    func places(where isWanted: (StoredRecord) -> Bool) -> [Bytes32] {
        distances.all.lazy.map { $0 ^ localKey }.filter { byKey[$0].map { isWanted($0.record) } ?? false }
    }
}
