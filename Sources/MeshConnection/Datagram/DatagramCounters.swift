/// What an endpoint has counted since its start.
public struct DatagramCounters: Hashable, Sendable {
    /// Why a datagram, or a part of one, was dropped.
    public enum Drop: Int, CaseIterable, Hashable, Sendable {
        /// The first byte or the length is that of no packet.
        case malformed
        /// A handshake packet of another version.
        case version
        /// A stranger to the private network.
        case notMember
        /// A handshake beyond a rate.
        case rate
        /// A handshake that fails its checks.
        case badHandshake
        /// A handshake answer to no handshake of ours.
        case unknownHandshake
        /// Data for a connection id that is not in use.
        case unknownSession
        /// Data that does not authenticate.
        case notAuthentic
        /// Data that was received before, or is older than the window.
        case replayed
        /// A frame that breaks a rule.
        case badFrame
        /// A response to no request.
        case unknownRequest
        /// A request beyond the rate of its session.
        case requestRate
        /// A Reset without a session or with a wrong token.
        case badReset
        /// Parts of a request that were not completed or had no room.
        case incomplete
        /// A response that had to wait for the validation of an address, and had no room or was too late.
        case deferred
    }

    /// Datagrams that came.
    public var received = 0
    /// Their bytes, UDP payload.
    public var receivedBytes = 0
    /// Datagrams that went out.
    public var sent = 0
    /// Their bytes, UDP payload.
    public var sentBytes = 0
    /// Handshakes that we began.
    public var initiated = 0
    /// First packets of others that were worked on.
    public var answered = 0
    /// Sessions, of both roles.
    public var established = 0
    /// Sessions that came of resumptions.
    public var resumed = 0
    /// Retries sent.
    public var retriesSent = 0
    /// Resets sent.
    public var resetsSent = 0
    /// Declines sent.
    public var declinesSent = 0
    /// Retries followed.
    public var retriesTaken = 0
    /// Resets believed.
    public var resetsTaken = 0
    /// Declines heeded.
    public var declinesTaken = 0
    /// Requests sent, repetitions aside.
    public var requestsSent = 0
    /// Requests sent again.
    public var retransmissions = 0
    /// Responses to requests of ours.
    public var responsesTaken = 0
    /// Requests of peers that were handed up.
    public var requestsTaken = 0
    /// Responses sent.
    public var responsesSent = 0
    /// Refusals sent.
    public var refusalsSent = 0
    /// Addresses of peers that changed and were proven.
    public var moves = 0
    /// Sessions that made room for others.
    public var evictions = 0
    /// Bytes from addresses that were not validated.
    public var unvalidatedReceivedBytes = 0
    /// Bytes to addresses that were not validated.
    public var unvalidatedSentBytes = 0

    private var drops = InlineDrops()

    /// Creates counters at zero.
    public init() {}

    /// How often something was dropped for `reason`.
    public func drops(_ reason: Drop) -> Int { drops.counts[reason.rawValue] }

    /// Everything that was dropped.
    public var dropCount: Int { Drop.allCases.reduce(0) { $0 + drops($1) } }

    mutating func drop(_ reason: Drop) { drops.counts[reason.rawValue] += 1 }

    private struct InlineDrops: Hashable, Sendable {
        var counts = [Int](repeating: 0, count: Drop.allCases.count)
    }
}
