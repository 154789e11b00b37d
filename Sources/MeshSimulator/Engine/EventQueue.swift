/// The future of a simulation: payloads by tick of virtual time, first in, first out within one.
///
/// A timing wheel of three levels (Varghese and Lauck 1987): a slot for each tick of the current window of 1.07 s,
/// one for each window of the current epoch of 73 minutes, and one list of everything later. A window is
/// dealt out when time reaches it, in the order in which its events were scheduled, so equal times keep that order
/// without sequence numbers and without sorting. Scheduling and taking cost O(1); what waits lies in one array and
/// its places are reused.
struct EventQueue: Sendable {
    /// One event that is due.
    struct Due: Equatable, Sendable {
        /// Ticks since the start.
        var time: UInt64
        /// What the caller scheduled.
        var payload: UInt64
    }

    private struct Entry: Sendable {
        var time: UInt64
        var payload: UInt64
        var next: UInt32
    }

    /// Ticks of a window, as a power of two.
    private static let windowBits: UInt64 = 16
    /// Windows of an epoch, as a power of two.
    private static let epochBits: UInt64 = 12
    private static let none = UInt32.max
    /// What 16 machines need for one event each fits into the first two caches of a processor.
    private static let maximumReady = 16

    private var entries: [Entry] = []
    private var firstFree = EventQueue.none
    private var near = SlotRing(bits: Int(EventQueue.windowBits))
    private var windows = SlotRing(bits: Int(EventQueue.epochBits))
    private var far: [UInt32] = []
    /// No far event comes before this.
    private var farthestStart = UInt64.max
    /// The window that `near` holds, counted from the start of time.
    private var window: UInt64 = 0
    /// No event in a slot comes before this.
    private var cursor: UInt64 = 0
    /// When the last event was taken.
    private var lastTime: UInt64 = 0
    /// The next events in order, taken out of their slots together so that they can be looked at before their turn.
    private(set) var ready: [Due] = []
    private var readyIndex = 0
    /// How many events wait.
    private(set) var count = 0
    /// The most that have waited at once.
    private(set) var peakCount = 0

    init() {}

    /// Adds `payload` at `time`, or at the time of the last event that was taken if that is later.
    mutating func schedule(_ payload: UInt64, at time: UInt64) {
        let time = max(time, lastTime)
        count += 1
        peakCount = max(peakCount, count)
        if time < cursor, readyIndex < ready.count {
            var index = ready.count
            while index > readyIndex, ready[index - 1].time > time { index -= 1 }
            return ready.insert(Due(time: time, payload: payload), at: index)
        }
        place(allocate(Entry(time: time, payload: payload, next: Self.none)), at: time)
    }

    /// Whether the event that was taken last is the first of ``ready``: all of those are new then.
    var isReadyNew: Bool { readyIndex == 1 }

    /// Removes and returns the earliest event, unless it comes after `end`.
    mutating func next(notAfter end: UInt64) -> Due? {
        if readyIndex == ready.count {
            ready.removeAll(keepingCapacity: true)
            readyIndex = 0
            while ready.count < Self.maximumReady, let due = takeFirst(notAfter: end) { ready.append(due) }
        }
        guard readyIndex < ready.count, ready[readyIndex].time <= end else { return nil }
        let due = ready[readyIndex]
        readyIndex += 1
        count -= 1
        lastTime = due.time
        return due
    }

    private mutating func takeFirst(notAfter end: UInt64) -> Due? {
        while true {
            let start = window << Self.windowBits
            if let slot = near.firstUsed(from: Int(max(cursor, start) - start)) {
                let time = start + UInt64(slot)
                guard time <= end else { return nil }
                cursor = time
                return take(slot, at: time)
            }
            guard openNextWindow(notAfter: end) else { return nil }
        }
    }

    // MARK: Windows

    private mutating func openNextWindow(notAfter end: UInt64) -> Bool {
        let epoch = window >> Self.epochBits
        let position = Int(window & (1 << Self.epochBits - 1))
        if let slot = windows.firstUsed(from: position + 1) {
            let next = epoch << Self.epochBits + UInt64(slot)
            guard next << Self.windowBits <= end else { return false }
            open(next, slot)
            return true
        }
        let nextEpoch = farthestStart >> (Self.windowBits + Self.epochBits)
        guard !far.isEmpty, nextEpoch << (Self.windowBits + Self.epochBits) <= end else { return false }
        return openEpoch(nextEpoch)
    }

