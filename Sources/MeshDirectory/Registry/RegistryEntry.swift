import MeshCore
import MeshMultiformats

/// One mesh as a registry lists it.
public struct RegistryEntry: Hashable, Sendable {
    /// The mesh's DID, the only thing that says who it is.
    public var did: String
    /// The name that it claims.
    public var name: MeshName
    /// Its health; offline when it was not heard of for three intervals.
    public var status: MeshStatus
    /// Its members, by its own count.
    public var memberCount: UInt64
    /// Its bots, by its own count.
    public var botCount: UInt64
    /// When its last heartbeat came, by the registry's clock.
    public var lastSeen: UnixTime
    /// Its peer id.
    public var peer: PeerID
    /// Its addresses, best first.
    public var addresses: [Multiaddr]
    /// What it can do.
    public var capabilities: [MeshCapability]
    /// Software and version.
    public var version: String
}

/// One page of the listing.
public struct RegistryPage: Hashable, Sendable {
    /// The entries in the order of the listing.
    public var entries: [RegistryEntry]
    /// The number of entries that pass the filters, in all pages.
    public var totalCount: Int
    /// Where the next page continues; nil when this is the last.
    public var next: RegistryCursor?
}
