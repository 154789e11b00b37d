import Synchronization

@testable import MeshNode

/// A node that answers what a test wants, and remembers what it was asked.
final class FakeService: MeshService, RegistryListing {
    let questions = Mutex<[String]>([])
    let failure: (any Error)?
    /// Calls hang until they are cancelled; each tells when it begins and when it was cancelled.
    let hangs: Bool
    let events: AsyncStream<String>
    private let continuation: AsyncStream<String>.Continuation
    private let pages: @Sendable (ListingQuery) -> ListingPage

    init(
        failure: (any Error)? = nil, hangs: Bool = false,
        pages: @escaping @Sendable (ListingQuery) -> ListingPage = { _ in ListingPage(entries: []) }
    ) {
        self.failure = failure
        self.hangs = hangs
        self.pages = pages
        (events, continuation) = AsyncStream.makeStream()
    }

    var asked: [String] { questions.withLock { $0 } }

    func status() async throws -> StatusReport {
        try await note("status")
        return Self.statusReport
    }

    func dial(_ request: DialRequest) async throws -> DialReport {
        try await note("dial \(request.target) \(request.count)")
        return Self.dialReport
    }

    func find(_ request: FindRequest) async throws -> FindReport {
        try await note("find \(request.kind) \(request.key) \(request.trace)")
        return Self.findReport(request)
    }

    func put(_ request: PutRequest) async throws -> StoreReport {
        try await note("put \(request.key) \(request.value)")
        return StoreReport(stored: 3, milliseconds: 1.5)
    }

    func provide(_ request: ProvideRequest) async throws -> StoreReport {
        try await note("provide \(request.key)")
        return StoreReport(stored: 4, milliseconds: 2.5)
    }

    func meshes(_ request: MeshesRequest) async throws -> MeshesReport {
        try await note("meshes \(request.registry ?? "-")")
        return MeshesReport(meshes: [ListedMesh(Self.entry("harbour"))], registries: ["/ip4/192.0.2.1/tcp/1"])
    }

    func registryListing(_ query: ListingQuery) async -> ListingPage {
        questions.withLock {
            $0.append(
                "listing \(query.name ?? "-") \(query.capability ?? "-") \(query.status ?? "-") \(query.limit) \(query.cursor ?? "-")"
            )
        }
        return pages(query)
    }

    private func note(_ question: String) async throws {
        questions.withLock { $0.append(question) }
        if let failure { throw failure }
        guard hangs else { return }
        continuation.yield("began")
        do {
            try await Task.sleep(for: .seconds(3600))
        } catch {
            continuation.yield("cancelled")
            throw error
        }
    }
}

extension FakeService {
    static let peer = "12D3KooWGCVGN4rY8hGBCXV5oB6eTQ8MUJ4mm2WgsqZmcLMjBXYf"

    static var statusReport: StatusReport {
        StatusReport(
            peer: peer, did: "did:key:z6Mk", name: nil, network: "meshp2p", kadProtocol: "/meshp2p/kad/1.0.0",
            kadMode: "server", uptimeSeconds: 12.5, addresses: ["/ip4/127.0.0.1/tcp/4101/p2p/\(peer)"],
            connections: [
                .init(
                    peer: "12D3KooWSecretFriend", address: "/ip4/192.0.2.7/tcp/9", direction: "inbound",
                    transport: "tcp", path: "direct")
            ], routingTable: .init(peers: 4), records: 1, providers: 2, registry: false, api: nil,
            memoryBytes: 28_000_000)
    }

    static var dialReport: DialReport {
        DialReport(
            peer: peer, did: "did:key:z6Mk", name: nil, foundThrough: "given",
            address: "/ip4/127.0.0.1/tcp/4101",
            transport: "tcp", security: "/noise", muxer: "/yamux/1.0.0", muxerNegotiatedEarly: true,
            agent: "meshp2p/0.1.0", protocolVersion: "ipfs/0.1.0", protocols: ["/ipfs/ping/1.0.0"],
            observedAddress: nil, connectMilliseconds: 3.1,
            roundTripMilliseconds: .init(count: 5, min: 0.1, median: 0.2, max: 0.3), path: "direct",
            attempts: [
                .init(address: "/ip4/127.0.0.1/tcp/4101", outcome: "connected", milliseconds: 3, error: nil)
            ])
    }

    static func findReport(_ request: FindRequest) -> FindReport {
        FindReport(
            kind: request.kind, key: request.key, peer: PeerEntry(id: peer, addresses: []), value: nil,
            providers: nil, meshes: nil, hops: 2, messages: 11, milliseconds: 41, trace: nil)
    }

    static func entry(_ name: String) -> ListingEntry {
        ListingEntry(
            did: "did:key:z6Mk\(name)", name: name, status: "online", memberCount: 3, botCount: 1,
            lastSeen: "2026-11-21T08:00:00Z", peer: peer, addresses: ["/ip4/192.0.2.1/tcp/4101"],
            capabilities: ["rooms"], version: "0.1.0")
    }
}
