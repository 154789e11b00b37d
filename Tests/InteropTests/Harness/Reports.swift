/// The reports of the command, as far as the tests read them.
struct DialReport: Decodable, Sendable {
    struct RoundTrip: Decodable, Sendable {
        let count: Int
        let min: Double
        let median: Double
        let max: Double
    }

    struct Attempt: Decodable, Sendable {
        let address: String
        let outcome: String
    }

    let ok: Bool
    let peer: String
    let address: String
    let transport: String
    let security: String
    let muxer: String?
    let agent: String
    let protocols: [String]
    let observedAddress: String?
    let connectMilliseconds: Double
    let roundTripMilliseconds: RoundTrip
    let attempts: [Attempt]
}

struct FoundPeer: Decodable, Sendable {
    let id: String
    let addresses: [String]
}

struct FindPeerReport: Decodable, Sendable {
    let ok: Bool
    let peer: FoundPeer
}

struct FindValueReport: Decodable, Sendable {
    let ok: Bool
    /// Base64.
    let value: String
}

struct FindProvidersReport: Decodable, Sendable {
    let ok: Bool
    let providers: [FoundPeer]
}

struct FindMeshReport: Decodable, Sendable {
    struct Mesh: Decodable, Sendable {
        let name: String
        let did: String
        let peer: String
    }

    let ok: Bool
    let meshes: [Mesh]
}

/// What `put` and `provide` say: how many remote nodes acknowledged.
struct StoredReport: Decodable, Sendable {
    let ok: Bool
    let stored: Int
}

struct StatusReport: Decodable, Sendable {
    struct RoutingTable: Decodable, Sendable {
        let peers: Int
    }

    struct Connection: Decodable, Sendable {
        let peer: String
    }

    struct Datagrams: Decodable, Sendable {
        let sessions: Int
        let handshakes: Int
        let sent: Int
        let requestsSent: Int
        let retransmissions: Int
    }

    let peer: String
    let uptimeSeconds: Double
    let routingTable: RoutingTable
    let connections: [Connection]
    let datagrams: Datagrams
}

struct FailureReport: Decodable, Sendable {
    struct Failure: Decodable, Sendable {
        let code: String
        let message: String
    }

    let ok: Bool
    let error: Failure
}
