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

/// A question to the listing; nil filters nothing.
public struct RegistryQuery: Hashable, Sendable {
    /// The most entries of a page.
    public static let maximumLimit = 1_000
    /// The entries of a page when the question does not say.
    public static let defaultLimit = 100

    /// Only meshes with this name after normalisation.
    public var name: MeshName?
    /// Only meshes that have this capability.
    public var capability: MeshCapability?
    /// Only meshes with this status.
    public var status: MeshStatus?
    /// The most entries, bounded to 1 to ``maximumLimit``.
    public var limit: Int
    /// Only entries behind this position.
    public var cursor: RegistryCursor?

    /// Creates a question.
    public init(
        name: MeshName? = nil, capability: MeshCapability? = nil, status: MeshStatus? = nil,
        limit: Int = RegistryQuery.defaultLimit, cursor: RegistryCursor? = nil
    ) {
        self.name = name
        self.capability = capability
        self.status = status
        self.limit = min(max(1, limit), Self.maximumLimit)
        self.cursor = cursor
    }

    func matches(_ entry: RegistryEntry) -> Bool {
        (status.map { $0 == entry.status } ?? true)
            && (capability.map { entry.capabilities.contains($0) } ?? true)
            && (name.map { $0.normalizedUTF8 == entry.name.normalizedUTF8 } ?? true)
    }
}

/// A position in the order of the listing: the normalised name, then the DID, both by bytes.
public struct RegistryCursor: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The bytes of the normalised name.
    public let name: [UInt8]
    /// The bytes of the DID.
    public let did: [UInt8]

    /// The position of an entry.
    public init(_ entry: RegistryEntry) {
        name = entry.name.normalizedUTF8
        did = Array(entry.did.utf8)
    }

    /// Reads the text form; nil when it is not one.
    public init?(_ text: String) {
        guard text.utf8.count <= MeshName.maximumByteCount * 2 + 1 + MeshRecordLimits.didByteCount else {
            return nil
        }
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let name = Hex.decode(parts[0]) else { return nil }
        self.name = name
        did = Array(parts[1].utf8)
    }

    /// The text form: the name in hexadecimal, a point, the DID.
    public var description: String { Hex.encode(name) + "." + String(decoding: did, as: UTF8.self) }

    /// Orders as the listing does.
    public static func < (left: RegistryCursor, right: RegistryCursor) -> Bool {
        if left.name != right.name { return left.name.lexicographicallyPrecedes(right.name) }
        return left.did.lexicographicallyPrecedes(right.did)
    }
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
