import MeshCore

/// A number of actions that is allowed in each second.
struct YamuxAllowance: Sendable {
    private let limit: Int
    private var periodStart: Instant
    private var used = 0

    init(limitPerSecond: Int, now: Instant) {
        limit = limitPerSecond
        periodStart = now
    }

    /// Takes one action, or returns false when this second's are used up.
    mutating func take(now: Instant) -> Bool {
        if now.duration(since: periodStart) >= .seconds(1) {
            periodStart = now
            used = 0
        }
        guard used < limit else { return false }
        used += 1
        return true
    }
}
