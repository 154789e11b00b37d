import MeshCore

/// What is published region by region, and how far that has come.
///
/// | What | When |
/// |---|---|
/// | scheduled: the next own key | its position is reached, once in an interval |
/// | pass: all own keys that missed their time, or were last published before a time | at once, one region after the other |
/// | handed on: records of others | nobody has stored them here for an hour; looked for every quarter of it |
///
/// One walk runs at a time. It knows the region of its first key when it is over, and the next begins behind it.
struct Sweep: Sendable {
    /// A request of a walk.
    enum Step: Hashable, Sendable {
        /// A peer of the region is asked for its neighbours.
        case explore(walk: UInt64)
        /// The value record at the place is stored.
        case store(walk: UInt64, place: Bytes32)
    }

    /// Which of the own keys a pass takes.
    enum Selection: Hashable, Sendable {
        /// Those that were last published before the time at which they should have been.
        case missed
        /// Those that were last published before the time.
        case all(before: UnixTime)
    }

    /// A pass that does not wait for the time of each key.
    struct Pass: Hashable, Sendable {
        var selection: Selection
        /// Everything closer to the node than this distance is done.
        var distance = Bytes32.zero
    }

    /// None, or the one that runs.
    var walks: [RegionWalk] = []
    /// Where the scheduled pass has come; nil before there is anything of our own.
    var cursor: SweepPosition?
    /// When the position of the next own key is reached.
    var dueAt: Instant?
    var pass: Pass?
    /// When a pass because of the table's growth begins.
    var growthAt: Instant?
    /// Distances of records that are to be handed on, ascending.
    var handOn: [Bytes32] = []
    /// When such records are looked for next; nil while there are none.
    var handOnAt: Instant?
    /// Nobody could be asked: no walk begins before.
    var pausedUntil: Instant?
    /// Whether `dueAt` has to be found anew.
    var isStale = false
    var nextWalk: UInt64 = 1

    var nextDeadline: Instant? {
        if let walk = walks.first { return walk.nextDeadline }
        if isStale { return .zero }
        var earliest: Instant?
        if pass != nil || !handOn.isEmpty { earliest = .zero }
        if let dueAt { earliest = min(earliest ?? dueAt, dueAt) }
        if let growthAt { earliest = min(earliest ?? growthAt, growthAt) }
        if let handOnAt { earliest = min(earliest ?? handOnAt, handOnAt) }
        if let pausedUntil, let time = earliest { return max(pausedUntil, time) }
        return earliest
    }
}
