import MeshCore

@testable import MeshConnection

/// A dialer that speaks Noise properly and then sends whatever a test wants.
struct ConnectionRawDialer {
    private(set) var listener: ConnectionTestEnd
    private var transport: NoiseTransport?
    private var rng: SeededGenerator
    var now = Instant.zero

    init(
        seed: UInt64 = 7, muxers: [String] = ["/yamux/1.0.0"],
        configuration: ConnectionConfiguration = ConnectionConfiguration()
    ) throws {
        rng = SeededGenerator(seed: seed)
        var effects = ConnectionEffects()
        let connection = Connection(
            role: .listener, identity: ConnectionTestPair.listenerIdentity, protocols: ["/echo/1.0.0"],
            configuration: configuration, now: now, using: &rng, into: &effects)
        listener = ConnectionTestEnd(connection: connection, effects: effects)
        var noise = NoiseSecurity(
            role: .dialer, identity: ConnectionTestPair.dialerIdentity, expectedPeer: nil, muxers: muxers)
        var outbound = Multistream.encodedHeader + Multistream.encode("/noise")
        let answerByteCount = outbound.count
        try noise.start(using: &rng, into: &outbound)
        deliver(outbound)
        outbound = []
        var offset = answerByteCount
        let answer = listener.outbox
        let secured = try noise.receive(
            answer.span.bytes, at: &offset, using: &rng, into: &outbound)
        listener.outbox = []
        transport = secured?.transport
        deliver(outbound)
    }

    /// Gives bytes to the listener as they are.
    mutating func deliver(_ bytes: [UInt8]) {
        listener.connection.receive(bytes.span.bytes, now: now, using: &rng, into: &listener.effects)
        listener.drain(now: now)
    }

    /// Seals `plaintext` and gives it to the listener, in one piece with the bytes `tail`.
    mutating func send(_ plaintext: [UInt8], then tail: [UInt8] = []) throws {
        var wire: [UInt8] = []
        try transport?.seal(plaintext.span.bytes, appendingTo: &wire)
        deliver(wire + tail)
    }

    /// The plaintext of what the listener has sent since the last call.
    mutating func answers() throws -> [UInt8] {
        var plaintext: [UInt8] = []
        var reader = NoiseFrameReader()
        var offset = 0
        let wire = listener.outbox
        listener.outbox = []
        while case .received(let range) = try reader.next(in: wire.span.bytes, at: &offset, limit: 65_535) {
            try transport?.openMessage(wire.span.bytes.extracting(range), appendingTo: &plaintext)
        }
        return plaintext
    }

    /// A DATA frame, with SYN when it opens the stream.
    static func data(_ stream: UInt32, _ body: [UInt8], flags: UInt16 = 0) -> [UInt8] {
        var frame: [UInt8] = [0, 0]
        frame.appendBigEndian(flags)
        frame.appendBigEndian(stream)
        frame.appendBigEndian(UInt32(body.count))
        return frame + body
    }

    /// Lets the listener do what is due at `instant`.
    mutating func advance(to instant: Instant) {
        now = instant
        listener.connection.handleDeadline(now: now, into: &listener.effects)
        listener.drain(now: now)
    }
}