    /// Deals out the events of one window.
    private mutating func open(_ next: UInt64, _ slot: Int) {
        window = next
        cursor = max(cursor, next << Self.windowBits)
        var index = windows.removeAll(at: slot)
        while index != Self.none {
            let following = entries[Int(index)].next
            entries[Int(index)].next = Self.none
            place(index, at: entries[Int(index)].time)
            index = following
        }
    }

    private mutating func openEpoch(_ epoch: UInt64) -> Bool {
        // The window before the first: none of the epoch is open yet.
        let waiting = far
        far = []
        farthestStart = .max
        window = epoch << Self.epochBits
        cursor = max(cursor, window << Self.windowBits)
        for index in waiting { place(index, at: entries[Int(index)].time) }
        return true
    }

    private mutating func place(_ index: UInt32, at time: UInt64) {
        let target = time >> Self.windowBits
        if target == window {
            near.append(index, at: Int(time & (1 << Self.windowBits - 1)), links: &entries)
        } else if target >> Self.epochBits == window >> Self.epochBits {
            windows.append(index, at: Int(target & (1 << Self.epochBits - 1)), links: &entries)
        } else {
            far.append(index)
            farthestStart = min(farthestStart, time)
        }
    }

    // MARK: Storage

    private mutating func take(_ slot: Int, at time: UInt64) -> Due {
        let index = near.head(of: slot)
        let entry = entries[Int(index)]
        near.removeFirst(at: slot, next: entry.next)
        entries[Int(index)].next = firstFree
        firstFree = index
        return Due(time: time, payload: entry.payload)
    }

    private mutating func allocate(_ entry: Entry) -> UInt32 {
        guard firstFree != Self.none else {
            entries.append(entry)
            return UInt32(entries.count - 1)
        }
        let index = firstFree
        firstFree = entries[Int(index)].next
        entries[Int(index)] = entry
        return index
    }

    /// Lists of entries by slot, and a bit for each that is not empty.
    private struct SlotRing: Sendable {
        private struct List: Sendable {
            var head = EventQueue.none
            var tail = EventQueue.none
        }

        private var lists: [List]
        /// A bit for each slot, and a bit for each word of those.
        private var used: [UInt64]
        private var usedWords: [UInt64]

        init(bits: Int) {
            lists = Array(repeating: List(), count: 1 << bits)
            used = Array(repeating: 0, count: max((1 << bits) / 64, 1))
            usedWords = Array(repeating: 0, count: (used.count + 63) >> 6)
        }

        func head(of slot: Int) -> UInt32 { lists[slot].head }

        mutating func append(_ index: UInt32, at slot: Int, links entries: inout [Entry]) {
            if lists[slot].head == EventQueue.none {
                lists[slot].head = index
                used[slot >> 6] |= 1 << UInt64(slot & 63)
                usedWords[slot >> 12] |= 1 << UInt64((slot >> 6) & 63)
            } else {
                entries[Int(lists[slot].tail)].next = index
            }
            lists[slot].tail = index
        }

        mutating func removeFirst(at slot: Int, next: UInt32) {
            lists[slot].head = next
            if next == EventQueue.none { markUnused(slot) }
        }

        /// Empties the slot and gives the first of its entries.
        mutating func removeAll(at slot: Int) -> UInt32 {
            let head = lists[slot].head
            lists[slot].head = EventQueue.none
            markUnused(slot)
            return head
        }

        /// The first slot from `start` on that is not empty.
        func firstUsed(from start: Int) -> Int? {
            guard start < lists.count else { return nil }
            let word = start >> 6
            let rest = used[word] & (UInt64.max << UInt64(start & 63))
            if rest != 0 { return word << 6 + rest.trailingZeroBitCount }
            var group = (word + 1) >> 6
            guard group < usedWords.count else { return nil }
            var words = usedWords[group] & (UInt64.max << UInt64((word + 1) & 63))
            while words == 0 {
                group += 1
                guard group < usedWords.count else { return nil }
                words = usedWords[group]
            }
            let found = group << 6 + words.trailingZeroBitCount
            return found << 6 + used[found].trailingZeroBitCount
        }

        private mutating func markUnused(_ slot: Int) {
            used[slot >> 6] &= ~(1 << UInt64(slot & 63))
            if used[slot >> 6] == 0 { usedWords[slot >> 12] &= ~(1 << UInt64((slot >> 6) & 63)) }
        }
    }
}
