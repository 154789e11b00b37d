import MeshCore
import MeshMultiformats

/// One walk through a region of the key space: who is there, and what each of them gets.
///
/// | Stage | Ends | Then |
/// |---|---|---|
/// | lookup | the k closest to the first key are verified | exploring the prefix that they share |
/// | exploring | everybody who was named there has answered or is silent | delivering |
/// | delivering | every key of the region is stored | over |
struct RegionWalk: Sendable {
    enum Cargo: Hashable, Sendable {
        case scheduled
        case pass(Sweep.Selection)
        case handOn
    }

    enum Stage: Hashable, Sendable {
        case lookup
        case exploring
        case delivering
    }

    /// Requests for neighbours, and value records, that are on their way at once.
    static let maximumFlights = 32
    /// The parts of a region in each of which the surroundings of one key are looked at, and the peers asked for them.
    static let partCount: UInt64 = 8
    static let probesPerPart = 2

    let number: UInt64
    let cargo: Cargo
    /// The distance of the first key from the node.
    let anchor: Bytes32
    let started: Instant
    var stage = Stage.lookup
    /// How many bits the keys of the region share.
    var bitCount = 256
    /// The last distance of the region.
    var end: Bytes32
    /// Peers of the region that have answered.
    var members: [KadPeer] = []
    /// Peers that are to be asked for their neighbours.
    var unasked: [KadPeer] = []
    /// Everybody of the region who was heard of.
    var heard: Set<Bytes32> = []
    /// Whether every part of the region has been looked at.
    var isProbed = false
    /// Requests for neighbours that have not been answered.
    var pending = 0
    /// Nobody is waited for any longer while exploring.
    var patienceEnd: Instant?
    /// The next key is not closer to the node than this; nil when there is none.
    var position: Bytes32?
    /// When the next key may go out.
    var nextKeyAt = Instant.zero
    /// Value records on their way, by place.
    var deliveries: [Bytes32: StorePhase] = [:]
    /// When it is looked which of them are slow.
    var slowAt: Instant?
    var statistics = QueryStatistics()

    init(number: UInt64, cargo: Cargo, anchor: Bytes32, now: Instant) {
        self.number = number
        self.cargo = cargo
        self.anchor = anchor
        started = now
        end = anchor
        position = anchor
    }

    var nextDeadline: Instant? {
        switch stage {
        case .lookup: return nil
        case .exploring: return patienceEnd
        case .delivering:
            var earliest = slowAt
            // The next key waits for the ones on their way.
            if position != nil, deliveries.count < Self.maximumFlights {
                earliest = min(earliest ?? nextKeyAt, nextKeyAt)
            }
            return earliest
        }
    }

    /// Begins to explore the region whose keys share `bitCount` bits with the first one.
    mutating func explore(bitCount: Int) {
        stage = .exploring
        self.bitCount = bitCount
        end = anchor.fillingOnes(after: bitCount)
    }

    /// Whether the peer or key at this distance from the node lies in the region.
    func contains(_ distance: Bytes32) -> Bool {
        (distance ^ anchor).leadingZeroBitCount >= bitCount
    }

    /// Remembers a peer of the region that is to be asked, unless it was heard of or there are too many.
    mutating func hear(_ peer: KadPeer, distance: Bytes32, limit: Int) {
        guard contains(distance), heard.count < limit, heard.insert(distance).inserted else { return }
        unasked.append(peer)
    }

    /// Adds a peer that has answered; one outside of the region, or known already, changes nothing.
    mutating func add(_ peer: KadPeer) {
        if !members.contains(where: { $0.kadKey == peer.kadKey }) { members.append(peer) }
    }

    /// The distances of one of the parts of the region that begin at or behind the first key; nil when there are none,
    /// and for regions that are too deep to be divided.
    func part(_ index: UInt64) -> ClosedRange<Bytes32>? {
        guard bitCount <= 56 else { return nil }
        let shift = UInt64(61 - bitCount)
        let kept = bitCount == 0 ? 0 : anchor.word0 & UInt64.max << UInt64(64 - bitCount)
        let first = kept | index << shift
        let start = max(Bytes32(first, 0, 0, 0), anchor)
        let last = Bytes32(first, 0, 0, 0).fillingOnes(after: bitCount + 3)
        return start <= last ? start...last : nil
    }

    /// The `count` members closest to `place`, the closest first.
    func closest(_ count: Int, to place: Bytes32) -> [KadPeer] {
        let ranked = members.indices.map { (members[$0].kadKey ^ place, $0) }.sorted { $0.0 < $1.0 }
        return ranked.prefix(count).map { members[$0.1] }
    }
}

extension Bytes32 {
    /// The number whose first `count` bits are these, and all others one.
    func fillingOnes(after count: Int) -> Bytes32 {
        func word(_ value: UInt64, _ first: Int) -> UInt64 {
            let kept = min(max(count - first, 0), 64)
            return kept == 64 ? value : value | UInt64.max >> UInt64(kept)
        }
        return Bytes32(word(word0, 0), word(word1, 64), word(word2, 128), word(word3, 192))
    }

    /// The next greater number; nil for the greatest.
    var successor: Bytes32? {
        var next = self
        next.word3 &+= 1
        if next.word3 == 0 { next.word2 &+= 1 }
        if next.word3 == 0, next.word2 == 0 { next.word1 &+= 1 }
        if next.word3 == 0, next.word2 == 0, next.word1 == 0 { next.word0 &+= 1 }
        return next == .zero ? nil : next
    }
}
