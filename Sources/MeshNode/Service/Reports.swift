/// What `status` shows.
public struct StatusReport: Codable, Sendable {
    /// One open connection.
    public struct Connection: Codable, Sendable {
        /// The peer id.
        public var peer: String
        /// The remote address.
        public var address: String
        /// `inbound` or `outbound`.
        public var direction: String
        /// `tcp`.
        public var transport: String
        /// `direct` or `relay`.
        public var path: String
    }

    /// The Noise datagrams of the node.
    public struct Datagrams: Codable, Sendable {
        /// Sessions with peers.
        public var sessions: Int
        /// Handshakes that were completed since the start.
        public var handshakes: Int
        /// Datagrams that came.
        public var received: Int
        /// Datagrams that went.
        public var sent: Int
        /// Requests of peers.
        public var requestsTaken: Int
        /// Requests to peers, without their repetitions.
        public var requestsSent: Int
        /// Requests that were sent again.
        public var retransmissions: Int
        /// What was dropped, by reason; reasons that did not occur are left out.
        public var drops: [String: Int]
    }

    /// The routing table.
    public struct RoutingTable: Codable, Sendable {
        /// The number of peers in it.
        public var peers: Int
    }

    /// The peer id.
    public var peer: String
    /// The DID of the identity key.
    public var did: String
    /// The mesh's name, if it has one.
    public var name: String?
    /// The network's name.
    public var network: String
    /// The kad protocol id.
    public var kadProtocol: String
    /// `client` or `server`.
    public var kadMode: String
    /// Seconds since the node started.
    public var uptimeSeconds: Double
    /// The addresses that the node listens on, with its peer id.
    public var addresses: [String]
    /// The open connections.
    public var connections: [Connection]
    /// The Noise datagrams; nil when a node of an older version tells its status.
    public var datagrams: Datagrams?
    /// The routing table.
    public var routingTable: RoutingTable
    /// Value records held.
    public var records: Int
    /// Provider records held.
    public var providers: Int
    /// Whether the node is a registry peer.
    public var registry: Bool
    /// The HTTP API's URL, if it is on.
    public var api: String?
    /// Resident memory of the process, in bytes.
    public var memoryBytes: Int
}

/// What `dial` shows.
public struct DialReport: Codable, Sendable {
    /// One address that was tried.
    public struct Attempt: Codable, Sendable, Hashable {
        /// The address.
        public var address: String
        /// `connected`, `failed`, `cancelled`.
        public var outcome: String
        /// How long it took.
        public var milliseconds: Double
        /// Why it failed.
        public var error: String?
    }

    /// Round-trip times of the pings.
    public struct RoundTrips: Codable, Sendable {
        /// How many pings were answered.
        public var count: Int
        /// The fastest.
        public var min: Double
        /// The median.
        public var median: Double
        /// The slowest.
        public var max: Double
    }

    /// True: a failure is a ``MeshFailure``.
    public var ok: Bool = true
    /// The peer id.
    public var peer: String
    /// The DID, when the peer id carries its key.
    public var did: String?
    /// The mesh name of the target's record, when it was found through the directory.
    public var name: String?
    /// How the addresses were found: `given`, `known`, `DHT`, with hops.
    public var foundThrough: String
    /// The address that answered.
    public var address: String
    /// `tcp` or `noise-udp`.
    public var transport: String
    /// The security protocol.
    public var security: String
    /// The multiplexer; nil over datagrams, which need none.
    public var muxer: String?
    /// Whether the multiplexer was agreed inside the handshake.
    public var muxerNegotiatedEarly: Bool
    /// The peer's agent.
    public var agent: String
    /// The peer's protocol version.
    public var protocolVersion: String
    /// The protocols that the peer serves.
    public var protocols: [String]
    /// How the peer sees our address.
    public var observedAddress: String?
    /// From the first attempt to the end of identify.
    public var connectMilliseconds: Double
    /// The pings, nil when none was asked for.
    public var roundTripMilliseconds: RoundTrips?
    /// `direct` or `relay`.
    public var path: String
    /// Every address that was tried.
    public var attempts: [Attempt]
}

/// One hop of a lookup.
public struct TraceStep: Codable, Sendable {
    /// The round, from 1.
    public var round: Int
    /// The peer that was asked.
    public var peer: String
    /// An address of it.
    public var address: String?
    /// How long the answer took.
    public var milliseconds: Double
    /// How many closer peers it named.
    public var closer: Int
    /// `answered`, `failed`, `found`.
    public var outcome: String
    /// The leading bits that the peer's key shares with the target: the distance is below 2^(256-n).
    public var distance: Int
}

/// A peer with its addresses.
public struct PeerEntry: Codable, Sendable {
    /// The peer id.
    public var id: String
    /// Its addresses.
    public var addresses: [String]
}

/// A mesh as its signed record describes it.
public struct MeshEntry: Codable, Sendable {
    /// The name, which is not unique.
    public var name: String
    /// The identity.
    public var did: String
    /// The peer id.
    public var peer: String
    /// The addresses.
    public var addresses: [String]
    /// What the mesh offers.
    public var capabilities: [String]
    /// The sequence of the record.
    public var sequence: UInt64
    /// When the record was signed, ISO 8601.
    public var issued: String
    /// When the record ends, ISO 8601.
    public var expires: String
}

/// What `find` shows; the fields of the other kinds are nil.
public struct FindReport: Codable, Sendable {
    /// True: nothing found is a ``MeshFailure``.
    public var ok: Bool = true
    /// What was looked for.
    public var kind: FindKind
    /// The key as it was given.
    public var key: String
    /// The peer, for `find peer`.
    public var peer: PeerEntry?
    /// The value in base64, for `find value`.
    public var value: String?
    /// The providers, for `find providers`.
    public var providers: [PeerEntry]?
    /// The meshes, for `find mesh` and `find skill`.
    public var meshes: [MeshEntry]?
    /// Rounds until the answer, 0 when it was known here.
    public var hops: Int
    /// Requests that were sent.
    public var messages: Int
    /// How long it took.
    public var milliseconds: Double
    /// Every hop, when asked for.
    public var trace: [TraceStep]?
}

/// What `put` and `provide` show.
public struct StoreReport: Codable, Sendable {
    /// True: a failure is a ``MeshFailure``.
    public var ok: Bool = true
    /// The remote nodes that acknowledged.
    public var stored: Int
    /// How long it took.
    public var milliseconds: Double
}

/// One line of `meshes`: a mesh as a registry lists it.
public struct ListedMesh: Codable, Sendable {
    /// The name, which is not unique.
    public var name: String
    /// The identity.
    public var did: String
    /// The peer id.
    public var peer: String
    /// The addresses.
    public var addresses: [String]
    /// What the mesh offers.
    public var capabilities: [String]
    /// `online`, `degraded` or `offline`; nil when only rendezvous was asked.
    public var status: String?
    /// The members, by its own count.
    public var memberCount: Int?
    /// The bots, by its own count.
    public var botCount: Int?
    /// When it was heard last, ISO 8601.
    public var lastSeen: String?
}

/// What `meshes` shows.
public struct MeshesReport: Codable, Sendable {
    /// True: a failure is a ``MeshFailure``.
    public var ok: Bool = true
    /// The meshes, by name and DID.
    public var meshes: [ListedMesh]
    /// The registries that answered.
    public var registries: [String]
}
