import MeshCore

/// Values that this node has looked up lately, so that asking again costs nothing.
struct ValueCache: Sendable {
    private struct Entry: Sendable {
        let place: Bytes32
        let value: [UInt8]
        let until: Instant
    }

    let maximumCount: Int
    let lifetime: Duration
    /// The oldest first.
    private var entries: [Entry] = []

    init(maximumCount: Int, lifetime: Duration) {
        self.maximumCount = maximumCount
        self.lifetime = lifetime
    }

    /// The value of the key at `place`, unless it is too old.
    func value(_ place: Bytes32, now: Instant) -> [UInt8]? {
        entries.last { $0.place == place && $0.until > now }?.value
    }

    /// Remembers a value that was found at `now`; the oldest makes room.
    mutating func insert(_ value: [UInt8], at place: Bytes32, now: Instant) {
        guard maximumCount > 0 else { return }
        remove(place)
        if entries.count == maximumCount { entries.removeFirst() }
        entries.append(Entry(place: place, value: value, until: now + lifetime))
    }

    mutating func remove(_ place: Bytes32) {
        entries.removeAll { $0.place == place }
    }

    /// Forgets what is too old; memory goes back when nothing is left.
    mutating func removeExpired(now: Instant) {
        entries.removeAll { $0.until <= now }
        if entries.isEmpty { entries = [] }
    }
}
