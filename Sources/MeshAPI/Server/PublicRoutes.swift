import HTTPTypes
import Hummingbird
import MeshNode

/// The routes that anybody may call: `/healthz`, `/api/status`, `/api/meshes/public`.
struct PublicRoutes: Sendable {
    let service: any MeshService
    /// The listing, when the node is a registry peer.
    let listing: (any RegistryListing)?
    let limits: APILimits

    /// What `GET /api/status` tells: nothing about whom the node talks to.
    struct Status: Encodable {
        var ok = true
        var peer: String
        var did: String
        var name: String?
        var network: String
        var registry: Bool
        var uptimeSeconds: Double
        var addresses: [String]
        var connectionCount: Int
        var routingTable: StatusReport.RoutingTable
    }

    struct Health: Encodable {
        var ok = true
    }

    func add(to router: Router<APIContext>) {
        router.answer(.get, "/healthz") { _ in try Response(json: Health()) }
        router.answer(.get, "/api/status") { _ in try await status() }
        router.answer(.get, "/api/meshes/public") { request in try await meshes(request) }
    }

    private func status() async throws -> Response {
        let report = try await service.status()
        return try Response(
            json: Status(
                peer: report.peer, did: report.did, name: report.name, network: report.network,
                registry: report.registry, uptimeSeconds: report.uptimeSeconds, addresses: report.addresses,
                connectionCount: report.connections.count, routingTable: report.routingTable))
    }

    private func meshes(_ request: Request) async throws -> Response {
        guard let listing else {
            throw MeshFailure(
                .notFound, "this node is not a registry peer and lists no meshes",
                next: "start it with `meshp2p registry`, or ask a registry")
        }
        let query = try ListingQueryText.parse(request.uri, limits: limits)
        let page = try await listing.registryListing(query)
        var headers: HTTPFields = [:]
        if let next = page.next, let link = HTTPField.Name("Link") {
            headers[link] = "<\(ListingQueryText.path(of: query, cursor: next))>; rel=\"next\""
        }
        return try Response(json: page.entries, headers: headers)
    }
}
