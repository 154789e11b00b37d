/// One client's items by clock: finds the item of a clock, in chunks so that an insertion moves few entries.
///
/// Finding is two binary searches; inserting and removing move at most ``chunkCapacity`` entries of eight bytes and, once
/// in half a chunk, the list of chunks.
struct ClockIndex {
    /// The first clock of an item, and the item.
    struct Entry {
        var clock: Clock
        var item: ItemIndex
    }

    /// The place of an entry; valid until the next change.
    struct Position: Equatable {
        var chunk: Int
        var entry: Int
    }

    private static var chunkCapacity: Int { 256 }

    private var chunks: ContiguousArray<ContiguousArray<Entry>> = []
    /// The first clock of each chunk.
    private var firsts: ContiguousArray<Clock> = []
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    @inline(__always)
    subscript(position: Position) -> Entry { chunks[position.chunk][position.entry] }

    /// The place of the last entry; the index must not be empty.
    @inline(__always)
    var last: Position {
        let chunk = chunks.count - 1
        return Position(chunk: chunk, entry: chunks[chunk].count - 1)
    }

    var first: Position { Position(chunk: 0, entry: 0) }

    /// The place of the item that holds `clock`: the last entry that does not start behind it.
    @inline(__always)
    func position(of clock: Clock) -> Position {
        let chunk = firsts.withUnsafeBufferPointer { firsts in
            Self.last(of: firsts.count, notBehind: clock) { firsts[$0] }
        }
        let entry = chunks[chunk].withUnsafeBufferPointer { entries in
            Self.last(of: entries.count, notBehind: clock) { entries[$0].clock }
        }
        return Position(chunk: chunk, entry: entry)
    }

    /// The last of `count` ascending clocks that is not behind `clock`, or the first one.
    ///
    /// Without a branch that depends on a comparison but the first, which finds what was written last.
    @inline(__always)
    private static func last(of count: Int, notBehind clock: Clock, _ clockAt: (Int) -> Clock) -> Int {
        var count = count
        if clockAt(count - 1) <= clock { return count - 1 }
        var low = 0
        while count > 1 {
            let half = count >> 1
            low = clockAt(low + half) <= clock ? low + half : low
            count -= half
        }
        return low
    }

    /// The number of entries from `position` to the end.
    func count(from position: Position) -> Int {
        var count = chunks[position.chunk].count - position.entry
        for chunk in (position.chunk + 1)..<max(chunks.count, position.chunk + 1) {
            count += chunks[chunk].count
        }
        return count
    }

    /// Calls `body` with every entry from `position` to the end.
    @inline(__always)
    func forEach(from position: Position, _ body: (Entry) -> Void) {
        var start = position.entry
        for chunk in position.chunk..<chunks.count {
            let entries = chunks[chunk]
            for index in start..<entries.count { body(entries[index]) }
            start = 0
        }
    }

    /// The entry behind `position`, or nil at the end.
    @inline(__always)
    func next(_ position: Position) -> Position? {
        if position.entry + 1 < chunks[position.chunk].count {
            return Position(chunk: position.chunk, entry: position.entry + 1)
        }
        return position.chunk + 1 < chunks.count ? Position(chunk: position.chunk + 1, entry: 0) : nil
    }

    /// The entry before `position`, or nil at the start.
    @inline(__always)
    func previous(_ position: Position) -> Position? {
        if position.entry > 0 { return Position(chunk: position.chunk, entry: position.entry - 1) }
        guard position.chunk > 0 else { return nil }
        return Position(chunk: position.chunk - 1, entry: chunks[position.chunk - 1].count - 1)
    }

    /// Adds the newest item.
    mutating func append(_ entry: Entry) {
        count += 1
        let last = chunks.count - 1
        if last >= 0, chunks[last].count < Self.chunkCapacity {
            chunks[last].append(entry)
        } else {
            chunks.append([entry])
            firsts.append(entry.clock)
        }
    }

    /// Adds an item right behind the one at `position`, and returns its place.
    @discardableResult
    mutating func insert(_ entry: Entry, after position: Position) -> Position {
        var position = Position(chunk: position.chunk, entry: position.entry + 1)
        if chunks[position.chunk].count >= Self.chunkCapacity {
            position = split(position)
        }
        chunks[position.chunk].insert(entry, at: position.entry)
        if position.entry == 0 { firsts[position.chunk] = entry.clock }
        count += 1
        return position
    }

    /// Removes an entry; the entry before it then covers its clocks.
    mutating func remove(at position: Position) {
        count -= 1
        if chunks[position.chunk].count == 1 {
            chunks.remove(at: position.chunk)
            firsts.remove(at: position.chunk)
            return
        }
        chunks[position.chunk].remove(at: position.entry)
        if position.entry == 0 { firsts[position.chunk] = chunks[position.chunk][0].clock }
    }

    /// Halves a full chunk and returns where `position` is now.
    private mutating func split(_ position: Position) -> Position {
        let half = Self.chunkCapacity / 2
        let upper = ContiguousArray(chunks[position.chunk][half...])
        chunks[position.chunk].removeLast(upper.count)
        firsts.insert(upper[0].clock, at: position.chunk + 1)
        chunks.insert(upper, at: position.chunk + 1)
        guard position.entry > half else { return position }
        return Position(chunk: position.chunk + 1, entry: position.entry - half)
    }
}
