import MeshCore
import MeshMultiformats

/// One connection to one peer, from the first byte to the last, without I/O.
///
/// It composes the layers: private network (if there is a key), multistream-select for `/noise`, Noise XX, the
/// muxer's negotiation (inside Noise, or by multistream-select), yamux, and multistream-select on every stream.
///
/// | State | Input | Events | Next state |
/// |---|---|---|---|
/// | securing | the peer proves itself, muxer listed by both | `.secured`, `.established` | open |
/// | securing | the peer proves itself | `.secured` | selectingMuxer |
/// | selectingMuxer | the muxer is agreed | `.established` | open |
/// | open | frames, calls | those of streams | open |
/// | open | `close`, end of the muxer's session | `.closed` | closed |
/// | open, the peer went away | end of the socket | `.closed(nil)` | closed |
/// | securing, selectingMuxer | `close` | `.closed(nil)` | closed |
/// | securing, selectingMuxer | the handshake deadline | `.closed(.handshakeTimeout)` | closed |
/// | any but closed | a violation | `.closed(error)` | closed |
/// | any but closed | end of the socket | `.closed(.endOfStream)` | closed |
/// | closed | anything | none; calls that open or write throw | closed |
///
/// The driver passes received bytes in any chunking, drains the effects after a batch of calls, and calls
/// ``handleDeadline(now:into:)`` when ``nextDeadline`` has come.
public struct Connection {
    private enum State {
        case securing(SecurityUpgrade)
        case selectingMuxer(MuxerSelection)
        /// With `session`, which lies beside the state so that calls change it in place: moving it out of the enum
        /// and back took a third of the time of a small message.
        case open
        case closed
    }

    /// Which side this is.
    public let role: ConnectionRole
    private let configuration: ConnectionConfiguration
    private var protocols: [String]
    private var handshakeDeadline: Instant
    private var cipher: PrivateNetworkCipher?
    private var state = State.closed
    /// Not nil exactly in the state `open`.
    private var session: ConnectionSession?

    /// Starts a connection; a dialer's first bytes are in `effects` at once.
    ///
    /// A dialer with an `expectedPeer` shows its identity to that peer only. `protocols` are those that the peer
    /// may open streams for. `rng` must be fit for keys.
    public init(
        role: ConnectionRole, identity: ConnectionIdentity, expectedPeer: PeerID? = nil,
        presharedKey: PresharedKey? = nil, protocols: [String],
        configuration: ConnectionConfiguration = ConnectionConfiguration(), now: Instant,
        using rng: inout some RandomNumberGenerator, into effects: inout ConnectionEffects
    ) {
        self.role = role
        self.configuration = configuration
        self.protocols = protocols
        handshakeDeadline = now + configuration.handshakeTimeout
        if let presharedKey {
            cipher = PrivateNetworkCipher(key: presharedKey, using: &rng, into: &effects.outbound)
        }
        let start = effects.outbound.count
        do throws(ConnectionError) {
            state = .securing(
                try SecurityUpgrade(
                    role: role, identity: identity, expectedPeer: expectedPeer,
                    configuration: configuration, using: &rng, into: &effects.outbound))
        } catch {
            effects.events.append(.closed(error))
        }
        cipher?.seal(&effects.outbound, from: start)
    }

    /// How far the connection has come, or nil after its end.
    public var stage: ConnectionStage? {
        switch state {
        case .securing(let upgrade): upgrade.stage
        case .selectingMuxer: .muxerNegotiation
        case .open: .open
        case .closed: nil
        }
    }

    /// When ``handleDeadline(now:into:)`` is wanted, or nil after the end.
    public var nextDeadline: Instant? {
        switch state {
        case .securing, .selectingMuxer: handshakeDeadline
        case .open: session?.streams.nextDeadline
        case .closed: nil
        }
    }

    /// The number of open streams, those that are not agreed yet included.
    public var streamCount: Int { session?.streams.yamux.streamCount ?? 0 }

    /// The number of open streams that this side opened.
    public var outboundStreamCount: Int { session?.streams.yamux.outboundStreamCount ?? 0 }

    /// The last measured round trip, or nil before the first.
    public var roundTrip: Duration? { session?.streams.yamux.roundTrip }

    /// The bytes of `stream` that were written and not yet given to the socket.
    public func bufferedByteCount(_ stream: StreamID) -> Int {
        session?.streams.bufferedByteCount(stream) ?? 0
    }

