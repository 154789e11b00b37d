import FoundationEssentials
import Logging
import MeshNode
import ServiceLifecycle

@testable import MeshAPI

/// A folder that is gone after the test.
func withTemporaryFolder<Result>(_ body: (String) async throws -> Result) async throws -> Result {
    let path = "/tmp/mesh-api-\(UInt64.random(in: 0...(.max)))"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try await body(path)
}

/// Runs a listener while `body` runs; `body` gets its URL or the path of its socket.
func withServer(
    _ endpoint: APIServer.Endpoint, _ service: FakeService, isRegistry: Bool = false,
    limits: APILimits = APILimits(), _ body: @escaping @Sendable (String) async throws -> Void
) async throws {
    let (ready, continuation) = AsyncStream.makeStream(of: String.self)
    var logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    logger.logLevel = .critical
    let server = APIServer(
        endpoint, service: service, listing: isRegistry ? service : nil, limits: limits, logger: logger
    ) { continuation.yield($0) }
    // Ended gracefully: a listener that is cancelled drops connections that it has just accepted.
    let services = ServiceGroup(services: [server], logger: logger)
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
            defer { continuation.finish() }
            try await services.run()
        }
        var iterator = ready.makeAsyncIterator()
        if let place = await iterator.next() {
            do {
                try await body(place)
                await services.triggerGracefulShutdown()
            } catch {
                await services.triggerGracefulShutdown()
                throw error
            }
        }
        try await group.next()
    }
}

/// Runs the public listener on a free port of the loopback interface.
func withPublicServer(
    _ service: FakeService, isRegistry: Bool = false, limits: APILimits = APILimits(),
    _ body: @escaping @Sendable (Int) async throws -> Void
) async throws {
    try await withServer(.tcp(APIAddress("127.0.0.1:0")), service, isRegistry: isRegistry, limits: limits) {
        url in
        try await body(try HTTPURL(url).port)
    }
}

/// Runs the control listener in a folder of its own.
func withControlServer(
    _ service: FakeService, limits: APILimits = APILimits(),
    _ body: @escaping @Sendable (String) async throws -> Void
) async throws {
    try await withTemporaryFolder { folder in
        try await withServer(.controlSocket(path: "\(folder)/api.sock"), service, limits: limits, body)
    }
}

extension HTTPExchange {
    /// A request to the public listener.
    static func get(
        _ path: String, port: Int, host: String? = nil, method: String = "GET"
    ) async throws -> Answer {
        try await HTTPExchange(
            target: .tcp(host: "127.0.0.1", port: port), host: host ?? "127.0.0.1:\(port)",
            method: .RAW(value: method), path: path, deadline: .seconds(20), maximumAnswerBytes: 1 << 20
        ).perform()
    }

    /// A request to the control socket.
    static func post(
        _ path: String, _ body: String, socket: String, method: String = "POST"
    ) async throws -> Answer {
        try await HTTPExchange(
            target: .unixSocket(path: socket), host: "localhost", method: .RAW(value: method), path: path,
            body: Array(body.utf8), deadline: .seconds(20), maximumAnswerBytes: 1 << 20
        ).perform()
    }
}

extension HTTPExchange.Answer {
    var text: String { String(decoding: body, as: UTF8.self) }

    /// The failure in the body.
    var failure: MeshFailure? { try? JSONText.decode(FailureBody.self, from: body).error }
}
