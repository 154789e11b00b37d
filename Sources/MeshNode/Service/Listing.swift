/// What a registry peer can be asked about the meshes that it lists.
public protocol RegistryListing: Sendable {
    /// One page of the public listing, sorted by name and DID.
    ///
    /// Throws ``MeshFailure`` when a filter is malformed: ignoring it would list too much.
    func registryListing(_ query: ListingQuery) async throws -> ListingPage
}

/// A question to the public listing; nil filters nothing.
public struct ListingQuery: Codable, Sendable, Hashable {
    /// Only meshes of this name, compared like directory names.
    public var name: String?
    /// Only meshes that offer this capability.
    public var capability: String?
    /// Only meshes of this status: `online`, `degraded`, `offline`.
    public var status: String?
    /// Entries at most in one page.
    public var limit: Int
    /// Where the page starts: the ``ListingPage/next`` of the page before.
    public var cursor: String?

    /// Creates a question.
    public init(
        name: String? = nil, capability: String? = nil, status: String? = nil, limit: Int = 100,
        cursor: String? = nil
    ) {
        self.name = name
        self.capability = capability
        self.status = status
        self.limit = limit
        self.cursor = cursor
    }
}

/// One page of the public listing.
public struct ListingPage: Codable, Sendable, Hashable {
    /// The meshes of the page.
    public var entries: [ListingEntry]
    /// The cursor of the next page; nil when this is the last.
    public var next: String?

    /// Creates a page.
    public init(entries: [ListingEntry], next: String? = nil) {
        self.entries = entries
        self.next = next
    }
}

/// One mesh of the public listing, in the names of the HTTP API.
public struct ListingEntry: Codable, Sendable, Hashable {
    /// The identity.
    public var did: String
    /// The name, which is not unique.
    public var name: String
    /// `online`, `degraded` or `offline`.
    public var status: String
    /// The members, by the mesh's own count.
    public var memberCount: Int
    /// The bots, by the mesh's own count.
    public var botCount: Int
    /// When the mesh was heard last, ISO 8601.
    public var lastSeen: String
    /// The peer id.
    public var peer: String
    /// The addresses.
    public var addresses: [String]
    /// What the mesh offers.
    public var capabilities: [String]
    /// The version of its software.
    public var version: String

    /// Creates an entry.
    public init(
        did: String, name: String, status: String, memberCount: Int, botCount: Int, lastSeen: String,
        peer: String, addresses: [String], capabilities: [String], version: String
    ) {
        self.did = did
        self.name = name
        self.status = status
        self.memberCount = memberCount
        self.botCount = botCount
        self.lastSeen = lastSeen
        self.peer = peer
        self.addresses = addresses
        self.capabilities = capabilities
        self.version = version
    }

    private enum CodingKeys: String, CodingKey {
        case did, name, status, peer, addresses, capabilities, version
        case memberCount = "member_count"
        case botCount = "bot_count"
        case lastSeen = "last_seen"
    }
}

extension MeshesReport {
    /// Creates the report.
    public init(meshes: [ListedMesh], registries: [String]) {
        self.meshes = meshes
        self.registries = registries
    }
}

extension ListedMesh {
    /// The mesh of a public listing, in the names of the command.
    public init(_ entry: ListingEntry) {
        self.init(
            name: entry.name, did: entry.did, peer: entry.peer, addresses: entry.addresses,
            capabilities: entry.capabilities, status: entry.status, memberCount: entry.memberCount,
            botCount: entry.botCount, lastSeen: entry.lastSeen)
    }
}
