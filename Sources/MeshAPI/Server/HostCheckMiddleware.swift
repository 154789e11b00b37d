import Hummingbird
import MeshNode

/// Refuses requests to a loopback API whose Host is not a loopback name.
///
/// A web page may make a browser resolve the page's own name to 127.0.0.1 and then read our answers as its
/// own (DNS rebinding); the Host header still carries the page's name.
struct HostCheckMiddleware: RouterMiddleware {
    func handle(
        _ request: Request, context: APIContext,
        next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        guard let authority = request.head.authority, Self.isLoopback(authority: authority) else {
            throw APIError(
                .misdirectedRequest,
                MeshFailure(
                    .refused, "this API answers only requests whose Host is localhost or a loopback address",
                    next: "use http://127.0.0.1 with the port, or `--api 0.0.0.0:PORT` to serve other hosts"))
        }
        return try await next(request, context)
    }

    /// Whether `host`, `host:port` or `[v6]:port` names this machine's loopback interface.
    static func isLoopback(authority: String) -> Bool {
        var host = Substring(authority)
        if host.first == "[" {
            guard let end = host.firstIndex(of: "]") else { return false }
            host = host[host.index(after: host.startIndex)..<end]
            return host == "::1"
        }
        if let colon = host.firstIndex(of: ":") { host = host[..<colon] }
        return host.lowercased() == "localhost" || isLoopbackIPv4(host)
    }

    private static func isLoopbackIPv4(_ host: Substring) -> Bool {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
