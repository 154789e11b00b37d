import NIOCore
import NIOHTTP1
import NIOPosix

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// One HTTP/1.1 request and its answer, over a connection of its own.
struct HTTPExchange: Sendable {
    /// Where the request goes.
    enum Target: Sendable {
        case tcp(host: String, port: Int)
        case unixSocket(path: String)
    }

    /// What came back.
    struct Answer: Sendable {
        var status: Int
        var headers: HTTPHeaders
        var body: [UInt8]
    }

    var target: Target
    /// The Host header.
    var host: String
    var method: HTTPMethod
    /// Path and query.
    var path: String
    var body: [UInt8] = []
    var deadline: Duration
    var maximumAnswerBytes: Int

    /// Sends the request and waits for the whole answer.
    func perform() async throws -> Answer {
        try await withThrowingTaskGroup(of: Answer.self) { group in
            group.addTask { try await exchange() }
            group.addTask {
                try await Task.sleep(for: deadline)
                throw HTTPClientError.timedOut(deadline)
            }
            defer { group.cancelAll() }
            guard let answer = try await group.next() else { throw HTTPClientError.incompleteAnswer }
            return answer
        }
    }

    private typealias Connection = NIOAsyncChannel<HTTPClientResponsePart, Never>

    private func exchange() async throws -> Answer {
        let connection = try await connect()
        do {
            return try await connection.executeThenClose { inbound in
                try await collect(inbound)
            }
        } catch let error as HTTPClientError {
            throw error
        } catch let error as HTTPParserError {
            throw HTTPClientError.connection("not an HTTP answer (\(error))")
        } catch let error as IOError {
            throw HTTPClientError.connection("\(error)")
        } catch let error as ChannelError {
            throw HTTPClientError.connection("\(error)")
        }
    }

    private func collect(
        _ inbound: NIOAsyncChannelInboundStream<HTTPClientResponsePart>
    ) async throws -> Answer {
        var answer: Answer?
        for try await part in inbound {
            switch part {
            case .head(let head):
                answer = Answer(status: Int(head.status.code), headers: head.headers, body: [])
            case .body(let buffer):
                let byteCount = (answer?.body.count ?? 0) + buffer.readableBytes
                guard byteCount <= maximumAnswerBytes else {
                    throw HTTPClientError.answerTooLarge(limit: maximumAnswerBytes)
                }
                answer?.body.append(contentsOf: buffer.readableBytesView)
            case .end:
                guard let answer else { throw HTTPClientError.incompleteAnswer }
                return answer
            }
        }
        throw HTTPClientError.incompleteAnswer
    }

    private func connect() async throws -> Connection {
        let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(TimeAmount(deadline))
        let request = self
        let setup: @Sendable (any Channel) -> EventLoopFuture<Connection> = { channel in
            channel.eventLoop.makeCompletedFuture {
                // The decoder takes 80 KiB of headers at most.
                try channel.pipeline.syncOperations.addHTTPClientHandlers()
                try channel.pipeline.syncOperations.addHandler(RequestWriter(request))
                return try Connection(wrappingChannelSynchronously: channel)
            }
        }
        do {
            switch target {
            case .tcp(let host, let port):
                return try await bootstrap.connect(host: host, port: port, channelInitializer: setup)
            case .unixSocket(let path):
                return try await bootstrap.connect(unixDomainSocketPath: path, channelInitializer: setup)
            }
        } catch let error as IOError where Self.notListening.contains(error.errnoCode) {
            throw HTTPClientError.notListening
        } catch let error as NIOConnectionError {
            throw Self.failure(error)
        } catch let error as ChannelError {
            throw HTTPClientError.connection("\(error)")
        } catch let error as IOError {
            throw HTTPClientError.connection("\(error)")
        } catch let error as SocketAddressError {
            throw HTTPClientError.connection("\(error)")
        }
    }

    private static func failure(_ error: NIOConnectionError) -> HTTPClientError {
        let codes = error.connectionErrors.map { ($0.error as? IOError)?.errnoCode }
        if !codes.isEmpty, codes.allSatisfy({ $0.map(notListening.contains) ?? false }) {
            return .notListening
        }
        if let first = error.connectionErrors.first { return .connection("\(first.error)") }
        return .connection("the name \(error.host) cannot be resolved")
    }

    private static let notListening: Set<CInt> = [ECONNREFUSED, ENOENT]
}

/// Writes the request as soon as the connection stands; the answer passes through it.
private final class RequestWriter: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let exchange: HTTPExchange

    init(_ exchange: HTTPExchange) {
        self.exchange = exchange
    }

    func channelActive(context: ChannelHandlerContext) {
        var headers: HTTPHeaders = [
            "Host": exchange.host, "Connection": "close", "Accept": "application/json",
        ]
        if !exchange.body.isEmpty {
            headers.add(name: "Content-Type", value: "application/json")
            headers.add(name: "Content-Length", value: "\(exchange.body.count)")
        }
        let head = HTTPRequestHead(
            version: .http1_1, method: exchange.method, uri: exchange.path, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if !exchange.body.isEmpty {
            let buffer = context.channel.allocator.buffer(bytes: exchange.body)
            context.write(wrapOutboundOut(.body(.byteBuffer(buffer))), promise: nil)
        }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        context.fireChannelActive()
    }
}
