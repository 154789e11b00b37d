import MeshCore
import MeshMultiformats

/// What a mesh publishes about itself, without what each record adds.
public struct MeshProfile: Hashable, Sendable {
    /// The name that the mesh claims.
    public var name: MeshName
    /// Where the mesh is reached, best first; more than a record holds are left out.
    public var addresses: [Multiaddr]
    /// What the mesh can do, in any order.
    public var capabilities: [MeshCapability]
    /// Software and version, such as `meshp2p/0.1.0`.
    public var version: String

    /// Creates a profile.
    public init(name: MeshName, addresses: [Multiaddr], capabilities: [MeshCapability], version: String) {
        self.name = name
        self.addresses = addresses
        self.capabilities = capabilities
        self.version = version
    }
}

/// Makes the successive records of one mesh, each with a higher sequence.
///
/// Keep ``lastSequence`` with the node's data; without it the sequence continues from the clock.
public struct MeshRecordIssuer: Sendable {
    /// How long each record is valid: 24 hours.
    ///
    /// Source: Specs/mesh-record.md, "Lifetime".
    public static let defaultLifetimeSeconds: UInt64 = 86_400

    /// Room for addresses: what 64 capabilities of 64 bytes and the other fields leave of 8,192 bytes.
    static let addressBudget = 3_072

    /// How long each record is valid, in seconds, at most ``MeshRecordLimits/lifetimeSeconds``.
    public let lifetimeSeconds: UInt64
    /// The sequence of the last record, zero before the first.
    public private(set) var lastSequence: UInt64
    private var last: (profile: MeshProfile, issued: UnixTime)?

    /// Creates an issuer that continues after `lastSequence`.
    public init(
        lifetimeSeconds: UInt64 = MeshRecordIssuer.defaultLifetimeSeconds, lastSequence: UInt64 = 0
    ) {
        self.lifetimeSeconds = min(max(lifetimeSeconds, 3), MeshRecordLimits.lifetimeSeconds)
        self.lastSequence = lastSequence
    }

    /// Whether a new record is due: none was made, the profile changed, or a third of the lifetime is over.
    public func isDue(_ profile: MeshProfile, at time: UnixTime) -> Bool {
        guard let last, last.profile == profile else { return true }
        return time < last.issued || time.seconds - last.issued.seconds >= lifetimeSeconds / 3
    }

    /// Signs the next record.
    public mutating func issue(
        _ profile: MeshProfile, by key: IdentityKey, at time: UnixTime
    ) throws(MeshRecordError) -> SignedMeshRecord {
        guard let did = key.publicKey.did else { throw .wrongDID }
        guard lastSequence < .max else { throw .malformed(.missingField(7)) }
        let sequence = max(lastSequence + 1, time.seconds)
        let record = MeshRecord(
            did: did, name: profile.name, peerID: key.peerID,
            addresses: Self.fitting(profile.addresses),
            capabilities: Self.sortedUnique(profile.capabilities), version: profile.version,
            sequence: sequence, issued: time, expires: time.adding(seconds: lifetimeSeconds))
        let signed = try SignedMeshRecord(signing: record, with: key)
        lastSequence = sequence
        last = (profile, time)
        return signed
    }

    /// The first addresses, as many as leave room for everything else in the envelope.
    private static func fitting(_ addresses: [Multiaddr]) -> [Multiaddr] {
        var byteCount = 0
        return Array(
            addresses.prefix(MeshRecordLimits.addressCount).prefix { address in
                byteCount += address.bytes.count
                return byteCount <= addressBudget
            })
    }

    private static func sortedUnique(_ capabilities: [MeshCapability]) -> [MeshCapability] {
        var result: [MeshCapability] = []
        for capability in capabilities.sorted() where result.last != capability { result.append(capability) }
        return result
    }
}
