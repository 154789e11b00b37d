/// Whose states a change of an awareness has touched.
public struct AwarenessChange: Hashable, Sendable {
    /// Where a change came from.
    public enum Origin: Hashable, Sendable {
        /// This side set or renewed its own state.
        case local
        /// Clients were silent for too long.
        case timeout
        /// What the named peer sent, or that it left.
        case peer(String)
    }

    /// Clients that were not known before.
    public internal(set) var added: [ClientID] = []
    /// Known clients that announced a state, be it the one they had.
    public internal(set) var updated: [ClientID] = []
    /// Those of `updated` whose state is another one now.
    public internal(set) var changed: [ClientID] = []
    /// Clients that left.
    public internal(set) var removed: [ClientID] = []
    /// Where it came from.
    public let origin: Origin

    /// Whether nothing was announced.
    public var isEmpty: Bool { added.isEmpty && updated.isEmpty && removed.isEmpty }

    /// Whether a user would see a difference, for which Yjs emits `change`; false when states were only renewed.
    public var isVisible: Bool { !added.isEmpty || !changed.isEmpty || !removed.isEmpty }

    /// The clients to tell other peers about, for which Yjs emits `update`, in y-websocket's order.
    public var announced: [ClientID] { added + updated + removed }
}
