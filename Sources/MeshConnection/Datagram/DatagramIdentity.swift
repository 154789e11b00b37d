import MeshCore
import MeshCrypto
import MeshMultiformats

/// Who this node is in datagram handshakes: its identity key, a static key that the identity signed, its network.
///
/// The static key lives as long as the process and is another one than that of the streams. Source:
/// Specs/noise-datagrams.md, section 1.
public struct DatagramIdentity: Sendable {
    /// The peer id of this node.
    public let peerID: PeerID
    /// The network: its Kademlia protocol id.
    public let network: String
    /// Whether this node answers Kademlia requests.
    public var servesKad: Bool
    /// The addresses that handshakes tell; what exceeds their limits is left out.
    public var addresses: [Multiaddr] = []

    let encodedKey: [UInt8]
    let signature: [UInt8]
    let staticKey: X25519PrivateKey

    /// Creates an identity with a new static key from `rng`, which must be fit for keys.
    public init(
        _ key: IdentityKey, network: String, servesKad: Bool, using rng: inout some RandomNumberGenerator
    ) {
        self.init(key, network: network, servesKad: servesKad, staticKey: X25519PrivateKey(using: &rng))
    }

    init(_ key: IdentityKey, network: String, servesKad: Bool, staticKey: X25519PrivateKey) {
        peerID = key.peerID
        self.network = network
        self.servesKad = servesKad
        self.staticKey = staticKey
        encodedKey = key.publicKey.protobuf
        let signed = DatagramPayload.signedBytes(staticKey: staticKey.publicKey)
        signature = key.sign(signed)
    }

    /// The public part of the static key.
    public var staticPublicKey: Bytes32 { staticKey.publicKey }
}
