import MeshCore

/// The bytes of all contents of a document, back to back.
///
/// Runs that were typed one after the other lie one after the other, so joining them moves nothing. When they do not, the
/// joined run is copied to the end with room to grow, so that two people typing at two places stay cheap.
struct ContentArena {
    private(set) var bytes: [UInt8] = []
    /// Bytes that no content uses any more.
    private(set) var unusedByteCount = 0
    /// Room behind contents that were moved to grow; the newest few.
    private var gaps: [Range<Int>] = []

    private static var gapLimit: Int { 8 }
    /// The most room that a moved content gets.
    private static var largestGap: Int { 4096 }

    var usedByteCount: Int { bytes.count - unusedByteCount }

    /// Whether so much is unused that moving the rest together pays.
    var isWorthCompacting: Bool { unusedByteCount > 65_536 && unusedByteCount > usedByteCount }

    @inline(__always)
    mutating func append(_ source: RawSpan) -> UInt32 {
        let offset = bytes.count
        bytes.append(source)
        return UInt32(truncatingIfNeeded: offset)
    }

    @inline(__always)
    mutating func append(_ source: [UInt8], _ range: Range<Int>) -> UInt32 {
        append(source.span.bytes.extracting(range))
    }

    /// Appends when `end` is where the arena ends, so that the content before it grows in place.
    @inline(__always)
    mutating func extend(endingAt end: Int, with source: RawSpan) -> Bool {
        guard end == bytes.count else { return false }
        bytes.append(source)
        return true
    }

    /// Counts bytes as unused.
    @inline(__always)
    mutating func release(byteCount: UInt32) {
        unusedByteCount += Int(byteCount)
    }

    /// Counts bytes that were released as used again.
    @inline(__always)
    mutating func claim(byteCount: UInt32) {
        unusedByteCount -= Int(byteCount)
    }

    /// Makes one content of two, and returns where it starts.
    mutating func join(_ left: Range<Int>, _ right: Range<Int>) -> UInt32 {
        if left.upperBound == right.lowerBound { return UInt32(truncatingIfNeeded: left.lowerBound) }
        if left.upperBound == bytes.count {
            append(right)
            unusedByteCount += right.count
            return UInt32(truncatingIfNeeded: left.lowerBound)
        }
        if let gap = gaps.firstIndex(where: { $0.lowerBound == left.upperBound && $0.count >= right.count }) {
            for index in 0..<right.count { bytes[left.upperBound + index] = bytes[right.lowerBound + index] }
            // The gap counted as unused; now the bytes that moved do.
            gaps[gap] = gaps[gap].lowerBound + right.count..<gaps[gap].upperBound
            return UInt32(truncatingIfNeeded: left.lowerBound)
        }
        return move(left, right)
    }

    private mutating func move(_ left: Range<Int>, _ right: Range<Int>) -> UInt32 {
        let offset = bytes.count
        append(left)
        append(right)
        unusedByteCount += left.count + right.count
        let room = min(left.count + right.count, Self.largestGap)
        if gaps.count == Self.gapLimit { gaps.removeFirst() }
        gaps.append(bytes.count..<bytes.count + room)
        bytes.append(contentsOf: repeatElement(0, count: room))
        unusedByteCount += room
        return UInt32(truncatingIfNeeded: offset)
    }

    private mutating func append(_ range: Range<Int>) {
        for index in range { bytes.append(bytes[index]) }
    }

    /// Starts a new arena of what is used; the caller moves every content with ``append(_:_:)``.
    mutating func startCompaction() -> [UInt8] {
        let used = usedByteCount
        let old = bytes
        bytes = []
        bytes.reserveCapacity(used + used / 4)
        unusedByteCount = 0
        gaps = []
        return old
    }

    /// Forgets what was appended since the arena had `count` bytes, all of which was released.
    mutating func truncate(to count: Int) {
        unusedByteCount -= bytes.count - count
        bytes.removeLast(bytes.count - count)
    }

    /// Makes room for `additional` bytes; when it has to move, for twice as many bytes as there are.
    mutating func reserve(_ additional: Int) {
        guard bytes.count + additional > bytes.capacity else { return }
        bytes.reserveCapacity(max(bytes.count + additional, 2 * bytes.count))
    }
}
