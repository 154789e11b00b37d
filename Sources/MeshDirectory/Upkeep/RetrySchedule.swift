import MeshCore

/// When each of several services is contacted next: again after a success, later and later after failures.
///
/// A key that was given out by ``popDue(now:)`` is under way until its result is reported, so that no service is
/// asked twice at a time. Source of the times: Specs/registry.md, "Status and time".
struct RetrySchedule<Key: Hashable & Sendable>: Sendable {
    /// The wait after the first failure.
    static var firstRetry: Duration { .seconds(5) }
    /// The longest wait after a failure.
    static var longestRetry: Duration { .seconds(300) }

    private var failureCounts: [Key: Int] = [:]
    private var timers = TimerTable<Key>()

    /// When something is due.
    var nextDeadline: Instant? { timers.nextDeadline }

    /// Whether `key` is known.
    func contains(_ key: Key) -> Bool { failureCounts[key] != nil }

    /// Whether `key` was given out and its result has not been reported.
    func isUnderWay(_ key: Key) -> Bool { contains(key) && !timers.contains(key) }

    /// Adds `key`, due at `deadline`; does nothing when it is known.
    mutating func add(_ key: Key, at deadline: Instant) {
        guard !contains(key) else { return }
        failureCounts[key] = 0
        timers.set(key, at: deadline)
    }

    /// Forgets `key`.
    mutating func remove(_ key: Key) {
        failureCounts[key] = nil
        timers.cancel(key)
    }

    /// Moves `key` to `deadline` unless it is under way.
    mutating func move(_ key: Key, to deadline: Instant) {
        guard timers.contains(key) else { return }
        timers.set(key, at: deadline)
    }

    /// Gives out one key that is due.
    mutating func popDue(now: Instant) -> Key? { timers.popExpired(now: now) }

    /// Reports a success: `key` is due again at `deadline`.
    mutating func succeeded(_ key: Key, next deadline: Instant) {
        guard contains(key) else { return }
        failureCounts[key] = 0
        timers.set(key, at: deadline)
    }

    /// Reports that `key` must be tried again at `deadline`, which counts as neither success nor failure.
    mutating func retry(_ key: Key, at deadline: Instant) {
        guard contains(key) else { return }
        timers.set(key, at: deadline)
    }

    /// Reports a failure; returns how long the key waits, nil when it is no longer known.
    ///
    /// The wait doubles with each failure up to the longest, and up to a quarter more by chance, so that the clients of
    /// a service that was away do not come back all at once.
    mutating func failed(_ key: Key, now: Instant, using rng: inout some RandomNumberGenerator) -> Duration? {
        guard let count = failureCounts[key] else { return nil }
        failureCounts[key] = min(count + 1, 16)
        let wait = min(Self.firstRetry * (1 << min(count, 16)), Self.longestRetry)
        let jitter = Int64.random(in: 0...max(0, wait.wholeNanoseconds / 4), using: &rng)
        let total = wait + .nanoseconds(jitter)
        timers.set(key, at: now + total)
        return total
    }
}
