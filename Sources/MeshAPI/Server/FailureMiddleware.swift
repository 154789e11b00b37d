import Hummingbird
import MeshNode
import NIOCore

/// Answers every failure of a route as ``FailureBody``, with the status that belongs to it.
struct FailureMiddleware: RouterMiddleware {
    func handle(
        _ request: Request, context: APIContext,
        next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            let answer = Self.answer(to: error, request: request, context: context)
            return try Response(
                status: answer.status, json: FailureBody(answer.failure), headers: answer.headers)
        }
    }

    private static func answer(to error: any Error, request: Request, context: APIContext) -> APIError {
        switch error {
        case let error as APIError:
            return error
        case let failure as MeshFailure:
            return APIError(failure)
        case is CancellationError:
            return APIError(MeshFailure(.stopping, "the call was cancelled"))
        case let error as any HTTPResponseError where error.status == .notFound:
            return APIError(
                MeshFailure(
                    .notFound, "there is no route \(request.uri.path.prefix(Self.shownPathLength))",
                    next: "GET /api/meshes/public, /api/status and /healthz are the public ones"))
        case let error as any HTTPResponseError:
            return APIError(error.status, MeshFailure(.badArgument, "the request was refused: \(error)"))
        default:
            // What went wrong inside may name paths or peers: it belongs in the log, not in the answer.
            context.logger.error("API call failed", metadata: ["error": "\(error)"])
            return APIError(MeshFailure(.internal, "the call failed inside the node", next: "see its log"))
        }
    }

    private static let shownPathLength = 80
}
