/// Collects deletions in any order and sorts them once: O(n log n) in all, O(n) when they come in order.
struct DeleteSetBuilder: Sendable {
    /// What came so far; a deletion that continues the last one is merged into it.
    private(set) var deletions: [IDRange] = []

    var isEmpty: Bool { deletions.isEmpty }

    @inline(__always)
    mutating func append(_ deletion: IDRange) {
        guard deletion.length > 0 else { return }
        if let last = deletions.last, last.client == deletion.client, last.end == deletion.clock {
            deletions[deletions.count - 1].length += deletion.length
        } else {
            deletions.append(deletion)
        }
    }

    mutating func removeAll() {
        deletions.removeAll(keepingCapacity: true)
    }

    /// The set of all that came.
    func build() -> DeleteSet {
        var set = DeleteSet()
        guard !deletions.isEmpty else { return set }
        let ordered = isOrdered ? deletions : deletions.sorted(by: Self.isBefore)
        var start = 0
        while start < ordered.count {
            let client = ordered[start].client
            var ranges: [ClockRange] = []
            var index = start
            while index < ordered.count, ordered[index].client == client {
                Self.append(ordered[index].clocks, to: &ranges)
                index += 1
            }
            set.entries.append(DeleteSet.Entry(client: client, ranges: ranges))
            start = index
        }
        return set
    }

    private static func append(_ range: ClockRange, to ranges: inout [ClockRange]) {
        guard let last = ranges.last, last.end >= range.clock else {
            ranges.append(range)
            return
        }
        if range.end > last.end { ranges[ranges.count - 1].length = range.end - last.clock }
    }

    private var isOrdered: Bool {
        for index in 1..<deletions.count where Self.isBefore(deletions[index], deletions[index - 1]) {
            return false
        }
        return true
    }

    private static func isBefore(_ left: IDRange, _ right: IDRange) -> Bool {
        left.client == right.client ? left.clock < right.clock : left.client > right.client
    }
}
