import Hummingbird
import MeshNode

extension Router where Context == APIContext {
    /// Serves one method of a path; every other method is answered with 405 and says which one is right.
    func answer(
        _ method: HTTPRequest.Method, _ path: RouterPath,
        _ handler: @escaping @Sendable (Request) async throws -> Response
    ) {
        on(path, method: method) { request, _ in try await handler(request) }
        for other in Self.methods where other != method {
            on(path, method: other) { _, _ -> Response in
                throw APIError(
                    .methodNotAllowed,
                    MeshFailure(.badArgument, "\(path) takes \(method.rawValue), not \(other.rawValue)"),
                    headers: [.allow: method.rawValue])
            }
        }
    }

    private static var methods: [HTTPRequest.Method] {
        [.get, .head, .post, .put, .patch, .delete, .options]
    }
}
