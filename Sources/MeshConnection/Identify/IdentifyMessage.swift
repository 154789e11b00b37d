import MeshCore
import MeshMultiformats

/// What a peer says about itself, and about how it sees the other side.
///
/// Schema: Specs/proto/identify.proto. Nothing in it is proven except what the connection or the signed
/// record prove: use ``addresses(of:)`` and ``checkKey(against:)`` on a received message.
public struct IdentifyMessage: Hashable, Sendable {
    /// The sender's key, nil when absent or of an unknown form.
    public var publicKey: PublicKey?
    /// Where the sender says that it listens.
    public var listenAddresses: [Multiaddr]
    /// The protocols that the sender serves.
    public var protocols: [String]
    /// The address from which the sender sees this side's connection.
    public var observedAddress: Multiaddr?
    /// The family of the network, `ipfs/0.1.0` by custom.
    public var protocolVersion: String
    /// The sender's software.
    public var agentVersion: String
    /// A signed envelope with the sender's peer record.
    public var signedPeerRecord: [UInt8]?
    /// The received addresses that were skipped: unknown protocols, malformed, or beyond the limit.
    public var skippedAddressCount = 0

    /// Creates a message; everything is optional on the wire.
    public init(
        publicKey: PublicKey? = nil, listenAddresses: [Multiaddr] = [], protocols: [String] = [],
        observedAddress: Multiaddr? = nil, protocolVersion: String = "", agentVersion: String = "",
        signedPeerRecord: [UInt8]? = nil
    ) {
        self.publicKey = publicKey
        self.listenAddresses = listenAddresses
        self.protocols = protocols
        self.observedAddress = observedAddress
        self.protocolVersion = protocolVersion
        self.agentVersion = agentVersion
        self.signedPeerRecord = signedPeerRecord
    }

    /// Throws when the message names a key of somebody else than `peer`.
    public func checkKey(against peer: PeerID) throws(IdentifyError) {
        guard let publicKey else { return }
        guard publicKey.peerID == peer else { throw .wrongPublicKey }
    }

    /// The peer record, when it is there, signed, and the one of `peer`.
    public func record(of peer: PeerID) -> PeerRecord? {
        guard let signedPeerRecord, let (record, _) = try? PeerRecord.open(signedPeerRecord),
            record.peerID == peer
        else { return nil }
        return record
    }

    /// The addresses to remember for `peer`: those of its signed record, else the listed ones.
    ///
    /// A valid record replaces the list, as in rust-libp2p. An address that names another peer is left out.
    public func addresses(of peer: PeerID) -> [Multiaddr] {
        let addresses = record(of: peer)?.addresses ?? listenAddresses
        return addresses.filter { address in
            guard let named = address.peerID else { return true }
            return named == peer
        }
    }
}
