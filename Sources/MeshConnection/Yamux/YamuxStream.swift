import MeshCore

/// One stream of a session.
///
/// | state | `finish`, nothing waits | `finish`, bytes wait | queue runs empty | FIN of the peer |
/// |---|---|---|---|---|
/// | open | FIN, finished | finishing | | ended |
/// | finishing | | | FIN, finished | endedFinishing |
/// | finished | | | | gone (`.finished`) |
/// | ended | FIN, gone (`.finished`) | endedFinishing | | |
/// | endedFinishing | | | FIN, gone (`.finished`) | |
///
/// An empty cell changes nothing. A reset of either side leads from every state to gone.
struct YamuxStream: Sendable {
    /// How far the two directions have ended.
    enum State: Sendable {
        /// Both sides may write.
        case open
        /// We finished, but bytes and the FIN wait for the window; the peer may write.
        case finishing
        /// Our FIN was sent; the peer may write.
        case finished
        /// The peer finished; we may write.
        case ended
        /// Both finished, but our bytes and FIN wait for the window.
        case endedFinishing
    }

    /// Whether the stream's opening was answered.
    enum Acknowledgement: Sendable {
        /// Ours, and the peer has sent nothing on it.
        case awaited
        /// The peer's, and we have sent nothing on it.
        case owed
        case done
    }

    let id: StreamID
    let isOutbound: Bool
    var state = State.open
    var acknowledgement: Acknowledgement
    /// Bytes that we may send.
    var sendWindow = YamuxConfiguration.initialWindow
    var receiveWindow: YamuxReceiveWindow
    var queue = YamuxSendQueue()
    /// Whether the stream stands in the session's round-robin list.
    var isScheduled = false
    /// Whether bytes had to wait, so that `.writable` is owed.
    var owesWritable = false

    init(id: StreamID, isOutbound: Bool, now: Instant) {
        self.id = id
        self.isOutbound = isOutbound
        acknowledgement = isOutbound ? .awaited : .owed
        receiveWindow = YamuxReceiveWindow(now: now)
    }

    /// Whether `write` is allowed.
    var isWritable: Bool {
        switch state {
        case .open, .ended: true
        case .finishing, .finished, .endedFinishing: false
        }
    }

    /// Whether the peer may still send data.
    var isReadable: Bool {
        switch state {
        case .open, .finishing, .finished: true
        case .ended, .endedFinishing: false
        }
    }
}
