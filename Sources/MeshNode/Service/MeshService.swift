/// What a command or an API route can ask of a node.
///
/// `Node` answers in process; the command reaches a running node through the same protocol over its control
/// socket. Every call throws ``MeshFailure`` when it cannot be done.
public protocol MeshService: Sendable {
    /// Who the node is and how it is doing.
    func status() async throws -> StatusReport
    /// Connects to a target, pings it and says what happened on the way.
    func dial(_ request: DialRequest) async throws -> DialReport
    /// Looks something up in the DHT or the directory.
    func find(_ request: FindRequest) async throws -> FindReport
    /// Stores a value in the DHT.
    func put(_ request: PutRequest) async throws -> StoreReport
    /// Announces this node as a provider of a key.
    func provide(_ request: ProvideRequest) async throws -> StoreReport
    /// The meshes that registries list, through rendezvous and listings.
    func meshes(_ request: MeshesRequest) async throws -> MeshesReport
}

/// The question of `dial`.
public struct DialRequest: Codable, Sendable {
    /// A multiaddr, a peer id, a DID or a mesh name.
    public var target: String
    /// How many pings follow the connection, 0 to 10,000.
    public var count: Int

    /// Creates the question.
    public init(target: String, count: Int) {
        self.target = target
        self.count = count
    }
}

/// What `find` looks for.
public enum FindKind: String, Codable, Sendable, CaseIterable {
    /// The addresses of a peer.
    case peer
    /// The meshes that claim a name, or the mesh with a DID.
    case mesh
    /// The meshes that offer a capability.
    case skill
    /// A value record.
    case value
    /// The providers of a key.
    case providers
}

/// The question of `find`.
public struct FindRequest: Codable, Sendable {
    /// What is looked for.
    public var kind: FindKind
    /// Its key, in the text forms of the command line.
    public var key: String
    /// Whether every hop is reported.
    public var trace: Bool
    /// After how many providers a search for them ends; nil for as many as a search collects.
    public var limit: Int?

    /// Creates the question.
    public init(kind: FindKind, key: String, trace: Bool, limit: Int? = nil) {
        self.kind = kind
        self.key = key
        self.trace = trace
        self.limit = limit
    }
}

/// The question of `put`.
public struct PutRequest: Codable, Sendable {
    /// The key, in the text forms of the command line.
    public var key: String
    /// The value, base64.
    public var value: String

    /// Creates the question.
    public init(key: String, value: String) {
        self.key = key
        self.value = value
    }
}

/// The question of `provide`.
public struct ProvideRequest: Codable, Sendable {
    /// The key, in the text forms of the command line.
    public var key: String

    /// Creates the question.
    public init(key: String) {
        self.key = key
    }
}

/// The question of `meshes`.
public struct MeshesRequest: Codable, Sendable {
    /// A registry's multiaddr; nil asks every registry that the node uses.
    public var registry: String?

    /// Creates the question.
    public init(registry: String?) {
        self.registry = registry
    }
}
