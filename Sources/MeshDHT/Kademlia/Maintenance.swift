import MeshCore

/// What the machine does of its own accord, and when.
struct Maintenance: Sendable {
    /// A refresh that runs: the lookup of the node itself, then one lookup for each bucket that needs it.
    struct Refresh: Sendable {
        enum Stage: Sendable {
            case lookingUpSelf
            /// Keys that are still to be looked up.
            case fillingBuckets(keys: [[UInt8]])
        }

        let started: Instant
        /// Buckets that no lookup has gone through since are looked up too.
        let bucketsSilentSince: Instant
        var stage = Stage.lookingUpSelf
        var runningLookups = 0
        /// Queries of the application that end with the refresh.
        var reportTo: [QueryID] = []
        var statistics = QueryStatistics()
    }

    var refresh: Refresh?
    /// When the next refresh starts; nil before the first peer or command.
    var refreshAt: Instant?
    /// When records that are too old are looked for next; nil while nothing is kept.
    var expiryAt: Instant?
    /// When what is ours is published again.
    var publications = TimerTable<Publication>()
    /// What is due, in order.
    var duePublications: [Publication] = []
    var runningPublications = 0
    /// The number of peers at which what is ours is published again; nil while nothing was published.
    var growthGoal: Int?

    var nextDeadline: Instant? {
        var earliest = publications.nextDeadline
        if let refreshAt { earliest = min(earliest ?? refreshAt, refreshAt) }
        if let expiryAt { earliest = min(earliest ?? expiryAt, expiryAt) }
        return earliest
    }

    /// Looks for old records at `time`, unless that is planned already.
    mutating func scheduleExpiry(_ time: Instant) {
        if expiryAt == nil { expiryAt = time }
    }
}
