import HTTPTypes
import MeshNode

/// A failure with the HTTP status that the API answers, when it is not the one of its code.
struct APIError: Error {
    var status: HTTPResponse.Status
    var failure: MeshFailure
    var headers: HTTPFields = [:]

    init(_ failure: MeshFailure) {
        self.status = HTTPResponse.Status(code: failure.code.httpStatus)
        self.failure = failure
    }

    init(_ status: HTTPResponse.Status, _ failure: MeshFailure, headers: HTTPFields = [:]) {
        self.status = status
        self.failure = failure
        self.headers = headers
    }

    static func bodyTooLarge(limit: Int) -> APIError {
        APIError(
            .contentTooLarge,
            MeshFailure(
                .badArgument, "the request body exceeds the limit of \(limit) bytes",
                next: "send a smaller value"),
            headers: [.connection: "close"])
    }

    static func badBody(_ why: String) -> APIError {
        APIError(MeshFailure(.badArgument, "the request body is not the JSON that this route takes: \(why)"))
    }
}
