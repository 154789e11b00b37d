import MeshCore
import MeshCrypto
import MeshMultiformats

/// libp2p's secure channel handshake: Noise XX in frames, with identities and stream muxers in the payloads.
///
/// | State | Input | Output | Next state |
/// |---|---|---|---|
/// | idle, dialer | `start` | message 1 | awaitingMessage2 |
/// | idle, listener | `start` | | awaitingMessage1 |
/// | awaitingMessage1 | message 1 | message 2 with our payload | awaitingMessage3 |
/// | awaitingMessage2 | message 2 whose payload proves the expected peer | message 3 with our payload | closed, secured |
/// | awaitingMessage2 | message 2 of another peer, or false | nothing; throws | closed |
/// | awaitingMessage3 | message 3 whose payload proves a peer | | closed, secured |
/// | awaitingMessage3 | any other | nothing; throws | closed |
/// | closed | | takes no bytes | closed |
///
/// A dialer compares the proven peer with the expected one before message 3 exists, so a wrong address learns
/// nothing about who dialled. A payload in message 1 is ignored. Source: libp2p/specs noise/README.md.
public struct NoiseSecurity {
    /// What a finished handshake gives.
    public struct Secured {
        /// The ciphers of the session.
        public var transport: NoiseTransport
        /// Who the peer is.
        public var peer: PeerID
        /// The peer's public key.
        public var publicKey: PublicKey
        /// The stream muxer that both sides listed, or nil when one side did not list any.
        public var muxer: String?
        /// The hash that names this session.
        public var handshakeHash: Bytes32
    }

    private enum State {
        case idle
        case awaitingMessage1
        case awaitingMessage2(NoiseHandshake)
        case awaitingMessage3(NoiseHandshake)
        case closed
    }

    /// The longest handshake message that is accepted: an RSA-8192 identity takes about 2.2 KiB.
    public static let maximumMessageByteCount = 8192

    private let role: ConnectionRole
    private let identity: ConnectionIdentity
    private let expectedPeer: PeerID?
    private let muxers: [String]
    private var frames = NoiseFrameReader()
    private var state = State.idle

    /// Creates a handshake; `muxers` are offered to the peer, none when the list is empty.
    public init(
        role: ConnectionRole, identity: ConnectionIdentity, expectedPeer: PeerID?, muxers: [String]
    ) {
        self.role = role
        self.identity = identity
        self.expectedPeer = expectedPeer
        self.muxers = muxers
    }

    /// Starts; a dialer's first message is appended to `output`.
    public mutating func start(
        using rng: inout some RandomNumberGenerator, into output: inout [UInt8]
    ) throws(NoiseError) {
        guard case .idle = state else { return }
        switch role {
        case .listener:
            state = .awaitingMessage1
        case .dialer:
            var handshake = makeHandshake(using: &rng)
            try Self.write(&handshake, payload: [], into: &output)
            state = .awaitingMessage2(handshake)
        }
    }

    /// Takes received bytes from `offset` on; returns the session once it is established.
    ///
    /// `offset` is moved behind the handshake's last frame; what follows it belongs to the session.
    public mutating func receive(
        _ bytes: RawSpan, at offset: inout Int, using rng: inout some RandomNumberGenerator,
        into output: inout [UInt8]
    ) throws(NoiseError) -> Secured? {
        while true {
            switch state {
            case .idle, .closed: return nil
            case .awaitingMessage1, .awaitingMessage2, .awaitingMessage3: break
            }
            let limit = Self.maximumMessageByteCount
            let secured: Secured?
            switch try frames.next(in: bytes, at: &offset, limit: limit) {
            case nil: return nil
            case .received(let range):
                secured = try handle(bytes.extracting(range), using: &rng, into: &output)
            case .collected(let range):
                let message = frames.collected
                secured = try handle(message.span.bytes.extracting(range), using: &rng, into: &output)
            }
            if let secured { return secured }
        }
    }

