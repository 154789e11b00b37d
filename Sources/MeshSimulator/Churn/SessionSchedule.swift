import MeshCore

/// When the nodes of a network leave it.
///
/// A network that has existed for long is met in equilibrium: what is left of the sessions of its nodes has another
/// distribution than the length of a new one. Whoever leaves is replaced at once, so the size stays.
public struct SessionSchedule: Sendable {
    /// How long sessions last.
    public let sessions: WeibullDistribution
    private var departures = TimerTable<NodeIndex>()
    private var rng: SeededGenerator

    /// Creates a schedule without nodes.
    public init(sessions: WeibullDistribution, seed: UInt64) {
        self.sessions = sessions
        rng = SeededGenerator(seed: seed)
    }

    /// The number of nodes that will leave.
    public var count: Int { departures.count }

    /// Plans the departure of a node that has been here for an unknown time.
    public mutating func addInEquilibrium(_ node: NodeIndex, now: Instant) {
        departures.set(node, at: now + sessions.sampleRemaining(using: &rng))
    }

    /// Plans the departure of a node that has just come.
    public mutating func addNew(_ node: NodeIndex, now: Instant) {
        departures.set(node, at: now + sessions.sample(using: &rng))
    }

    /// When the next node leaves.
    public var nextDeparture: Instant? { departures.nextDeadline }

    /// The next node that leaves not after `now`.
    public mutating func popDeparture(now: Instant) -> NodeIndex? { departures.popExpired(now: now) }
}
