import MeshCore

/// What became of a record that was offered to a store.
public enum RecordInsertion: Hashable, Sendable {
    /// It is stored; these records of others made room for it.
    case stored(evicted: [StoredRecord])
    /// The store is full of records that belong here more.
    case full
}

/// The value records of a node, limited in number and in bytes.
///
/// The records lie in the order of their distance from the node. When a limit is reached, the farthest record of
/// another publisher makes room, if the new one is closer: a flood of keys from elsewhere cannot displace what
/// the node is responsible for. A walk of the region around a key is a walk of neighbours here.
public struct RecordStore: Sendable {
    private struct Entry: Sendable {
        var record: StoredRecord
        /// When the value was last found valid; nil when it comes from disk.
        var validated: Instant?
    }

    /// The key of the node that owns the store.
    public let localKey: Bytes32
    /// The most records.
    public let maximumCount: Int
    /// The most bytes of keys and values.
    public let maximumByteCount: Int
    /// Bytes of the keys and values that are stored.
    public private(set) var byteCount = 0

    private var byKey: [Bytes32: Entry] = [:]
    /// Distances from the node, ascending.
    private var distances: [Bytes32] = []

    /// Creates an empty store.
    public init(localKey: Bytes32, maximumCount: Int, maximumByteCount: Int) {
        self.localKey = localKey
        self.maximumCount = maximumCount
        self.maximumByteCount = maximumByteCount
    }

    /// The number of records.
    public var count: Int { byKey.count }

    /// The record whose key has the place `kadKey`.
    public func record(_ kadKey: Bytes32) -> StoredRecord? { byKey[kadKey]?.record }

    /// All records, the closest to the node first.
    public var records: [StoredRecord] { distances.compactMap { byKey[$0 ^ localKey]?.record } }

    /// Stores `record` at the place `kadKey`, instead of an older one with this key; `validated` says when its
    /// value was found valid, nil that it was not looked at.
    public mutating func insert(
        _ record: StoredRecord, at kadKey: Bytes32, validated: Instant?
    ) -> RecordInsertion {
        let previous = byKey[kadKey]?.record
        var freed = previous?.byteCount ?? 0
        var freedCount = previous == nil ? 0 : 1
        var evicted: [Bytes32] = []
        var index = distances.count - 1
        while count - freedCount + 1 > maximumCount || byteCount - freed + record.byteCount > maximumByteCount
        {
            guard index >= 0, record.isOwn || distances[index] > kadKey ^ localKey else { return .full }
            let candidate = distances[index] ^ localKey
            index -= 1
            guard candidate != kadKey, let other = byKey[candidate]?.record, !other.isOwn else { continue }
            evicted.append(candidate)
            freed += other.byteCount
            freedCount += 1
        }
        let removed = evicted.compactMap { remove($0) }
        if let previous {
            byteCount -= previous.byteCount
        } else {
            distances.insert(kadKey ^ localKey, at: position(of: kadKey ^ localKey))
        }
        byteCount += record.byteCount
        byKey[kadKey] = Entry(record: record, validated: validated)
        return .stored(evicted: removed)
    }

    /// When the value at the place `kadKey` was last found valid.
    func validated(_ kadKey: Bytes32) -> Instant? { byKey[kadKey]?.validated }

    /// Notes that the value at the place `kadKey` is valid at `time`.
    mutating func noteValidated(_ kadKey: Bytes32, at time: Instant) {
        byKey[kadKey]?.validated = time
    }

    /// Removes and returns the record at the place `kadKey`.
    public mutating func remove(_ kadKey: Bytes32) -> StoredRecord? {
        guard let record = byKey.removeValue(forKey: kadKey)?.record else { return nil }
        byteCount -= record.byteCount
        let index = position(of: kadKey ^ localKey)
        if index < distances.count, distances[index] == kadKey ^ localKey { distances.remove(at: index) }
        return record
    }

    /// Removes and returns the records of others that were received before `time`.
    public mutating func removeReceived(before time: UnixTime) -> [StoredRecord] {
        let expired = distances.filter { distance in
            guard let record = byKey[distance ^ localKey]?.record else { return false }
            return !record.isOwn && record.received < time
        }
        return expired.compactMap { remove($0 ^ localKey) }
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
