import MeshNode
import NIOHTTP1

/// Reads the public listing of a registry peer over HTTP.
public struct PublicListingClient: Sendable {
    private let first: HTTPURL
    private let deadline: Duration

    /// Creates a client for `http://HOST:PORT`; a path may be given, else it is `/api/meshes/public`.
    public init(url: String, deadline: Duration = .seconds(10)) throws(MeshFailure) {
        var first = try HTTPURL(url)
        if first.path == "/" { first.path = "/api/meshes/public?limit=500" }
        self.first = first
        self.deadline = deadline
    }

    /// Every mesh that the registry lists, page after page, up to a limit.
    public func meshes() async throws -> MeshesReport {
        var meshes: [ListedMesh] = []
        var path: String? = first.path
        while let current = path, meshes.count < Self.maximumMeshes {
            let answer = try await page(current)
            guard let entries = try? JSONText.decode([ListingEntry].self, from: answer.body) else {
                throw MeshFailure(
                    .unsupportedProtocol, "\(first.authority) answered, but with no listing of meshes",
                    next: "is it a registry of meshp2p, and is the path right?")
            }
            // A registry that pages for ever must not hold us: a page without entries is the last.
            meshes.append(contentsOf: entries.prefix(Self.maximumMeshes - meshes.count).map(ListedMesh.init))
            path = entries.isEmpty ? nil : Self.nextPath(answer.headers)
        }
        return MeshesReport(meshes: meshes, registries: ["http://\(first.authority)"])
    }

    private func page(_ path: String) async throws -> HTTPExchange.Answer {
        let exchange = HTTPExchange(
            target: .tcp(host: first.host, port: first.port), host: first.authority, method: .GET,
            path: path, deadline: deadline, maximumAnswerBytes: Self.maximumPageBytes)
        let answer: HTTPExchange.Answer
        do {
            answer = try await exchange.perform()
        } catch let error as HTTPClientError {
            throw failure(error)
        }
        if answer.status == 200 { return answer }
        if let body = try? JSONText.decode(FailureBody.self, from: answer.body) { throw body.error }
        throw MeshFailure(
            answer.status == 404 ? .notFound : .refused,
            "\(first.authority) answered with HTTP status \(answer.status)",
            next: "is it a registry of meshp2p, and is the path right?")
    }

    /// The target of `Link: <…>; rel="next"`, when it is a path of the same registry.
    static func nextPath(_ headers: HTTPHeaders) -> String? {
        for link in headers["Link"] where link.hasSuffix("rel=\"next\"") && link.hasPrefix("</") {
            guard let end = link.firstIndex(of: ">") else { continue }
            let path = link[link.index(after: link.startIndex)..<end]
            if path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) { return String(path) }
        }
        return nil
    }

    private func failure(_ error: HTTPClientError) -> MeshFailure {
        let next = "check the address, or ask another registry"
        return switch error {
        case .notListening:
            MeshFailure(.unreachable, "nobody listens on \(first.authority)", next: next)
        case .connection(let why):
            MeshFailure(.unreachable, "cannot reach \(first.authority): \(why)", next: next)
        case .incompleteAnswer:
            MeshFailure(.unreachable, "\(first.authority) closed the connection early", next: next)
        case .answerTooLarge(let limit):
            MeshFailure(.limit, "a page of \(first.authority) is larger than \(limit) bytes", next: next)
        case .timedOut(let deadline):
            MeshFailure(
                .timedOut, "\(first.authority) has not answered for \(deadline.components.seconds) s",
                next: next)
        }
    }

    private static let maximumPageBytes = 4 * 1024 * 1024
    private static let maximumMeshes = 10_000
}
