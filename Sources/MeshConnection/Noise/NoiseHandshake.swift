import MeshCore
import MeshCrypto

/// A Noise handshake of any pattern of ``NoisePattern``, message by message and without framing.
///
/// | State | Input | Next state |
/// |---|---|---|
/// | message i, ours | `writeMessage` | message i + 1, or complete |
/// | message i, theirs | `readMessage` that authenticates | message i + 1, or complete |
/// | message i, theirs | `readMessage` that does not | failed |
/// | any other | `writeMessage`, `readMessage` | throws `.outOfTurn`, unchanged |
/// | complete | `transport()` | complete |
///
/// Source: Noise specification revision 34, section 5.3.
public struct NoiseHandshake {
    private enum State {
        case message(Int)
        case complete
        case failed
    }

    /// The length of a Curve25519 key.
    private static let keyByteCount = 32

    private let pattern: NoisePattern
    private let role: ConnectionRole
    private let staticKey: X25519PrivateKey
    private let ephemeralKey: X25519PrivateKey
    /// The peer's static key, once it is known.
    public private(set) var remoteStaticKey: Bytes32?
    private var remoteEphemeralKey: Bytes32?
    private var symmetric: NoiseSymmetricState
    private var state = State.message(0)

    /// Creates a handshake; the dialer is the initiator.
    ///
    /// `remoteStaticKey` is needed by the initiator of a pattern that knows its responder, and only there.
    public init(
        pattern: NoisePattern = .xx, role: ConnectionRole, staticKey: X25519PrivateKey,
        ephemeralKey: X25519PrivateKey, remoteStaticKey: Bytes32? = nil, prologue: [UInt8] = []
    ) {
        self.pattern = pattern
        self.role = role
        self.staticKey = staticKey
        self.ephemeralKey = ephemeralKey
        self.remoteStaticKey = remoteStaticKey
        symmetric = NoiseSymmetricState(protocolName: pattern.protocolName)
        symmetric.mixHash(prologue.span.bytes)
        guard pattern.responderIsKnown else { return }
        let responderKey = role == .listener ? staticKey.publicKey : remoteStaticKey
        if let responderKey { symmetric.mixHash(responderKey) }
    }

    /// Whether all messages were exchanged.
    public var isComplete: Bool {
        if case .complete = state { true } else { false }
    }

    /// The hash of everything exchanged so far; after the end it names this session.
    public var handshakeHash: Bytes32 { symmetric.hash }

    /// Appends our next message with `payload` to `output`.
    public mutating func writeMessage(
        payload: RawSpan, appendingTo output: inout [UInt8]
    ) throws(NoiseError) {
        let tokens = try tokens(isWriting: true)
        for token in tokens.list {
            switch token {
            case .e:
                ephemeralKey.publicKey.withBytes { output.append(contentsOf: $0) }
                symmetric.mixHash(ephemeralKey.publicKey)
            case .s:
                let key = staticKey.publicKey.bytes
                symmetric.encryptAndHash(key.span.bytes, appendingTo: &output)
            case .ee, .es, .se, .ss:
                try mixSecret(token)
            }
        }
        symmetric.encryptAndHash(payload, appendingTo: &output)
        state = tokens.next
    }

    /// Reads the peer's next message and returns its payload.
    public mutating func readMessage(_ message: RawSpan) throws(NoiseError) -> [UInt8] {
        let tokens = try tokens(isWriting: false)
        state = .failed
        var offset = 0
        for token in tokens.list {
            switch token {
            case .e:
                let key = try takeKey(message, at: &offset, tagByteCount: 0)
                remoteEphemeralKey = key
                symmetric.mixHash(key)
            case .s:
                remoteStaticKey = try takeStaticKey(message, at: &offset)
            case .ee, .es, .se, .ss:
                try mixSecret(token)
            }
        }
        var payload: [UInt8] = []
        try symmetric.decryptAndHash(
            message.extracting(offset..<message.byteCount), appendingTo: &payload)
        state = tokens.next
        return payload
    }

    /// The keys that seal what the initiator and what the responder sends, or nil before all messages were exchanged.
    ///
    /// For transports that number their packets themselves.
    public var transportKeys: (initiator: Bytes32, responder: Bytes32)? {
        guard case .complete = state else { return nil }
        return symmetric.split()
    }

    /// The session's transport, or nil before all messages were exchanged.
    public func transport() -> NoiseTransport? {
        guard case .complete = state else { return nil }
        let (initiatorKey, responderKey) = symmetric.split()
        return switch role {
        case .dialer: NoiseTransport(sendKey: initiatorKey, receiveKey: responderKey)
        case .listener: NoiseTransport(sendKey: responderKey, receiveKey: initiatorKey)
        }
    }

    private func tokens(isWriting: Bool) throws(NoiseError) -> (list: [NoisePattern.Token], next: State) {
        guard case .message(let index) = state else { throw .outOfTurn }
        let isOurs = index.isMultiple(of: 2) == (role == .dialer)
        guard isOurs == isWriting else { throw .outOfTurn }
        let isLast = index + 1 == pattern.messages.count
        return (pattern.messages[index], isLast ? .complete : .message(index + 1))
    }

    private func takeKey(
        _ message: RawSpan, at offset: inout Int, tagByteCount: Int
    ) throws(NoiseError) -> Bytes32 {
        let end = offset + Self.keyByteCount + tagByteCount
        guard end <= message.byteCount,
            let key = Bytes32(message.extracting(offset..<offset + Self.keyByteCount))
        else {
            throw .messageTooShort(byteCount: message.byteCount, minimum: end)
        }
        offset = end
        return key
    }

    private mutating func takeStaticKey(
        _ message: RawSpan, at offset: inout Int
    ) throws(NoiseError) -> Bytes32 {
        let start = offset
        _ = try takeKey(message, at: &offset, tagByteCount: symmetric.tagByteCount)
        var plaintext: [UInt8] = []
        try symmetric.decryptAndHash(message.extracting(start..<offset), appendingTo: &plaintext)
        guard let key = Bytes32(plaintext) else {
            throw .messageTooShort(byteCount: plaintext.count, minimum: Self.keyByteCount)
        }
        return key
    }

    /// Mixes in the Diffie-Hellman secret that `token` names: the initiator's key first.
    private mutating func mixSecret(_ token: NoisePattern.Token) throws(NoiseError) {
        let isInitiator = role == .dialer
        let ours: X25519PrivateKey
        let theirs: Bytes32?
        switch token {
        case .e, .s: return
        case .ee: (ours, theirs) = (ephemeralKey, remoteEphemeralKey)
        case .ss: (ours, theirs) = (staticKey, remoteStaticKey)
        case .es:
            (ours, theirs) =
                isInitiator ? (ephemeralKey, remoteStaticKey) : (staticKey, remoteEphemeralKey)
        case .se:
            (ours, theirs) =
                isInitiator ? (staticKey, remoteEphemeralKey) : (ephemeralKey, remoteStaticKey)
        }
        guard let theirs else { throw .outOfTurn }
        do throws(CryptoError) {
            symmetric.mixKey(try ours.sharedSecret(with: theirs))
        } catch {
            throw NoiseError(error)
        }
    }
}
