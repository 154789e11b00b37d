import Hummingbird
import MeshNode
import NIOCore

/// The routes of the control socket: every call of ``MeshService`` as JSON.
struct ControlRoutes: Sendable {
    let service: any MeshService
    let limits: APILimits

    func add(to router: Router<APIContext>) {
        router.answer(.get, "/v1/status") { request in
            try await request.body.consumeWithCancellationOnInboundClose { _ in
                try Response(json: try await service.status())
            }
        }
        call(router, "/v1/dial") { try await service.dial($0) }
        call(router, "/v1/find") { try await service.find($0) }
        call(router, "/v1/put") { try await service.put($0) }
        call(router, "/v1/provide") { try await service.provide($0) }
        call(router, "/v1/meshes") { try await service.meshes($0) }
    }

    private func call<Question: Decodable & Sendable, Answer: Encodable & Sendable>(
        _ router: Router<APIContext>, _ path: RouterPath,
        answer: @escaping @Sendable (Question) async throws -> Answer
    ) {
        let limit = limits.maximumRequestBodyBytes
        router.answer(.post, path) { request in
            try Self.checkDeclaredLength(request, limit: limit)
            // A person who presses Ctrl-C closes the connection: the lookup then ends too.
            return try await request.body.consumeWithCancellationOnInboundClose { body in
                let question: Question = try await Self.read(body, limit: limit)
                return try Response(json: try await answer(question))
            }
        }
    }

    private static func checkDeclaredLength(_ request: Request, limit: Int) throws {
        guard let text = request.headers[.contentLength] else { return }
        guard let length = Int(text), length >= 0 else { throw APIError.badBody("bad Content-Length") }
        guard length <= limit else { throw APIError.bodyTooLarge(limit: limit) }
    }

    private static func read<Question: Decodable>(_ body: RequestBody, limit: Int) async throws -> Question {
        let buffer: ByteBuffer
        do {
            buffer = try await body.collect(upTo: limit)
        } catch is NIOTooManyBytesError {
            throw APIError.bodyTooLarge(limit: limit)
        }
        do {
            return try JSONText.decode(Question.self, from: [UInt8](buffer: buffer))
        } catch DecodingError.keyNotFound(let key, _) {
            throw APIError.badBody("the field '\(key.stringValue)' is missing")
        } catch DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context) {
            throw APIError.badBody(
                "the field '\(context.codingPath.last?.stringValue ?? "")' has another type")
        } catch {
            throw APIError.badBody("it cannot be parsed")
        }
    }
}
