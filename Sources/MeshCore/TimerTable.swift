/// Deadlines by key with one earliest deadline: a binary heap with lazy removal.
///
/// Setting a key again moves its deadline. Deadlines that are equal fire in the order in which they were
/// set, so a run is reproducible. All operations are O(log n) amortised.
public struct TimerTable<Key: Hashable & Sendable>: Sendable {
    private struct Entry: Sendable {
        var deadline: Instant
        var sequence: UInt64
        var key: Key

        func isBefore(_ other: Entry) -> Bool {
            deadline == other.deadline ? sequence < other.sequence : deadline < other.deadline
        }
    }

    /// The earliest deadline, or nil when there is none.
    ///
    /// Stored, because machines are asked for theirs after every input.
    public private(set) var nextDeadline: Instant?
    private var heap: [Entry] = []
    private var current: [Key: UInt64] = [:]
    private var nextSequence: UInt64 = 0

    /// Creates an empty table.
    public init() {}

    /// The number of keys with a deadline.
    public var count: Int { current.count }

    /// Whether `key` has a deadline.
    public func contains(_ key: Key) -> Bool { current[key] != nil }

    /// Gives `key` the deadline `deadline`, instead of any earlier one.
    public mutating func set(_ key: Key, at deadline: Instant) {
        current[key] = nextSequence
        heap.append(Entry(deadline: deadline, sequence: nextSequence, key: key))
        nextSequence += 1
        siftUp(heap.count - 1)
        dropStale()
    }

    /// Removes the deadline of `key`, if any.
    public mutating func cancel(_ key: Key) {
        guard current.removeValue(forKey: key) != nil else { return }
        dropStale()
    }

    /// Removes and returns the key with the earliest deadline that is not after `now`.
    public mutating func popExpired(now: Instant) -> Key? {
        guard let first = heap.first, first.deadline <= now else { return nil }
        current.removeValue(forKey: first.key)
        removeFirst()
        dropStale()
        return first.key
    }

    /// Keeps the heap's first entry live, and the heap at most twice the size of the table.
    private mutating func dropStale() {
        while let first = heap.first, current[first.key] != first.sequence { removeFirst() }
        nextDeadline = heap.first?.deadline
        guard heap.count > 2 * current.count + 16 else { return }
        heap.removeAll { current[$0.key] != $0.sequence }
        heap.sort { $0.isBefore($1) }
    }

    private mutating func removeFirst() {
        let last = heap.removeLast()
        guard !heap.isEmpty else { return }
        heap[0] = last
        siftDown(0)
    }

    private mutating func siftUp(_ start: Int) {
        var index = start
        while index > 0 {
            let parent = (index - 1) / 2
            guard heap[index].isBefore(heap[parent]) else { return }
            heap.swapAt(index, parent)
            index = parent
        }
    }

    private mutating func siftDown(_ start: Int) {
        var index = start
        while true {
            var least = index
            for child in [2 * index + 1, 2 * index + 2] where child < heap.count {
                if heap[child].isBefore(heap[least]) { least = child }
            }
            guard least != index else { return }
            heap.swapAt(index, least)
            index = least
        }
    }
}
