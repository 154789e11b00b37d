import MeshConnection
import MeshCore
import MeshMultiformats

/// A whole connection that listens, with a peer that shakes hands properly and then sends anything.
enum ConnectionFuzz {
    static func run(_ input: [UInt8]) throws {
        var parts = FuzzInput(input)
        let style = parts.byte()
        var victim = Victim()
        if style & 1 == 0 {
            for chunk in parts.chunks() { try victim.receive(chunk) }
            return
        }
        var attacker = try Attacker(&victim, listsMuxer: style & 2 == 0)
        for chunk in parts.chunks() {
            try victim.receive(try attacker.seal(chunk))
            if victim.isClosed { return }
        }
        victim.passTime()
    }
}

/// The connection under test, with a small application.
private struct Victim {
    private var connection: Connection
    private var effects = ConnectionEffects()
    private var rng = SeededGenerator(seed: 5)
    private var now = Instant.zero
    var outbound: [UInt8] = []
    var isClosed = false

    init() {
        let identity = ConnectionIdentity(FuzzKeys.own, using: &rng)
        connection = Connection(
            role: .listener, identity: identity, protocols: ["/ipfs/ping/1.0.0", "/ipfs/id/1.0.0"], now: now,
            using: &rng, into: &effects)
    }

    mutating func receive(_ bytes: [UInt8]) throws {
        guard !isClosed else { return }
        connection.receive(bytes.span.bytes, now: now, using: &rng, into: &effects)
        try drain()
    }

    mutating func passTime() {
        for _ in 0..<4 {
            guard let deadline = connection.nextDeadline else { return }
            now = max(now, deadline)
            connection.handleDeadline(now: now, into: &effects)
        }
    }

    private mutating func drain() throws {
        let events = effects.events
        let arenaByteCount = effects.arena.count
        outbound += effects.outbound
        effects.removeAll()
        for (index, event) in events.enumerated() {
            switch event {
            case .data(let stream, let range):
                try promise(
                    range.upperBound <= arenaByteCount && !range.isEmpty, "data lies in the arena: \(range)")
                connection.consumed(range.count, from: stream, now: now, into: &effects)
                let echo = [UInt8](repeating: 1, count: range.count)
                try? connection.write(echo.span.bytes, to: stream, now: now, into: &effects)
            case .end(let stream): connection.finish(stream, now: now, into: &effects)
            case .closed:
                try promise(index == events.count - 1, "the end comes last")
                isClosed = true
            case .secured, .established, .streamOpened, .streamNegotiated, .streamRefused, .reset, .writable,
                .finished, .goAway, .roundTrip:
                break
            }
        }
        outbound += effects.outbound
        if effects.events.contains(where: { if case .closed = $0 { true } else { false } }) {
            isClosed = true
        }
        effects.removeAll()
    }
}

/// A dialer that follows the protocols as far as the muxer.
private struct Attacker {
    private var transport: NoiseTransport

    init(_ victim: inout Victim, listsMuxer: Bool) throws {
        var rng = SeededGenerator(seed: 6)
        let identity = ConnectionIdentity(FuzzKeys.peer, using: &rng)
        var noise = NoiseSecurity(
            role: .dialer, identity: identity, expectedPeer: FuzzKeys.own.peerID,
            muxers: listsMuxer ? [ConnectionConfiguration.muxer] : [])
        let negotiation = Multistream.encodedHeader + Multistream.encode(ConnectionConfiguration.security)
        var hello = negotiation
        try noise.start(using: &rng, into: &hello)
        try victim.receive(hello)
        try promise(victim.outbound.starts(with: negotiation), "the listener agrees on Noise")
        var offset = 0
        var answer: [UInt8] = []
        let frames = Array(victim.outbound.dropFirst(negotiation.count))
        guard let secured = try noise.receive(frames.span.bytes, at: &offset, using: &rng, into: &answer)
        else {
            throw FuzzViolation(description: "a genuine handshake succeeds")
        }
        transport = secured.transport
        try victim.receive(answer)
        try promise(!victim.isClosed, "a genuine handshake leaves the connection open")
    }

    mutating func seal(_ plain: [UInt8]) throws -> [UInt8] {
        var frames: [UInt8] = []
        try transport.seal(plain.span.bytes, appendingTo: &frames)
        return frames
    }
}
