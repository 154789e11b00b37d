import MeshConnection
import MeshCore

/// A yamux session between a peer that sends anything and an application that does anything.
///
/// The input is a list of commands: raw bytes of the peer, frames of the peer with small numbers in the right
/// places, and calls of the application.
enum YamuxFuzz {
    static func run(_ input: [UInt8]) throws {
        var parts = FuzzInput(input)
        var host = YamuxHost(role: parts.byte() & 1 == 0 ? .listener : .dialer)
        while !parts.isEmpty, !host.session.isClosed {
            try host.step(&parts)
        }
    }
}

/// The application above a session, and the check of what the session does.
private struct YamuxHost {
    var session: YamuxSession
    private var configuration = YamuxConfiguration()
    private var effects = YamuxEffects()
    private var now = Instant.zero
    private var streams: [StreamID] = []

    init(role: ConnectionRole) {
        configuration.maximumInboundStreams = 16
        configuration.acceptBacklog = 8
        configuration.maximumStreamBufferedBytes = 4096
        configuration.lowWaterMark = 1024
        session = YamuxSession(role: role, configuration: configuration, now: now)
    }

    mutating func step(_ parts: inout FuzzInput) throws {
        let command = parts.byte()
        let argument = parts.byte()
        switch command & 7 {
        case 0: try receive(parts.take(Int(argument)))
        case 1, 2: try receive(frame(kind: command, stream: argument, &parts))
        case 3:
            if let stream = try? session.open(now: now, into: &effects) { streams.append(stream) }
        case 4:
            let bytes = [UInt8](repeating: argument, count: Int(argument) * 256)
            if let stream = stream(argument) {
                try? session.write(bytes.span.bytes, to: stream, now: now, into: &effects)
            }
        case 5: if let stream = stream(argument) { session.finish(stream, now: now, into: &effects) }
        case 6: if let stream = stream(argument) { session.reset(stream, code: 7, now: now, into: &effects) }
        default:
            now = now + .milliseconds(Int64(argument) * 64)
            session.handleDeadline(now: now, into: &effects)
        }
        try drain(arenaByteCount: 0)
    }

    /// A frame of the peer: type, flags and stream from few values, the length small or from the input.
    private func frame(kind: UInt8, stream: UInt8, _ parts: inout FuzzInput) -> [UInt8] {
        let flags = parts.byte()
        var length = UInt32(parts.byte())
        if flags & 0x80 != 0 { length = length << 24 | UInt32(parts.byte()) << 8 }
        var bytes: [UInt8] = [0, (kind >> 4) & 3, 0, flags & 0x0F, 0, 0, 0, stream & 0x1F]
        bytes.appendBigEndian(length)
        if (kind >> 4) & 3 == 0 { bytes += parts.take(Int(min(length, 512))) }
        return bytes
    }

    private mutating func receive(_ bytes: [UInt8]) throws {
        session.receive(bytes.span.bytes, arenaOffset: 1000, now: now, into: &effects)
        try drain(arenaByteCount: bytes.count)
    }

    private mutating func drain(arenaByteCount: Int) throws {
        let events = effects.events
        try check(frames: effects.frames)
        effects.removeAll()
        for event in events {
            switch event {
            case .opened(let stream): streams.append(stream)
            case .data(let stream, let range):
                try promise(
                    range.lowerBound >= 1000 && range.upperBound <= 1000 + arenaByteCount && !range.isEmpty,
                    "data lies in the arena: \(range) of \(arenaByteCount)")
                session.consumed(range.count, from: stream, now: now, into: &effects)
            case .reset(let stream, _), .finished(let stream): streams.removeAll { $0 == stream }
            case .closed: try promise(session.isClosed, "a closed session says so")
            case .end, .writable, .goAway, .roundTrip: break
            }
        }
        try check(frames: effects.frames)
        try promise(
            session.inboundStreamCount <= configuration.maximumInboundStreams, "the stream limit holds")
        for stream in streams {
            try promise(
                session.bufferedByteCount(stream) <= configuration.maximumStreamBufferedBytes,
                "the buffer limit holds")
        }
        effects.removeAll()
    }

    /// What the session sends is a sequence of whole frames within the limits.
    private func check(frames: [UInt8]) throws {
        var offset = 0
        let bytes = frames.span.bytes
        while offset < frames.count {
            try promise(frames.count - offset >= 12, "frames have whole headers")
            try promise(
                frames[offset] == 0 && frames[offset + 1] <= 3, "frames have a known version and type")
            let length = Int(bytes.bigEndian(at: offset + 8, as: UInt32.self))
            offset += 12
            guard frames[offset - 11] == 0 else { continue }
            try promise(length <= configuration.maximumFrameBody, "bodies keep to their limit: \(length)")
            try promise(length <= frames.count - offset, "frames have whole bodies")
            offset += length
        }
    }

    private func stream(_ argument: UInt8) -> StreamID? {
        streams.isEmpty ? nil : streams[Int(argument) % streams.count]
    }
}
