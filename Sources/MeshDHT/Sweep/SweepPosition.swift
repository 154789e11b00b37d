import MeshCore

/// Where the pass through the key space stands: it takes one interval, and begins anew with the next.
///
/// The position follows from civil time alone, so that a restart changes nothing.
struct SweepPosition: Hashable, Comparable, Sendable {
    /// Which pass since 1970.
    var cycle: UInt64
    /// The first bits of the distance from the node that the pass has reached.
    var word: UInt64

    init(cycle: UInt64, word: UInt64) {
        self.cycle = cycle
        self.word = word
    }

    /// The position at a time in nanoseconds since 1970.
    init(nanoseconds: UInt64, interval: UInt64) {
        cycle = nanoseconds / interval
        word = interval.dividingFullWidth((nanoseconds % interval, 0)).quotient
    }

    /// When the pass is here, in nanoseconds since 1970.
    func nanoseconds(interval: UInt64) -> UInt64 {
        let (start, overflow) = cycle.multipliedReportingOverflow(by: interval)
        guard !overflow else { return .max }
        // Rounded up, so that the position at this time is not before this one.
        let (sum, isOver) = start.addingReportingOverflow(word.multipliedFullWidth(by: interval).high + 1)
        return isOver ? .max : sum
    }

    /// The position behind the distance `end`.
    func after(_ end: Bytes32) -> SweepPosition {
        end.word0 == .max
            ? SweepPosition(cycle: cycle + 1, word: 0) : SweepPosition(cycle: cycle, word: end.word0 + 1)
    }

    static func < (left: SweepPosition, right: SweepPosition) -> Bool {
        left.cycle == right.cycle ? left.word < right.word : left.cycle < right.cycle
    }
}
