import MeshCore
import MeshMultiformats

/// What a mesh says about itself: who it is, its name, where it is reached and what it can do.
///
/// A value of this type need not be valid; ``SignedMeshRecord`` and ``MeshRecordValidator`` check.
/// Source: Specs/mesh-record.md.
public struct MeshRecord: Hashable, Sendable {
    /// The did:key of the mesh's key.
    public var did: String
    /// The name that the mesh claims.
    public var name: MeshName
    /// The peer id of the same key.
    public var peerID: PeerID
    /// Where the mesh is reached, best first; those that this node cannot parse are not here.
    public var addresses: [Multiaddr]
    /// What the mesh can do, in strictly ascending order.
    public var capabilities: [MeshCapability]
    /// Software and version, such as `meshp2p/0.1.0`.
    public var version: String
    /// Higher than in every record of this mesh before.
    public var sequence: UInt64
    /// When the record was made, by the mesh's clock.
    public var issued: UnixTime
    /// The first second at which the record is no longer valid.
    public var expires: UnixTime

    /// Creates a record; nothing is checked.
    public init(
        did: String, name: MeshName, peerID: PeerID, addresses: [Multiaddr], capabilities: [MeshCapability],
        version: String, sequence: UInt64, issued: UnixTime, expires: UnixTime
    ) {
        self.did = did
        self.name = name
        self.peerID = peerID
        self.addresses = addresses
        self.capabilities = capabilities
        self.version = version
        self.sequence = sequence
        self.issued = issued
        self.expires = expires
    }

    /// Checks the rules of the fields that need neither a key nor a clock.
    func checkFields() throws(MeshRecordError) {
        guard did.utf8.count <= MeshRecordLimits.didByteCount else { throw .wrongDID }
        guard addresses.count <= MeshRecordLimits.addressCount else {
            throw .malformed(.tooManyValues(field: 4, limit: MeshRecordLimits.addressCount))
        }
        for address in addresses {
            guard address.peerID.map({ $0 == peerID }) ?? true else { throw .addressOfAnotherPeer(address) }
        }
        guard capabilities.count <= MeshRecordLimits.capabilityCount else {
            throw .malformed(.tooManyValues(field: 5, limit: MeshRecordLimits.capabilityCount))
        }
        for index in capabilities.indices.dropFirst() {
            guard capabilities[index - 1] < capabilities[index] else { throw .unsortedCapabilities }
        }
        let isPrintable = version.utf8.allSatisfy { byte in byte >= 0x21 && byte <= 0x7e }
        guard isPrintable, !version.isEmpty, version.utf8.count <= MeshRecordLimits.versionByteCount else {
            throw .badVersion
        }
        guard issued < expires, expires.seconds - issued.seconds <= MeshRecordLimits.lifetimeSeconds else {
            throw .badLifetime(issued: issued, expires: expires)
        }
    }
}
