/// The updates of a merge, ordered by their next struct: higher clients first, then lower clocks.
///
/// The order of equals is that of Yjs, which sorts all updates anew before each step with V8's sort: an update that was at
/// work stays before its equals. Yjs's comparison calls both a collected range and an item at the same place the smaller
/// one; then V8's steps decide. Below 64 updates they are followed exactly, from 64 on for two such updates at one place,
/// which change places with each sort. Source: Yjs 13.6 `mergeUpdatesV2`, V8 `array-sort.tq`.
struct MergeQueue {
    /// An update with structs left.
    struct Entry {
        let client: ClientID
        let clock: Clock
        let isCollected: Bool
        let update: Int32
        /// Where its reader is; below 0 when it is not open.
        let slot: Int32
        /// Its place among equals.
        fileprivate var order = 0
        /// The step in which it got its place.
        fileprivate var since = 0

        @inline(__always)
        init(_ wire: WireStruct, update: Int, slot: Int) {
            client = wire.client
            clock = wire.clock
            isCollected = wire.kind == .gc
            self.update = Int32(truncatingIfNeeded: update)
            self.slot = Int32(truncatingIfNeeded: slot)
        }
    }

    /// Below it V8 sorts by insertion alone.
    private static let exactCount = 64

    /// All updates when there are few, and those that were not at work yet when there are many, the next one last.
    private var entries: [Entry] = []
    /// The other ones of many, as a binary heap.
    private var heap: [Entry] = []
    private var isExact = true
    private var step = 0
    /// Whether few updates are in order and no item is beside a collected range of its place.
    private var isSettled = false

    init(capacity: Int) {
        entries.reserveCapacity(capacity)
    }

    /// Adds an update before the first step.
    mutating func append(_ entry: Entry) {
        entries.append(entry)
        entries[entries.count - 1].order = entries.count
    }

    /// Ends adding.
    mutating func start() {
        isExact = entries.count < Self.exactCount
        guard !isExact else { return }
        entries.reverse()
        for index in 1..<entries.count where Self.isBefore(entries[index - 1], entries[index]) {
            entries.sort { Self.isBefore($1, $0) }
            return
        }
    }

    /// The update whose turn it is; `pushFirst` or `dropFirst` must follow.
    @inline(__always)
    mutating func popFirst() -> Entry? {
        step += 1
        if isExact {
            sortFew()
            return entries.first
        }
        guard let first = popSmallest() else { return nil }
        return peekSmallest().map { isMixedTie(first, $0) } == true ? swap(first) : first
    }

    /// Puts the update that was at work back with its next struct.
    @inline(__always)
    mutating func pushFirst(_ entry: Entry) {
        if isExact {
            entries[0] = entry
            return
        }
        var entry = entry
        entry.order = -step
        entry.since = step
        push(entry)
    }

    /// Lets go of the update that was at work.
    @inline(__always)
    mutating func dropFirst() {
        if isExact { entries.removeFirst() }
    }

    // MARK: Few updates

    /// Less than 0 when `left` comes first; not the opposite of the other way round for an item and a collected range.
    @inline(__always)
    private static func isFirst(_ left: Entry, _ right: Entry) -> Bool {
        if left.client != right.client { return left.client > right.client }
        if left.clock != right.clock { return left.clock < right.clock }
        return left.isCollected != right.isCollected
    }

    /// Sorts a few updates of which only the first may be at a wrong place.
    private mutating func sortFew() {
        guard entries.count > 1 else { return }
        guard isSettled else { return sortExactly() }
        let first = entries[0]
        var place = 1
        while place < entries.count, Self.isFirst(entries[place], first) {
            if isMixed(entries[place], first) { return sortExactly() }
            place += 1
        }
        // Of several equals, one may be of the other sort.
        var equal = place
        while equal < entries.count, !Self.isFirst(first, entries[equal]) { equal += 1 }
        if equal < entries.count, isMixed(first, entries[equal]) { return sortExactly() }
        for target in 1..<place { entries[target - 1] = entries[target] }
        entries[place - 1] = first
    }

    private func isMixed(_ left: Entry, _ right: Entry) -> Bool {
        left.client == right.client && left.clock == right.clock && left.isCollected != right.isCollected
    }

    /// V8's sort of fewer than 64 elements: a run that ascends or descends, then binary insertion.
    private mutating func sortExactly() {
        let count = entries.count
        let isDescending = Self.isFirst(entries[1], entries[0])
        var sorted = 2
        while sorted < count, Self.isFirst(entries[sorted], entries[sorted - 1]) == isDescending {
            sorted += 1
        }
        if isDescending { entries[0..<sorted].reverse() }
        while sorted < count {
            let pivot = entries[sorted]
            var low = 0
            var high = sorted
            while low < high {
                let middle = low + (high - low) / 2
                if Self.isFirst(pivot, entries[middle]) { high = middle } else { low = middle + 1 }
            }
            for place in stride(from: sorted, to: low, by: -1) { entries[place] = entries[place - 1] }
            entries[low] = pivot
            sorted += 1
        }
        isSettled = !(1..<count).contains { isMixed(entries[$0 - 1], entries[$0]) }
    }

    // MARK: Many updates

    @inline(__always)
    private static func isBefore(_ left: Entry, _ right: Entry) -> Bool {
        if left.client != right.client { return left.client > right.client }
        if left.clock != right.clock { return left.clock < right.clock }
        return left.order < right.order
    }

    @inline(__always)
    private mutating func popSmallest() -> Entry? {
        guard let top = heap.first else { return entries.popLast() }
        if let next = entries.last, Self.isBefore(next, top) { return entries.popLast() }
        let moved = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = moved
            siftDown()
        }
        return top
    }

    @inline(__always)
    private func peekSmallest() -> Entry? {
        guard let top = heap.first else { return entries.last }
        guard let next = entries.last, Self.isBefore(next, top) else { return top }
        return next
    }

    /// Whether an odd number of sorts has put the second before the first.
    @inline(__always)
    private func isMixedTie(_ first: Entry, _ second: Entry) -> Bool {
        first.clock == second.clock && first.client == second.client
            && first.isCollected != second.isCollected
            && (step - max(first.since, second.since)) & 1 == 1
    }

    private mutating func swap(_ first: Entry) -> Entry? {
        let second = popSmallest()
        push(first)
        return second
    }

    private mutating func push(_ entry: Entry) {
        heap.append(entry)
        var place = heap.count - 1
        while place > 0 {
            let parent = (place - 1) / 2
            guard Self.isBefore(heap[place], heap[parent]) else { break }
            heap.swapAt(place, parent)
            place = parent
        }
    }

    private mutating func siftDown() {
        var place = 0
        while true {
            var child = 2 * place + 1
            guard child < heap.count else { return }
            if child + 1 < heap.count, Self.isBefore(heap[child + 1], heap[child]) { child += 1 }
            guard Self.isBefore(heap[child], heap[place]) else { return }
            heap.swapAt(place, child)
            place = child
        }
    }
}
