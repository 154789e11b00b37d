import MeshCore

/// What a yamux session wants to happen; the driver reuses the buffer.
public struct YamuxEffects: Sendable {
    /// Frames to send to the peer, in order.
    public var frames: [UInt8] = []
    /// What happened, in order.
    public var events: [YamuxEvent] = []

    /// Creates an empty buffer.
    public init() {}

    /// Empties the buffer and keeps its memory.
    public mutating func removeAll() {
        frames.removeAll(keepingCapacity: true)
        events.removeAll(keepingCapacity: true)
    }
}

/// Something that happened in a yamux session.
public enum YamuxEvent: Hashable, Sendable {
    /// The peer opened a stream.
    case opened(StreamID)
    /// Bytes for a stream, as a range of the arena that `receive` was told about; `consumed` is owed for
    /// them.
    case data(StreamID, Range<Int>)
    /// The peer finished writing; this side may go on.
    case end(StreamID)
    /// The stream is gone: the peer reset it, or broke its rules.
    case reset(StreamID, code: UInt32)
    /// The bytes that waited for the peer's window fell to the low-water mark.
    case writable(StreamID)
    /// Both directions ended cleanly; the stream is gone.
    case finished(StreamID)
    /// The peer accepts no more streams; open ones go on.
    case goAway(code: UInt32)
    /// A ping was answered.
    case roundTrip(Duration)
    /// The session ended with all its streams; the frames are still to be sent, then the connection closes.
    case closed(YamuxError?)
}