    /// Sets the protocols that the peer may open streams for from now on.
    public mutating func setProtocols(_ protocols: [String]) {
        self.protocols = protocols
        session?.streams.protocols = protocols
    }

    /// Takes received bytes, in any chunking.
    public mutating func receive(
        _ bytes: RawSpan, now: Instant, using rng: inout some RandomNumberGenerator,
        into effects: inout ConnectionEffects
    ) {
        guard cipher != nil else { return advance(bytes, now: now, using: &rng, into: &effects) }
        var plain: [UInt8] = []
        swap(&plain, &effects.unveiled)
        let start = effects.outbound.count
        cipher?.open(bytes, appendingTo: &plain)
        advance(plain.span.bytes, now: now, using: &rng, into: &effects)
        cipher?.seal(&effects.outbound, from: start)
        plain.removeAll(keepingCapacity: true)
        swap(&plain, &effects.unveiled)
    }

    /// Notes that the peer closed the socket, or its sending side.
    public mutating func receiveEnd(now: Instant, into effects: inout ConnectionEffects) {
        guard let stage else { return }
        var error: ConnectionError? = .endOfStream(during: stage)
        if let session, session.streams.peerWentAway { error = nil }
        end(error, into: &effects)
    }

    /// Opens a stream for the first of `protocols` that the peer speaks.
    ///
    /// The first proposal is queued at once. With one protocol the stream can be written to without waiting for
    /// `.streamNegotiated`; with several, what is written waits for it.
    public mutating func openStream(
        _ protocols: [String], now: Instant, into effects: inout ConnectionEffects
    ) throws(ConnectionError) -> StreamID {
        guard session != nil else { throw .notOpen }
        let start = effects.outbound.count
        defer { settle(from: start, into: &effects) }
        guard let stream = try session?.streams.open(protocols, now: now, into: &effects) else {
            throw .notOpen
        }
        return stream
    }

    /// Sends `bytes` on `stream`.
    ///
    /// What the peer's window does not allow is buffered up to `configuration.yamux.maximumStreamBufferedBytes`;
    /// beyond, this throws and nothing is sent or kept: wait for `.writable`.
    public mutating func write(
        _ bytes: RawSpan, to stream: StreamID, now: Instant, into effects: inout ConnectionEffects
    ) throws(ConnectionError) {
        guard session != nil else { throw .notOpen }
        let start = effects.outbound.count
        defer { settle(from: start, into: &effects) }
        try session?.streams.write(bytes, to: stream, now: now, into: &effects)
    }

    /// Ends our direction of `stream` behind the bytes that were written; the peer may still write.
    public mutating func finish(_ stream: StreamID, now: Instant, into effects: inout ConnectionEffects) {
        let start = effects.outbound.count
        session?.streams.finish(stream, now: now, into: &effects)
        settle(from: start, into: &effects)
    }

    /// Ends both directions of `stream` at once; no event follows.
    public mutating func reset(
        _ stream: StreamID, code: UInt32, now: Instant, into effects: inout ConnectionEffects
    ) {
        let start = effects.outbound.count
        session?.streams.reset(stream, code: code, now: now, into: &effects)
        settle(from: start, into: &effects)
    }

    /// Notes that the driver took `byteCount` bytes of `stream`, so that the peer may send as many more.
    public mutating func consumed(
        _ byteCount: Int, from stream: StreamID, now: Instant, into effects: inout ConnectionEffects
    ) {
        let start = effects.outbound.count
        session?.streams.consumed(byteCount, from: stream, now: now, into: &effects)
        settle(from: start, into: &effects)
    }

    /// Says goodbye to the peer and ends the connection with `.closed(nil)`.
    public mutating func close(code: UInt32, now: Instant, into effects: inout ConnectionEffects) {
        switch state {
        case .closed: return
        case .securing, .selectingMuxer: end(nil, into: &effects)
        case .open:
            let start = effects.outbound.count
            session?.streams.close(code: code, now: now, into: &effects)
            settle(from: start, into: &effects)
        }
    }

    /// Does what is due: ends a handshake or drops a negotiation that took too long, sends keepalives.
    public mutating func handleDeadline(now: Instant, into effects: inout ConnectionEffects) {
        switch state {
        case .closed:
            return
        case .securing, .selectingMuxer:
            guard now >= handshakeDeadline, let stage else { return }
            end(.handshakeTimeout(stage, limit: configuration.handshakeTimeout), into: &effects)
        case .open:
            let start = effects.outbound.count
            session?.channel.releaseIdleMemory()
            session?.streams.handleDeadline(now: now, into: &effects)
            settle(from: start, into: &effects)
        }
    }
}

