import MeshCore

/// The iterative search for the peers closest to a key: candidates in order of distance, and who is asked next.
///
/// A pure machine without messages, shared by every query: the owner sends a request to each peer that
/// ``next(now:)`` names and reports what came of it. It asks the closest candidates, at most α at a time, and
/// converges when the closest `requiredAnswers` that have not failed have all answered. Peers that are slow lose
/// their place among the α but may still answer.
///
/// With several disjoint paths (S/Kademlia), the peers that the node knows itself are dealt to the paths in turn,
/// what an answer names stays on the path that asked, and every peer is asked by one path only. A path passes over
/// peers that others have asked, and converges when the closest β of its own have answered; the result is the
/// union. So a liar leads only its own path astray. `LookupSurvey` decides, `LookupMerge` keeps the lists.
public struct Lookup: Sendable {
    /// The key that is searched for.
    public let target: Bytes32
    /// The key of the node that searches, which is no candidate.
    public let localKey: Bytes32?
    /// The constants; the owner may raise `requiredAnswers` while the lookup runs.
    public var parameters: LookupParameters
    /// The number of peers that were asked.
    public private(set) var requestCount = 0
    /// The number of peers that have answered.
    public private(set) var answerCount = 0
    /// The number of peers that have failed.
    public private(set) var failureCount = 0
    /// The most referrals that led to a peer which answered.
    public private(set) var deepestRound = 0

    /// The candidates, where they came to lie.
    var pool: [LookupCandidate] = []
    /// Their states, at the same positions.
    var marks: [LookupCandidate.Mark] = []
    /// Their address groups, at the same positions; 0 for those that are not limited.
    var groups: [UInt32] = []
    /// Positions of the pool that are free.
    var freePlaces: [UInt16] = []
    /// All candidates by distance, the closest first, each distance once.
    var order: [LookupRank] = []
    var paths: [LookupPath]
    /// Scratch space for the peers of one answer.
    var incoming: [LookupRank] = []

    /// A request that waits for its answer.
    private struct Flight: Sendable {
        var index: UInt16
        var since: Instant
    }

    /// Requests in the order in which they were sent, so that those which are slow come first; abandoned ones
    /// have left.
    private var flights: [Flight] = []
    private var slowFlightCount = 0
    private var abandonedCount = 0
    /// The path that gets the next peer of the node's own, and the one that asks next.
    private var dealtPath = 0
    private var askingPath = 0

    /// Creates a lookup without candidates.
    public init(target: Bytes32, parameters: LookupParameters, localKey: Bytes32? = nil) {
        self.target = target
        self.localKey = localKey
        self.parameters = parameters
        paths = [LookupPath](repeating: LookupPath(), count: parameters.disjointPaths)
    }

    /// Adds a peer that the node knows itself, unless it is known or farther than all of a full list; `round` counts
    /// the referrals.
    public mutating func add(_ peer: KadPeer, round: Int) {
        insert([peer], from: 0, every: 1, round: round, path: dealtPath)
        dealtPath = (dealtPath + 1) % paths.count
    }

    /// Deals peers that the node knows itself to the paths.
    public mutating func add(_ peers: [KadPeer], round: Int) {
        for first in 0..<min(paths.count, peers.count) {
            insert(
                peers, from: first, every: paths.count, round: round, path: (dealtPath + first) % paths.count)
        }
        dealtPath = (dealtPath + peers.count) % paths.count
    }

    /// The next peer to ask, which counts as asked from `now` on; nil when nobody should be asked now.
    public mutating func next(now: Instant) -> KadPeer? {
        guard requestCount < parameters.maximumRequests, let (index, path) = nextCandidate() else {
            return nil
        }
        marks[index] = LookupCandidate.Mark(state: .waiting, path: UInt8(path))
        paths[path].waitingCount += 1
        paths[path].requestCount += 1
        requestCount += 1
        flights.append(Flight(index: UInt16(index), since: now))
        return peer(index)
    }

    private mutating func nextCandidate() -> (index: Int, path: Int)? {
        if paths.count > 1 {
            for offset in paths.indices {
                let path = (askingPath + offset) % paths.count
                guard paths[path].waitingCount < parallelismOfPath, let index = survey(path: path).next else {
                    continue
                }
                askingPath = (path + 1) % paths.count
                return (index, path)
            }
            guard pathsProgress != .running else { return nil }
        }
        guard waitingCount < parameters.parallelism, let index = surveyOfAll(stopsWhenConverged: false).next
        else {
            return nil
        }
        return (index, 0)
    }

    /// Notes that the peer with `key` answered and named `closerPeers`; false when it was not asked.
    @discardableResult
    public mutating func answered(_ key: Bytes32, closerPeers: [KadPeer]) -> Bool {
        guard let index = settle(key, as: .answered) else { return false }
        let round = Int(pool[index].round)
        answerCount += 1
        deepestRound = max(deepestRound, round)
        insert(closerPeers, from: 0, every: 1, round: round + 1, path: Int(marks[index].path))
        return true
    }

