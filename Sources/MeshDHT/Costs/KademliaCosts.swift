import MeshCore

/// What the queries of a node have cost so far, by their kind.
public struct KademliaCosts: Hashable, Sendable, Codable {
    /// One kind of query.
    public enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
        /// Finding the addresses of a peer.
        case findPeer
        /// Finding the peers closest to a key.
        case closestPeers
        /// Finding a value.
        case getValue
        /// Finding providers.
        case findProviders
        /// Storing a value for the application.
        case putValue
        /// Announcing a provider for the application.
        case provide
        /// Lookups of the refresh.
        case refresh
        /// Publishing one thing of ours again, alone.
        case republish
        /// Walks through a region for the records that belong there.
        case sweep
    }

    /// The queries of each kind that has occurred, in the order of their first end.
    public private(set) var queries: [QueryCosts] = []

    /// Creates costs of nothing.
    public init() {}

    /// The costs of `kind`.
    public subscript(kind: Kind) -> QueryCosts {
        queries.first { $0.kind == kind } ?? QueryCosts(kind: kind)
    }

    /// Adds the end of one query.
    mutating func note(_ kind: Kind, succeeded: Bool, _ statistics: QueryStatistics) {
        if let index = queries.firstIndex(where: { $0.kind == kind }) {
            queries[index].note(succeeded: succeeded, statistics)
        } else {
            var costs = QueryCosts(kind: kind)
            costs.note(succeeded: succeeded, statistics)
            queries.append(costs)
        }
    }
}

/// What the queries of one kind have cost.
public struct QueryCosts: Hashable, Sendable, Codable {
    /// The kind.
    public let kind: KademliaCosts.Kind
    /// Queries that have ended.
    public private(set) var count: UInt64 = 0
    /// Those that found, or stored, what they should.
    public private(set) var succeeded: UInt64 = 0
    /// Messages that were sent to peers, the stores included.
    public private(set) var requests: UInt64 = 0
    /// Answers to them.
    public private(set) var answers: UInt64 = 0
    /// Requests that failed.
    public private(set) var failures: UInt64 = 0
    /// Queries by duration: element i counts those of at least 2^(i-1) and less than 2^i ms, element 0 those of less
    /// than 1 ms; empty elements at the end are left out.
    public private(set) var durations: [UInt32] = []

    init(kind: KademliaCosts.Kind) {
        self.kind = kind
    }

    fileprivate mutating func note(succeeded isSuccess: Bool, _ statistics: QueryStatistics) {
        count += 1
        if isSuccess { succeeded += 1 }
        requests += UInt64(max(statistics.requests, 0))
        answers += UInt64(max(statistics.answers, 0))
        failures += UInt64(max(statistics.failures, 0))
        let milliseconds = UInt64(max(statistics.duration.wholeNanoseconds, 0)) / 1_000_000
        let index = UInt64.bitWidth - milliseconds.leadingZeroBitCount
        if durations.count <= index {
            durations += repeatElement(0, count: index + 1 - durations.count)
        }
        if durations[index] < .max { durations[index] += 1 }
    }
}