extension Connection {
    /// Takes bytes that the private network, if any, has opened.
    private mutating func advance(
        _ bytes: RawSpan, now: Instant, using rng: inout some RandomNumberGenerator,
        into effects: inout ConnectionEffects
    ) {
        var offset = 0
        do throws(ConnectionError) {
            if case .securing(var upgrade) = state {
                state = .closed
                let secured = try upgrade.receive(bytes, at: &offset, using: &rng, into: &effects.outbound)
                guard let secured else {
                    state = .securing(upgrade)
                    return
                }
                try enter(secured, now: now, into: &effects)
            }
            switch state {
            case .open:
                try session?.receive(bytes, from: offset, now: now, into: &effects)
                leaveIfClosed()
            case .selectingMuxer(var selection):
                state = .closed
                try select(&selection, bytes, from: offset, now: now, into: &effects)
            case .securing, .closed:
                return
            }
        } catch {
            fail(error, into: &effects)
        }
    }

    /// Goes on from the finished Noise handshake.
    private mutating func enter(
        _ secured: NoiseSecurity.Secured, now: Instant, into effects: inout ConnectionEffects
    ) throws(ConnectionError) {
        effects.events.append(.secured(secured.peer, secured.publicKey))
        let info = ConnectionInfo(
            peer: secured.peer, publicKey: secured.publicKey, security: ConnectionConfiguration.security,
            muxer: secured.muxer ?? ConnectionConfiguration.muxer, earlyMuxer: secured.muxer != nil)
        let channel = NoiseChannel(secured.transport)
        guard secured.muxer == nil else {
            return establish(channel, info: info, now: now, into: &effects)
        }
        var proposal: [UInt8] = []
        var selection = MuxerSelection(
            role: role, channel: channel, info: info, configuration: configuration, into: &proposal)
        try selection.channel.sealAll(&proposal, appendingTo: &effects.outbound)
        state = .selectingMuxer(selection)
    }

    /// Feeds the muxer's negotiation; what follows it goes to the muxer.
    private mutating func select(
        _ selection: inout MuxerSelection, _ bytes: RawSpan, from offset: Int, now: Instant,
        into effects: inout ConnectionEffects
    ) throws(ConnectionError) {
        var position = effects.arena.count
        do throws(NoiseError) {
            try selection.channel.open(bytes, from: offset, appendingTo: &effects.arena)
        } catch {
            throw .noise(error)
        }
        var answer: [UInt8] = []
        let isAgreed = try selection.receive(effects.arena.span.bytes, at: &position, into: &answer)
        try selection.channel.sealAll(&answer, appendingTo: &effects.outbound)
        guard isAgreed else {
            state = .selectingMuxer(selection)
            return
        }
        establish(selection.channel, info: selection.info, now: now, into: &effects)
        session?.streams.receive(position..<effects.arena.count, now: now, into: &effects)
        try session?.flush(into: &effects)
        leaveIfClosed()
    }

    private mutating func establish(
        _ channel: NoiseChannel, info: ConnectionInfo, now: Instant, into effects: inout ConnectionEffects
    ) {
        let streams = ConnectionStreams(
            role: role, protocols: protocols, configuration: configuration, now: now)
        session = ConnectionSession(channel: channel, streams: streams)
        state = .open
        effects.events.append(.established(info))
    }
}

extension Connection {
    /// Seals what a call to the session wants to send, and leaves the session when it has ended.
    private mutating func settle(from outboundStart: Int, into effects: inout ConnectionEffects) {
        guard session != nil else { return }
        do throws(ConnectionError) {
            try session?.flush(into: &effects)
            leaveIfClosed()
        } catch {
            fail(error, into: &effects)
        }
        cipher?.seal(&effects.outbound, from: outboundStart)
    }

    private mutating func leaveIfClosed() {
        guard let isClosed = session?.streams.yamux.isClosed, isClosed else { return }
        session = nil
        state = .closed
    }

    private mutating func fail(_ error: ConnectionError, into effects: inout ConnectionEffects) {
        effects.muxed.removeAll()
        end(error, into: &effects)
    }

    private mutating func end(_ error: ConnectionError?, into effects: inout ConnectionEffects) {
        session = nil
        state = .closed
        effects.events.append(.closed(error))
    }
}