    /// Notes that the peer with `key` did not answer, or nonsense; false when it was not asked.
    @discardableResult
    public mutating func failed(_ key: Bytes32) -> Bool {
        guard settle(key, as: .failed) != nil else { return false }
        failureCount += 1
        return true
    }

    /// Declares requests stragglers, or abandoned, that are older than the limits; gives the newly slow peers.
    public mutating func noteTime(_ now: Instant) -> [KadPeer] {
        while slowFlightCount > 0, flights[0].since + parameters.abandonTimeout <= now {
            marks[Int(flights[0].index)].state = .abandoned
            flights.removeFirst()
            slowFlightCount -= 1
            abandonedCount += 1
        }
        var slow: [KadPeer] = []
        while slowFlightCount < flights.count,
            flights[slowFlightCount].since + parameters.stragglerTimeout <= now
        {
            let index = Int(flights[slowFlightCount].index)
            marks[index].state = .straggling
            paths[Int(marks[index].path)].waitingCount -= 1
            slowFlightCount += 1
            if let peer = peer(index) { slow.append(peer) }
        }
        return slow
    }

    /// When ``noteTime(_:)`` has something to do next.
    public var nextDeadline: Instant? {
        var earliest: Instant?
        if slowFlightCount > 0 { earliest = flights[0].since + parameters.abandonTimeout }
        if slowFlightCount < flights.count {
            let straggling = flights[slowFlightCount].since + parameters.stragglerTimeout
            earliest = min(earliest ?? straggling, straggling)
        }
        return earliest
    }

    /// Whether the lookup is over.
    public var progress: LookupProgress {
        if paths.count > 1, pathsProgress == .running { return .running }
        let progress = surveyOfAll(stopsWhenConverged: true).progress
        guard progress == .exhausted else { return progress }
        if waitingCount > 0 { return .running }
        if abandonedCount > 0, answerCount == 0 { return .running }
        if slowFlightCount > 0, answerCount < parameters.sufficientAnswers { return .running }
        return .exhausted
    }

    /// The closest `count` peers that have not failed and are not slow, the closest first.
    public func closest(_ count: Int) -> [KadPeer] {
        var peers: [KadPeer] = []
        peers.reserveCapacity(min(count, order.count))
        var taken: [UInt32] = []
        for rank in order where marks[rank.index].isEligible {
            guard peers.count < count else { break }
            let group = groups[rank.index]
            if group != 0 {
                guard taken.count(where: { $0 == group }) < parameters.maximumPerGroup else { continue }
                taken.append(group)
            }
            if let peer = peer(rank.index) { peers.append(peer) }
        }
        return peers
    }

    /// How many referrals led to the closest peer that has answered; 0 when none has.
    public var closestRound: Int {
        for rank in order where marks[rank.index].state == .answered { return Int(pool[rank.index].round) }
        return 0
    }

    /// Requires answers of all k closest from now on; false when that was so already.
    public mutating func askAll() -> Bool {
        guard parameters.requiredAnswers < parameters.resultCount else { return false }
        parameters.requiredAnswers = parameters.resultCount
        return true
    }

    /// Whether the peer with `key` was asked and has neither answered nor failed.
    public func isPending(_ key: Bytes32) -> Bool {
        guard let index = index(of: key) else { return false }
        switch marks[index].state {
        case .waiting, .straggling, .abandoned: return true
        case .heard, .answered, .failed: return false
        }
    }

    /// How many referrals led to the peer with `key`; 0 when it is unknown.
    public func round(of key: Bytes32) -> Int { index(of: key).map { Int(pool[$0].round) } ?? 0 }

    /// Whether the peer with `key` has answered.
    public func hasAnswered(_ key: Bytes32) -> Bool {
        index(of: key).map { marks[$0].state == .answered } ?? false
    }

    /// The requests that wait for an answer and are not slow.
    var waitingCount: Int { flights.count - slowFlightCount }

    private mutating func settle(_ key: Bytes32, as state: LookupCandidate.State) -> Int? {
        guard let index = index(of: key) else { return nil }
        switch marks[index].state {
        case .waiting:
            paths[Int(marks[index].path)].waitingCount -= 1
            removeFlight(of: index)
        case .straggling: removeFlight(of: index)
        case .abandoned: abandonedCount -= 1
        case .heard, .answered, .failed: return nil
        }
        marks[index].state = state
        return index
    }

    private mutating func removeFlight(of index: Int) {
        guard let flight = flights.firstIndex(where: { $0.index == UInt16(index) }) else { return }
        flights.remove(at: flight)
        if flight < slowFlightCount { slowFlightCount -= 1 }
    }
}
