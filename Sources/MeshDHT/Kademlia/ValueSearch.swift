import MeshCore
import MeshMultiformats

/// What the search for a value has found so far.
struct ValueSearch: Sendable {
    let key: [UInt8]
    /// So many holders of the best value end the search; 0 asks all of the closest.
    let quorum: Int
    /// The best valid value.
    private(set) var best: [UInt8]?
    /// When the best value was received from its publisher, as far as its holders say: the latest.
    private(set) var bestReceived: UnixTime?
    /// How many gave exactly that, this node included.
    private(set) var holderCount = 0
    /// Peers that gave a worse value, or one that became worse.
    private(set) var stale: [KadPeer] = []
    /// Peers that answered without a value.
    private(set) var lacking: [KadPeer] = []
    private var holders: [KadPeer] = []

    init(key: [UInt8], quorum: Int) {
        self.key = key
        self.quorum = quorum
    }

    /// Whether enough peers agree.
    var isSatisfied: Bool { quorum > 0 && holderCount >= quorum }

    /// Adds the value of the node's own store.
    mutating func addLocal(_ value: [UInt8], received: UnixTime) {
        best = value
        bestReceived = received
        holderCount = 1
    }

    mutating func addLacking(_ peer: KadPeer) {
        lacking.append(peer)
    }

    /// Adds a value that `validators` has accepted; `received` is the time that its holder gives.
    mutating func add(
        _ value: [UInt8], received: UnixTime?, from peer: KadPeer, validators: RecordValidators
    ) {
        guard let current = best, current != value else {
            best = value
            if let received { bestReceived = max(bestReceived ?? received, received) }
            holderCount += 1
            holders.append(peer)
            return
        }
        guard validators.prefers(value, to: current, key: key) else {
            stale.append(peer)
            return
        }
        stale += holders
        best = value
        bestReceived = received
        holders = [peer]
        holderCount = 1
    }
}

/// What the search for providers has found so far.
struct ProviderSearch: Sendable {
    /// So many providers end the search.
    let limit: Int
    /// The providers, in the order in which they were found.
    private(set) var found: [KadPeer] = []

    init(limit: Int) {
        self.limit = max(limit, 1)
    }

    var isSatisfied: Bool { found.count >= limit }

    /// Adds providers that are not known yet, up to the limit, and gives those; addresses complete known ones.
    mutating func add(_ providers: [KadPeer]) -> [KadPeer] {
        var new: [KadPeer] = []
        for provider in providers {
            if let index = found.firstIndex(where: { $0.id == provider.id }) {
                if found[index].addresses.isEmpty { found[index] = provider }
            } else if found.count < limit {
                found.append(provider)
                new.append(provider)
            }
        }
        return new
    }
}
