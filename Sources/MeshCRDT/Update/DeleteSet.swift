/// Which units of content are deleted: for each client, sorted ranges that neither touch nor overlap.
///
/// Iteration and encoding go from the highest client down, as Yjs writes it. Collect many deletions with
/// `DeleteSetBuilder`; `insert` costs O(n) when it does not come last.
public struct DeleteSet: Hashable, Sendable {
    /// The deletions of one client's content.
    public struct Entry: Hashable, Sendable {
        /// Who wrote the deleted content.
        public let client: ClientID
        /// Its deleted units, ascending and apart from each other.
        public internal(set) var ranges: [ClockRange]
    }

    /// The clients with deleted content, highest first.
    public internal(set) var entries: [Entry] = []

    /// Creates an empty set.
    public init() {}

    /// Creates a set from deletions in any order.
    public init(_ deletions: [IDRange]) {
        var builder = DeleteSetBuilder()
        for deletion in deletions { builder.append(deletion) }
        self = builder.build()
    }

    /// Whether nothing is deleted.
    public var isEmpty: Bool { entries.isEmpty }

    /// The deleted ranges of `client`, ascending.
    public func ranges(of client: ClientID) -> [ClockRange] {
        let index = firstIndex(notAbove: client)
        return index < entries.count && entries[index].client == client ? entries[index].ranges : []
    }

    /// Whether the unit is deleted; O(log n).
    public func contains(_ id: ID) -> Bool {
        let index = firstIndex(notAbove: id.client)
        guard index < entries.count, entries[index].client == id.client else { return false }
        let place = Self.firstIndex(endingAfter: id.clock, in: entries[index].ranges)
        return place < entries[index].ranges.count && entries[index].ranges[place].clock <= id.clock
    }

    /// Adds a deletion; an empty one changes nothing.
    public mutating func insert(_ deletion: IDRange) {
        guard deletion.length > 0 else { return }
        let index = firstIndex(notAbove: deletion.client)
        if index < entries.count, entries[index].client == deletion.client {
            Self.insert(deletion.clocks, into: &entries[index].ranges)
        } else {
            entries.insert(Entry(client: deletion.client, ranges: [deletion.clocks]), at: index)
        }
    }

    /// Takes out the deletions of a client's units below `clock`; a range that goes on beyond it is cut.
    mutating func take(_ client: ClientID, below clock: Clock) -> [ClockRange] {
        let index = firstIndex(notAbove: client)
        guard index < entries.count, entries[index].client == client else { return [] }
        let count = Self.firstIndex(endingAfter: clock, in: entries[index].ranges)
        var taken = Array(entries[index].ranges[..<count])
        if count < entries[index].ranges.count, entries[index].ranges[count].clock < clock {
            let cut = entries[index].ranges[count]
            taken.append(ClockRange(clock: cut.clock, length: clock - cut.clock))
            entries[index].ranges[count] = ClockRange(clock: clock, length: cut.end - clock)
        }
        guard !taken.isEmpty else { return [] }
        entries[index].ranges.removeFirst(count)
        if entries[index].ranges.isEmpty { entries.remove(at: index) }
        return taken
    }

    /// Adds all deletions of `other`; O(n + m).
    public mutating func formUnion(_ other: DeleteSet) {
        if isEmpty {
            self = other
        } else if !other.isEmpty {
            var builder = DeleteSetBuilder()
            forEach { builder.append($0) }
            other.forEach { builder.append($0) }
            self = builder.build()
        }
    }

    /// Calls `body` with each range: clients descending, clocks ascending.
    @inlinable
    public func forEach(_ body: (IDRange) -> Void) {
        for entry in entries {
            for range in entry.ranges {
                body(IDRange(client: entry.client, clock: range.clock, length: range.length))
            }
        }
    }

    private func firstIndex(notAbove client: ClientID) -> Int {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].client > client { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private static func firstIndex(endingAfter clock: Clock, in ranges: [ClockRange]) -> Int {
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].end <= clock { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private static func insert(_ range: ClockRange, into ranges: inout [ClockRange]) {
        // The first one that touches or follows the new range.
        var first = range.clock == 0 ? 0 : firstIndex(endingAfter: range.clock - 1, in: ranges)
        while first < ranges.count, ranges[first].end < range.clock { first += 1 }
        var low = range.clock
        var high = range.end
        var last = first
        while last < ranges.count, ranges[last].clock <= high {
            low = min(low, ranges[last].clock)
            high = max(high, ranges[last].end)
            last += 1
        }
        ranges.replaceSubrange(
            first..<last, with: CollectionOfOne(ClockRange(clock: low, length: high - low)))
    }
}
