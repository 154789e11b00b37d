import MeshCore

/// What each peer, and the peers of each address group, have stored here, and the most that they may have.
///
/// Who stored what is not written to disk: after a restart what is there belongs to nobody, and makes room for
/// closer records like everything else.
struct StoreShares: Sendable {
    /// Who stored a record, as far as it matters here.
    struct Source: Hashable, Sendable {
        /// The first bits of the peer's key; zero when nobody is held to account.
        var peer: UInt64
        /// The peer's group; zero when it has none that counts.
        var group: UInt32

        static let nobody = Source(peer: 0, group: 0)
    }

    private struct Use: Sendable {
        var count = 0
        var byteCount = 0
    }

    /// The most records and bytes of one peer, and of one group.
    struct Limits: Hashable, Sendable {
        var count: Int
        var byteCount: Int

        /// `percent` of a whole store, at least one record; zero percent sets no limit.
        init(percent: Int, count: Int, byteCount: Int) {
            let part = percent > 0 && percent < 100 ? percent : 100
            self.count = max(count / 100 * part + count % 100 * part / 100, 1)
            self.byteCount = byteCount / 100 * part + byteCount % 100 * part / 100
        }
    }

    private let ofPeer: Limits
    private let ofGroup: Limits
    private var peers: [UInt64: Use] = [:]
    private var groups: [UInt32: Use] = [:]

    init(ofPeer: Limits, ofGroup: Limits) {
        self.ofPeer = ofPeer
        self.ofGroup = ofGroup
    }

    /// Whether `source` may have one record of `byteCount` bytes more.
    func allows(_ source: Source, byteCount: Int) -> Bool {
        if source.peer != 0, !Self.hasRoom(peers[source.peer], byteCount, ofPeer) { return false }
        return source.group == 0 || Self.hasRoom(groups[source.group], byteCount, ofGroup)
    }

    mutating func add(_ source: Source, byteCount: Int) {
        if source.peer != 0 { Self.change(&peers[source.peer, default: Use()], 1, byteCount) }
        if source.group != 0 { Self.change(&groups[source.group, default: Use()], 1, byteCount) }
    }

    mutating func remove(_ source: Source, byteCount: Int) {
        if source.peer != 0, var use = peers[source.peer] {
            Self.change(&use, -1, -byteCount)
            peers[source.peer] = use.count > 0 ? use : nil
            if peers.isEmpty { peers = [:] }
        }
        if source.group != 0, var use = groups[source.group] {
            Self.change(&use, -1, -byteCount)
            groups[source.group] = use.count > 0 ? use : nil
            if groups.isEmpty { groups = [:] }
        }
    }

    private static func hasRoom(_ use: Use?, _ byteCount: Int, _ limits: Limits) -> Bool {
        let use = use ?? Use()
        return use.count < limits.count && use.byteCount + byteCount <= limits.byteCount
    }

    private static func change(_ use: inout Use, _ count: Int, _ byteCount: Int) {
        use.count += count
        use.byteCount += byteCount
    }
}
