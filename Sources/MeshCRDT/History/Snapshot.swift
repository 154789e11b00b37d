/// What a document contained at one moment: its state vector and all that was deleted by then.
///
/// It holds no content. With the document it came from, as long as that collects no garbage, the content of the moment
/// can be read again. Source: Yjs 13.6 `Snapshot`.
public struct Snapshot: Hashable, Sendable {
    /// The units that were deleted.
    public var deleteSet: DeleteSet
    /// The first missing clock of every client.
    public var stateVector: StateVector

    /// Creates a snapshot of its parts; without any, that of an empty document.
    public init(deleteSet: DeleteSet = DeleteSet(), stateVector: StateVector = StateVector()) {
        self.deleteSet = deleteSet
        self.stateVector = stateVector
    }

    /// Decodes a snapshot; bytes after the end are ignored, as Yjs does.
    public init(
        decoding bytes: [UInt8], format: UpdateFormat = .v1, limits: DocumentLimits = DocumentLimits()
    ) throws(UpdateError) {
        try limits.check(.updateByteCount, UInt64(bytes.count), limits.updateByteCount, offset: 0)
        var reader = ByteReader(bytes)
        deleteSet = try DeleteSet(from: &reader, format: format, limits: limits)
        stateVector = try StateVector(from: &reader, limits: limits)
    }

    /// The bytes of the snapshot, as Yjs writes them.
    public func encoded(_ format: UpdateFormat = .v1) -> [UInt8] {
        var out: [UInt8] = []
        deleteSet.append(to: &out, format: format)
        stateVector.append(to: &out)
        return out
    }

    /// Whether the unit was there and not deleted.
    public func shows(_ id: ID) -> Bool {
        id.clock < stateVector[id.client] && !deleteSet.contains(id)
    }

    /// Whether everything in an update was known, its deletions too.
    ///
    /// Gaps in the update count as content. Source: Yjs 13.6 `snapshotContainsUpdate`.
    public func contains(
        update: [UInt8], format: UpdateFormat = .v1, limits: DocumentLimits = DocumentLimits()
    ) throws(UpdateError) -> Bool {
        switch format {
        case .v1:
            var reader = try UpdateReaderV1(update, limits: limits)
            return try contains(&reader)
        case .v2:
            var reader = try UpdateReaderV2(update, limits: limits)
            return try contains(&reader)
        }
    }

    private func contains<Reader: UpdateReading>(_ reader: inout Reader) throws(UpdateError) -> Bool {
        var isKnown = true
        var wire = WireStruct()
        while try reader.next(&wire) {
            if stateVector[wire.client] < wire.end { isKnown = false }
        }
        var union = DeleteSetBuilder()
        deleteSet.forEach { union.append($0) }
        var deletion = IDRange(client: 0, clock: 0, length: 0)
        while try reader.nextDeletion(&deletion) { union.append(deletion) }
        return isKnown && union.build() == deleteSet
    }

    /// The units of a range that it shows, as ranges.
    func visible(_ range: IDRange) -> [ClockRange] {
        let end = min(range.end, stateVector[range.client])
        var clock = range.clock
        var shown: [ClockRange] = []
        let deletions = deleteSet.ranges(of: range.client)
        var next = deletions.partition(endingAfter: clock)
        while next < deletions.count, deletions[next].clock < end {
            let deleted = deletions[next]
            next += 1
            if deleted.clock > clock { shown.append(ClockRange(clock: clock, length: deleted.clock - clock)) }
            clock = deleted.end
        }
        if clock < end { shown.append(ClockRange(clock: clock, length: end - clock)) }
        return shown
    }
}

extension [ClockRange] {
    /// The number of the first of ascending ranges that does not end before `clock`.
    func partition(endingAfter clock: Clock) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle].end <= clock { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension Document {
    /// What the document contains now.
    public var snapshot: Snapshot { Snapshot(deleteSet: deleteSet, stateVector: stateVector) }
}

extension Store {
    /// Whether an item was visible; it must not reach across what ``split(at:)`` splits.
    func isVisible(_ index: ItemIndex, at snapshot: Snapshot) -> Bool {
        snapshot.shows(id(of: index))
    }

    /// Splits runs where what a snapshot knows, or knows as deleted, starts and ends.
    ///
    /// Call it in a transaction, at whose end they are joined again. Source: Yjs 13.6 `splitSnapshotAffectedStructs`.
    mutating func split(at snapshot: Snapshot) {
        for entry in snapshot.stateVector.entries {
            let client = clients.find(entry.client)
            guard !client.isNone, entry.clock < clients[client].nextClock else { continue }
            _ = itemStarting(at: client, entry.clock)
        }
        for entry in snapshot.deleteSet.entries {
            let client = clients.find(entry.client)
            guard !client.isNone else { continue }
            for range in entry.ranges {
                if range.clock < clients[client].nextClock { _ = itemStarting(at: client, range.clock) }
                if range.end < clients[client].nextClock { _ = itemStarting(at: client, range.end) }
            }
        }
    }
}
