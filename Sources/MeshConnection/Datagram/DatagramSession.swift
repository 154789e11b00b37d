import MeshCore
import MeshCrypto
import MeshMultiformats

/// One established session; its keys lie beside it in a ``DatagramKeyTable``.
struct DatagramSession {
    /// No slot.
    static let none: Int32 = -1

    /// The connection id that we chose; zero in a free place.
    var localID: UInt64 = 0
    /// The connection id that the peer chose.
    var remoteID: UInt64 = 0
    var sendCounter: UInt64 = 0
    var window = DatagramReplayWindow()
    var address = DatagramAddress(ip4: 0, port: 0)
    var establishedAt = Instant.zero
    var receivedAt = Instant.zero
    var requestMeter = DatagramRateLimit.Meter()
    /// The token of the peer's Resets.
    var resetToken = SipHash.Code(high: 0, low: 0)
    var peerSlot = none
    /// The next older session with the same peer.
    var olderOfPeer = none
    /// The record of an address that is not validated.
    var pathSlot = none
    /// The Completion that goes out again until the peer shows that it has it.
    var completionSlot = none
    /// Tells the sessions of one slot apart.
    var generation: UInt16 = 0
    var reassemblyCount: UInt8 = 0
    /// Whether the peer gave a token for its Resets.
    var hasResetToken = false
    var isInitiator = false
    /// Whether the peer id of the session's initiator is the lower one.
    var isLowerInitiated = false
    /// Whether a request on it was never answered by anything: the next one begins a handshake.
    var isDoubtful = false
}

/// A peer with which there is a session, a handshake or a request.
struct DatagramPeer {
    /// Nil in a free place.
    var peer: PeerID?
    /// The newest session.
    var sessionSlot = DatagramSession.none
    /// The handshake that we began.
    var initiatingSlot = DatagramSession.none
    var inFlight = DatagramRequestList()
    var waiting = DatagramRequestList()
    var roundTrip = DatagramRoundTrip()

    /// Whether nothing holds the entry.
    var isUnused: Bool {
        sessionSlot == DatagramSession.none && initiatingSlot == DatagramSession.none
            && inFlight.count == 0 && waiting.count == 0
    }
}

/// The smoothed round-trip time to a peer and its variation.
///
/// Source: RFC 6298, section 2.
struct DatagramRoundTrip {
    /// Zero before the first sample.
    private(set) var smoothedMicroseconds: UInt32 = 0
    private var variationMicroseconds: UInt32 = 0

    mutating func add(_ sample: Duration) {
        let microseconds = UInt32(clamping: max(1, min(sample.wholeNanoseconds / 1000, 60_000_000)))
        guard smoothedMicroseconds > 0 else {
            smoothedMicroseconds = microseconds
            variationMicroseconds = microseconds / 2
            return
        }
        let difference =
            smoothedMicroseconds > microseconds
            ? smoothedMicroseconds - microseconds : microseconds - smoothedMicroseconds
        variationMicroseconds = (3 * variationMicroseconds + difference) / 4
        smoothedMicroseconds = max(1, (7 * smoothedMicroseconds + microseconds) / 8)
    }

    /// How long attempt number `attempt` waits for its response.
    func timeout(attempt: UInt8, _ timing: DatagramTiming) -> UInt64 {
        var wait = timing.initial
        if smoothedMicroseconds > 0 {
            let estimate = UInt64(smoothedMicroseconds) + 4 * UInt64(variationMicroseconds)
            wait = max(timing.minimum, estimate * 1000)
        }
        return min(wait << UInt64(min(attempt, 8)), timing.maximum)
    }
}

/// The waits of a configuration in nanoseconds.
struct DatagramTiming {
    let initial: UInt64
    let minimum: UInt64
    let maximum: UInt64

    init(_ configuration: DatagramConfiguration) {
        func nanoseconds(_ duration: Duration) -> UInt64 { UInt64(max(1, duration.wholeNanoseconds)) }
        maximum = min(nanoseconds(configuration.maximumTimeout), 3_600_000_000_000)
        initial = min(nanoseconds(configuration.initialTimeout), maximum)
        minimum = min(nanoseconds(configuration.minimumTimeout), maximum)
    }
}
