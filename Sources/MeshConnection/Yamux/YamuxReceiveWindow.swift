import MeshCore

/// The receive window of one stream: what the peer may send, and when to grant more.
///
/// `size == available + unconsumed + credit` always holds: every byte of the window is still grantable to the
/// peer, held for the application, or consumed and not yet granted again. A window that is consumed by half
/// within four round trips is too small for the path and doubles (go-yamux stream.go `sendWindowUpdate`).
struct YamuxReceiveWindow: Sendable {
    /// The window's size in bytes.
    private(set) var size = YamuxConfiguration.initialWindow
    /// Bytes that the peer may still send.
    private(set) var available = YamuxConfiguration.initialWindow
    /// Consumed bytes that were not granted again yet.
    private var credit = 0
    /// When the last grant was made.
    private var epochStart: Instant

    init(now: Instant) {
        epochStart = now
    }

    /// Whether at least half of the window was consumed, so that a grant is worth a frame.
    var isUpdateDue: Bool { credit >= size / 2 }

    /// Takes `byteCount` bytes out of the window, or returns false when the peer may not send so much.
    mutating func receive(_ byteCount: Int) -> Bool {
        guard byteCount <= available else { return false }
        available -= byteCount
        return true
    }

    /// Notes that the application took `byteCount` bytes; what was never received is not counted.
    mutating func consume(_ byteCount: Int) {
        credit += min(byteCount, size - available - credit)
    }

    /// Whether the half of the window was consumed so fast that it should double.
    func shouldGrow(now: Instant, roundTrip: Duration?) -> Bool {
        guard let roundTrip, isUpdateDue else { return false }
        return now.duration(since: epochStart) < roundTrip * 4
    }

    /// Grants the credit and `growth` more bytes; returns the delta for the peer.
    mutating func takeUpdate(growingBy growth: Int, now: Instant) -> Int {
        let delta = credit + growth
        size += growth
        available += delta
        credit = 0
        epochStart = now
        return delta
    }
}
