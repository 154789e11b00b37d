import MeshCore
import MeshCrypto
import MeshMultiformats

/// Why a Noise handshake or a Noise session cannot go on.
public enum NoiseError: Error, Hashable, Sendable {
    /// A handshake message of `byteCount` bytes is shorter than its keys and tags.
    case messageTooShort(byteCount: Int, minimum: Int)
    /// A handshake message is longer than the limit.
    case messageTooLong(byteCount: Int, limit: Int)
    /// Bytes do not authenticate: they were changed, or sealed under another key.
    case notAuthentic(byteCount: Int)
    /// The peer's Diffie-Hellman key would give an all-zero secret.
    case lowOrderPublicKey
    /// The handshake payload is not the protobuf message that libp2p defines.
    case badPayload(ProtobufError)
    /// The identity key in the payload cannot be read.
    case badIdentityKey(byteCount: Int)
    /// The payload's signature does not bind the Noise static key to the identity of this peer.
    case badSignature(PeerID)
    /// The peer is not the one that was dialled; nothing that shows our identity was sent.
    case wrongPeer(expected: PeerID, actual: PeerID)
    /// Both sides listed stream muxers and no muxer is in both lists.
    case noCommonMuxer(ours: [String], theirs: [String])
    /// The 2^64 - 1 messages of a key are used up.
    case nonceExhausted
    /// A handshake method was called when it was the other side's turn, or after the end.
    case outOfTurn
}

extension NoiseError: CustomStringConvertible {
    /// What happened, with what, and what to do.
    public var description: String {
        switch self {
        case .messageTooShort(let byteCount, let minimum):
            "a Noise handshake message of \(byteCount) bytes is shorter than the least of \(minimum) bytes; "
                + "the connection was closed"
        case .messageTooLong(let byteCount, let limit):
            "a Noise handshake message of \(byteCount) bytes exceeds the \(limit)-byte limit; "
                + "the connection was closed"
        case .notAuthentic(let byteCount):
            "a Noise message of \(byteCount) bytes does not authenticate; the connection was closed"
        case .lowOrderPublicKey:
            "the peer's Noise key is a point of low order; the connection was closed"
        case .badPayload(let error):
            "the peer's Noise handshake payload cannot be read (\(error)); the connection was closed"
        case .badIdentityKey(let byteCount):
            "the peer's identity key of \(byteCount) bytes cannot be read; the connection was closed"
        case .badSignature(let peer):
            "the peer claims to be \(peer) but its signature does not prove it; the connection was closed"
        case .wrongPeer(let expected, let actual):
            "the address belongs to \(actual), not to \(expected); nothing was sent that shows who we are: "
                + "ask for the current address of \(expected)"
        case .noCommonMuxer(let ours, let theirs):
            "the peer offers the stream muxers \(PeerText.list(theirs)) and we speak \(PeerText.list(ours)); "
                + "the connection was closed"
        case .nonceExhausted:
            "2^64 - 1 messages were sent under one Noise key; open a new connection"
        case .outOfTurn:
            "a Noise handshake message was asked for out of turn"
        }
    }
}

extension NoiseError {
    /// The form that `error` takes here.
    init(_ error: CryptoError) {
        switch error {
        case .authenticationFailed(let byteCount): self = .notAuthentic(byteCount: byteCount)
        case .ciphertextTooShort(let byteCount, _): self = .notAuthentic(byteCount: byteCount)
        case .lowOrderPublicKey: self = .lowOrderPublicKey
        }
    }
}
