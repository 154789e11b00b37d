import MeshCore
import Testing

@testable import MeshConnection

/// One frame as bytes.
func yamuxFrame(
    _ kind: YamuxHeader.Kind, _ flags: YamuxHeader.Flags = [], stream: UInt32, length: UInt32? = nil,
    body: [UInt8] = []
) -> [UInt8] {
    var bytes: [UInt8] = []
    YamuxHeader(kind, flags, stream: stream, length: length ?? UInt32(body.count)).append(to: &bytes)
    return bytes + body
}

/// The headers of well-formed frames, bodies left out.
func yamuxHeaders(_ frames: [UInt8]) throws -> [YamuxHeader] {
    var headers: [YamuxHeader] = []
    var offset = 0
    while offset < frames.count {
        let header = try YamuxHeader(frames.span.bytes, at: offset)
        headers.append(header)
        offset += YamuxHeader.byteCount + (header.kind == .data ? Int(header.length) : 0)
    }
    return headers
}

/// A session with its effects and what its streams received.
struct YamuxEnd {
    var session: YamuxSession
    var effects = YamuxEffects()
    var now = Instant(nanoseconds: 1_000_000_000)
    /// All events in order, data as ranges of the chunk that brought them.
    var events: [YamuxEvent] = []
    var received: [StreamID: [UInt8]] = [:]
    var unconsumed: [StreamID: Int] = [:]

    init(_ role: ConnectionRole, _ configuration: YamuxConfiguration = YamuxConfiguration()) {
        session = YamuxSession(role: role, configuration: configuration, now: now)
    }

    /// Hands the chunk to the session, at an arena offset that is not zero.
    mutating func receive(_ chunk: some Collection<UInt8>) {
        let arena = [UInt8](repeating: 0xee, count: 7) + chunk
        session.receive(
            arena.span.bytes.extracting(droppingFirst: 7), arenaOffset: 7, now: now, into: &effects)
        takeEvents(arena: arena)
    }

    /// Moves the events of the effects to the log.
    mutating func takeEvents(arena: [UInt8] = []) {
        for event in effects.events {
            events.append(event)
            guard case .data(let stream, let range) = event else { continue }
            received[stream, default: []] += arena[range]
            unconsumed[stream, default: 0] += range.count
        }
        effects.events.removeAll()
    }

    /// Takes the frames to send.
    mutating func takeFrames() -> [UInt8] {
        defer { effects.frames.removeAll() }
        return effects.frames
    }

    mutating func open() throws -> StreamID {
        try session.open(now: now, into: &effects)
    }

    mutating func write(_ bytes: [UInt8], to stream: StreamID) throws(YamuxError) {
        try session.write(bytes.span.bytes, to: stream, now: now, into: &effects)
        takeEvents()
    }

    mutating func finish(_ stream: StreamID) {
        session.finish(stream, now: now, into: &effects)
        takeEvents()
    }

    mutating func reset(_ stream: StreamID, code: UInt32 = 0) {
        session.reset(stream, code: code, now: now, into: &effects)
        takeEvents()
    }

    mutating func consume(_ byteCount: Int, from stream: StreamID) {
        session.consumed(byteCount, from: stream, now: now, into: &effects)
        unconsumed[stream, default: 0] -= byteCount
    }

    mutating func handleDeadline() {
        session.handleDeadline(now: now, into: &effects)
        takeEvents()
    }

    /// The error with which the session closed, if it did.
    var closingError: YamuxError? {
        for case .closed(let error) in events { return error }
        return nil
    }
}

/// Carries frames between both until none is left.
func yamuxExchange(_ first: inout YamuxEnd, _ second: inout YamuxEnd) {
    while !first.effects.frames.isEmpty || !second.effects.frames.isEmpty {
        second.receive(first.takeFrames())
        first.receive(second.takeFrames())
    }
}
