import MeshCore

/// The iterative search for the peers closest to a key: candidates in order of distance, and who is asked next.
///
/// A pure machine without messages, shared by every query: the owner sends a request to each peer that
/// ``next(now:)`` names and reports what came of it. It asks the closest candidates, at most α at a time, and
/// converges when the closest `requiredAnswers` that have not failed have all answered. Peers that are slow lose
/// their place among the α but may still answer. S/Kademlia's disjoint paths are several of these machines that
/// share what was asked.
public struct Lookup: Sendable {
    /// The key that is searched for.
    public let target: Bytes32
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

    /// By distance, the closest first, each distance once.
    private(set) var candidates: [LookupCandidate] = []
    private var waitingCount = 0

    /// Creates a lookup without candidates.
    public init(target: Bytes32, parameters: LookupParameters) {
        self.target = target
        self.parameters = parameters
    }

    /// Adds a peer, unless it is known or farther than all of a full list; `round` counts the referrals.
    public mutating func add(_ peer: KadPeer, round: Int) {
        let distance = peer.kadKey ^ target
        let index = position(of: distance)
        if index < candidates.count, candidates[index].distance == distance { return }
        if candidates.count >= parameters.maximumCandidates {
            guard let farthest = candidates.lastIndex(where: { $0.state == .heard }), farthest >= index else {
                return
            }
            candidates.remove(at: farthest)
        }
        candidates.insert(
            LookupCandidate(distance: distance, peer: peer, round: round, state: .heard), at: index)
    }

    /// The next peer to ask, which counts as asked from `now` on; nil when nobody should be asked now.
    public mutating func next(now: Instant) -> KadPeer? {
        guard waitingCount < parameters.parallelism, requestCount < parameters.maximumRequests else {
            return nil
        }
        var considered = 0
        for index in candidates.indices {
            switch candidates[index].state {
            case .heard:
                candidates[index].state = .waiting(since: now)
                waitingCount += 1
                requestCount += 1
                return candidates[index].peer
            case .answered, .waiting: considered += 1
            case .straggling, .abandoned, .failed: continue
            }
            guard considered < parameters.resultCount else { return nil }
        }
        return nil
    }

    /// Notes that the peer with `key` answered and named `closerPeers`; false when it was not asked.
    @discardableResult
    public mutating func answered(_ key: Bytes32, closerPeers: [KadPeer]) -> Bool {
        guard let index = settle(key, as: .answered) else { return false }
        let round = candidates[index].round
        answerCount += 1
        deepestRound = max(deepestRound, round)
        for peer in closerPeers { add(peer, round: round + 1) }
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
        var slow: [KadPeer] = []
        for index in candidates.indices {
            switch candidates[index].state {
            case .waiting(let since) where since + parameters.stragglerTimeout <= now:
                candidates[index].state = .straggling(since: since)
                waitingCount -= 1
                slow.append(candidates[index].peer)
            case .straggling(let since) where since + parameters.abandonTimeout <= now:
                candidates[index].state = .abandoned(since: since)
            case .heard, .waiting, .straggling, .abandoned, .answered, .failed: continue
            }
        }
        return slow
    }

    /// When ``noteTime(_:)`` has something to do next.
    public var nextDeadline: Instant? {
        var earliest: Instant?
        for candidate in candidates {
            let deadline: Instant
            switch candidate.state {
            case .waiting(let since): deadline = since + parameters.stragglerTimeout
            case .straggling(let since): deadline = since + parameters.abandonTimeout
            case .heard, .abandoned, .answered, .failed: continue
            }
            earliest = min(earliest ?? deadline, deadline)
        }
        return earliest
    }

    /// Whether the lookup is over.
    public var progress: LookupProgress {
        var answered = 0
        var isSlowPending = false
        var isAbandonedPending = false
        for candidate in candidates {
            switch candidate.state {
            case .answered: answered += 1
            case .failed: continue
            case .straggling: isSlowPending = true
            case .abandoned: isAbandonedPending = true
            case .waiting: return .running
            case .heard: return requestCount < parameters.maximumRequests ? .running : .exhausted
            }
            if answered >= parameters.requiredAnswers { return .converged }
        }
        if isAbandonedPending, answerCount == 0 { return .running }
        if isSlowPending, answerCount < parameters.sufficientAnswers { return .running }
        return .exhausted
    }

    /// The closest `count` peers that have not failed and are not slow, the closest first.
    public func closest(_ count: Int) -> [KadPeer] {
        var peers: [KadPeer] = []
        for candidate in candidates where candidate.isEligible {
            guard peers.count < count else { break }
            peers.append(candidate.peer)
        }
        return peers
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
        switch candidates[index].state {
        case .waiting, .straggling, .abandoned: return true
        case .heard, .answered, .failed: return false
        }
    }

    /// How many referrals led to the peer with `key`; 0 when it is unknown.
    public func round(of key: Bytes32) -> Int { index(of: key).map { candidates[$0].round } ?? 0 }

    /// Whether the peer with `key` has answered.
    public func hasAnswered(_ key: Bytes32) -> Bool {
        index(of: key).map { candidates[$0].state == .answered } ?? false
    }

    // MARK: Candidates

    private mutating func settle(_ key: Bytes32, as state: LookupCandidate.State) -> Int? {
        guard let index = index(of: key) else { return nil }
        switch candidates[index].state {
        case .waiting: waitingCount -= 1
        case .straggling, .abandoned: break
        case .heard, .answered, .failed: return nil
        }
        candidates[index].state = state
        return index
    }

    private func index(of key: Bytes32) -> Int? {
        let distance = key ^ target
        let index = position(of: distance)
        return index < candidates.count && candidates[index].distance == distance ? index : nil
    }

    /// The first index whose distance is not smaller.
    private func position(of distance: Bytes32) -> Int {
        var low = 0
        var high = candidates.count
        while low < high {
            let middle = (low + high) / 2
            if candidates[middle].distance < distance { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension LookupCandidate {
    /// Whether the peer may belong to the result: it has not failed, and is not slow to answer.
    var isEligible: Bool {
        switch state {
        case .heard, .waiting, .answered: true
        case .straggling, .abandoned, .failed: false
        }
    }
}
