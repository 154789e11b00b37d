/// The limits and timers of a datagram endpoint.
///
/// Source: Specs/noise-datagrams.md, sections 7 and 12.
public struct DatagramConfiguration: Sendable {
    /// A rate with a burst.
    public struct Rate: Hashable, Sendable {
        /// How often a second in the long run.
        public var perSecond: Int
        /// How often at once.
        public var burst: Int

        /// Creates a rate; both numbers are at least 1.
        public init(perSecond: Int, burst: Int) {
            self.perSecond = max(1, perSecond)
            self.burst = max(1, burst)
        }
    }

    /// The sessions that are kept; the least recently used one makes room.
    public var maximumSessionCount = 4096
    /// The sessions with one peer.
    public var maximumSessionsPerPeer = 4
    /// The handshakes in progress that we began.
    public var maximumInitiatingCount = 1024
    /// The handshakes in progress that others began.
    public var maximumAnsweringCount = 1024
    /// How often the answer to a first packet is sent again when that packet comes again.
    public var maximumRepeatCount = 8
    /// The handshakes of others from which on a cookie is asked for.
    public var cookieThreshold = 256
    /// The static keys that are remembered for resumptions and against replay.
    public var maximumKnownKeyCount = 8192
    /// The requests of ours that are not finished, all peers together.
    public var maximumRequestCount = 8192
    /// The requests in flight to one peer.
    public var maximumInFlightPerPeer = 16
    /// The requests that wait for one peer, beside those in flight.
    public var maximumWaitingPerPeer = 64
    /// The incomplete requests of peers, in parts, that are kept.
    public var maximumReassemblyCount = 256
    /// The incomplete requests of one session.
    public var maximumReassembliesPerSession = 2
    /// The datagrams that wait for the validation of an address, of one session.
    public var maximumDeferredPerSession = 8
    /// The datagrams that wait for the validation of an address, all sessions together.
    public var maximumDeferredCount = 1024
    /// The prefixes of strangers that are counted.
    public var maximumPrefixCount = 4096

    /// The wait for the first answer to a request before there is a sample of the round-trip time.
    public var initialTimeout = Duration.milliseconds(500)
    /// The shortest wait.
    public var minimumTimeout = Duration.milliseconds(100)
    /// The longest wait.
    public var maximumTimeout = Duration.seconds(1)
    /// The retransmissions of a request, two at most.
    public var retransmissionCount = 2
    /// The time between the first packets to two addresses of a peer.
    public var addressStagger = Duration.milliseconds(250)
    /// How long a handshake that somebody else began may take, and its answer is sent again.
    public var answeringLifetime = Duration.seconds(5)
    /// How long a Resumption answer waits for the response.
    public var earlyResponseWait = Duration.milliseconds(50)
    /// How long the parts of a request are collected.
    public var reassemblyLifetime = Duration.seconds(3)
    /// How long a session sends requests.
    public var rekeyAge = Duration.seconds(120)
    /// How long a session lives, used or not.
    public var maximumAge = Duration.seconds(180)
    /// How many packets a session sends before it is replaced.
    public var rekeyPacketCount: UInt64 = 1 << 20
    /// How many packets a session sends at most.
    public var maximumPacketCount: UInt64 = 1 << 21
    /// How long a secret of cookies is used; it is accepted for as long again.
    public var cookieSecretLifetime = Duration.seconds(60)

    /// The requests of one session.
    public var requestsPerSession = Rate(perSecond: 200, burst: 400)
    /// The Responses without a cookie.
    public var unvalidatedHandshakes = Rate(perSecond: 100, burst: 128)
    /// The handshakes with a cookie.
    public var validatedHandshakes = Rate(perSecond: 400, burst: 400)
    /// The handshakes of one prefix.
    public var handshakesPerPrefix = Rate(perSecond: 20, burst: 100)
    /// The Retries.
    public var retries = Rate(perSecond: 10_000, burst: 2000)
    /// The Retries to first packets that came before and met silence, when there is no other left.
    public var repeatedRetries = Rate(perSecond: 5000, burst: 1000)
    /// The Retries to one prefix.
    public var retriesPerPrefix = Rate(perSecond: 100, burst: 200)
    /// The Resets, and as many Declines.
    public var resets = Rate(perSecond: 500, burst: 500)

    /// Creates the configuration with its defaults.
    public init() {}
}
