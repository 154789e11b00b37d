import MeshCore
import MeshCrypto
import MeshMultiformats

/// Who this node is in Noise handshakes: its identity key, and a static key that the identity signed.
///
/// The static key lives as long as the process and is never stored; its signature is made once, which takes a
/// fifth of a handshake's work off every connection. Source: libp2p/specs noise/README.md, "Static Key
/// Authentication".
public struct ConnectionIdentity: Sendable {
    /// The peer id of this node.
    public let peerID: PeerID
    let encodedKey: [UInt8]
    let staticKey: X25519PrivateKey
    let staticKeySignature: [UInt8]

    /// Creates an identity with a new static key from `rng`, which must be fit for keys.
    public init(_ key: IdentityKey, using rng: inout some RandomNumberGenerator) {
        self.init(key, staticKey: X25519PrivateKey(using: &rng))
    }

    private init(_ key: IdentityKey, staticKey: X25519PrivateKey) {
        let signed = NoisePayload.signedBytes(staticKey: staticKey.publicKey)
        self.init(
            peerID: key.peerID, encodedKey: key.publicKey.protobuf, staticKey: staticKey,
            staticKeySignature: key.sign(signed.span.bytes))
    }

    init(peerID: PeerID, encodedKey: [UInt8], staticKey: X25519PrivateKey, staticKeySignature: [UInt8]) {
        self.peerID = peerID
        self.encodedKey = encodedKey
        self.staticKey = staticKey
        self.staticKeySignature = staticKeySignature
    }
}