    private mutating func handle(
        _ message: RawSpan, using rng: inout some RandomNumberGenerator, into output: inout [UInt8]
    ) throws(NoiseError) -> Secured? {
        let current = state
        state = .closed
        switch current {
        case .idle, .closed:
            return nil
        case .awaitingMessage1:
            var handshake = makeHandshake(using: &rng)
            _ = try handshake.readMessage(message)
            try Self.write(&handshake, payload: ourPayload, into: &output)
            state = .awaitingMessage3(handshake)
            return nil
        case .awaitingMessage2(var handshake):
            let remote = try identify(try handshake.readMessage(message), in: handshake)
            let muxer = try agree(dialer: muxers, listener: remote.muxers, theirs: remote.muxers)
            try Self.write(&handshake, payload: ourPayload, into: &output)
            return try secured(handshake, remote: remote, muxer: muxer)
        case .awaitingMessage3(var handshake):
            let remote = try identify(try handshake.readMessage(message), in: handshake)
            let muxer = try agree(dialer: remote.muxers, listener: muxers, theirs: remote.muxers)
            return try secured(handshake, remote: remote, muxer: muxer)
        }
    }

    private var ourPayload: [UInt8] {
        NoisePayload(
            identityKey: identity.encodedKey, signature: identity.staticKeySignature, streamMuxers: muxers
        ).encoded
    }

    private func makeHandshake(using rng: inout some RandomNumberGenerator) -> NoiseHandshake {
        NoiseHandshake(
            role: role, staticKey: identity.staticKey, ephemeralKey: X25519PrivateKey(using: &rng))
    }

    private static func write(
        _ handshake: inout NoiseHandshake, payload: [UInt8], into output: inout [UInt8]
    ) throws(NoiseError) {
        var message: [UInt8] = []
        try handshake.writeMessage(payload: payload.span.bytes, appendingTo: &message)
        output.appendBigEndian(UInt16(truncatingIfNeeded: message.count))
        output += message
    }

    private struct Remote {
        var peer: PeerID
        var publicKey: PublicKey
        var muxers: [String]
    }

    /// Who sent `payload`: proven by its signature, and the expected peer if there is one.
    private func identify(_ payload: [UInt8], in handshake: NoiseHandshake) throws(NoiseError) -> Remote {
        let decoded: NoisePayload
        do throws(ProtobufError) {
            decoded = try NoisePayload(payload.span.bytes)
        } catch {
            throw .badPayload(error)
        }
        guard let publicKey = try? PublicKey(protobuf: decoded.identityKey.span.bytes) else {
            throw .badIdentityKey(byteCount: decoded.identityKey.count)
        }
        let peer = publicKey.peerID
        guard let staticKey = handshake.remoteStaticKey else { throw .outOfTurn }
        let signed = NoisePayload.signedBytes(staticKey: staticKey)
        guard publicKey.verify(signature: decoded.signature.span.bytes, of: signed.span.bytes) else {
            throw .badSignature(peer)
        }
        if let expectedPeer, expectedPeer != peer { throw .wrongPeer(expected: expectedPeer, actual: peer) }
        return Remote(peer: peer, publicKey: publicKey, muxers: decoded.streamMuxers)
    }

    /// The first muxer of the dialer's list that the listener has too; nil when one list is empty.
    private func agree(
        dialer: [String], listener: [String], theirs: [String]
    ) throws(NoiseError) -> String? {
        guard !dialer.isEmpty, !listener.isEmpty else { return nil }
        guard let muxer = dialer.first(where: { listener.contains($0) }) else {
            throw .noCommonMuxer(ours: muxers, theirs: theirs)
        }
        return muxer
    }

    private func secured(
        _ handshake: NoiseHandshake, remote: Remote, muxer: String?
    ) throws(NoiseError) -> Secured {
        guard let transport = handshake.transport() else { throw .outOfTurn }
        return Secured(
            transport: transport, peer: remote.peer, publicKey: remote.publicKey, muxer: muxer,
            handshakeHash: handshake.handshakeHash)
    }
}
