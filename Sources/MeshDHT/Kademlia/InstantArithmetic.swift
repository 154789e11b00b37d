import MeshCore

extension Instant {
    /// The point `duration` earlier, or the origin.
    static func - (instant: Instant, duration: Duration) -> Instant {
        instant + (Duration.zero - duration)
    }
}
