import MeshCore
import MeshTransport
import NIOCore

/// Why a request has no answer.
enum RequestError: Error {
    /// No stream could be opened.
    case noStream
    /// The stream ended before the answer.
    case closed(StreamCloseReason)
    /// The answer is not a message within the limit.
    case malformed(DelimitedError)
    /// No answer within the time.
    case timedOut
}

/// Sends length-prefixed requests of one protocol over one connection and keeps idle streams for the next ones.
///
/// The kad spec lets a stream carry many requests, but py-libp2p serves one: a kept stream that dies before its
/// answer is replaced by a new one, once.
final class RequestClient {
    typealias Completion = (Result<[UInt8], RequestError>) -> Void

    /// Idle streams kept per connection.
    ///
    /// Source: rust-libp2p allows 32 inbound; two cover a lookup's pace.
    static let defaultKeptStreamCount = 4

    private unowned let connection: PeerConnection
    private let protocolID: String
    private let messageLimit: Int
    private let timeout: Duration
    private let loop: any EventLoop
    private let keptStreamCount: Int
    private var idle: [RequestClientStream] = []
    private var reusesStreams = true

    init(
        connection: PeerConnection, protocolID: String, messageLimit: Int, timeout: Duration,
        keptStreamCount: Int = RequestClient.defaultKeptStreamCount, loop: any EventLoop
    ) {
        self.keptStreamCount = keptStreamCount
        self.connection = connection
        self.protocolID = protocolID
        self.messageLimit = messageLimit
        self.timeout = timeout
        self.loop = loop
    }

    /// Sends `message` and reports its answer once.
    func request(_ message: [UInt8], completion: @escaping Completion) {
        if let stream = idle.popLast() {
            stream.send(message, timeout: timeout, loop: loop) { [weak self] result in
                guard let self, case .failure(.closed) = result else { return completion(result) }
                self.reusesStreams = false
                self.idle = []
                self.requestOnNewStream(message, completion: completion)
            }
        } else {
            requestOnNewStream(message, completion: completion)
        }
    }

    /// Sends `message`, which has no answer; the peer's clean end of the stream is its acknowledgement.
    func send(_ message: [UInt8], completion: @escaping Completion) {
        let handler = RequestClientStream(client: self, messageLimit: messageLimit, endsCleanly: true)
        guard let stream = connection.openStream([protocolID], handler: handler) else {
            return completion(.failure(.noStream))
        }
        handler.stream = stream
        handler.send(message, timeout: timeout, loop: loop, completion: completion)
        stream.finish()
    }

    private func requestOnNewStream(_ message: [UInt8], completion: @escaping Completion) {
        let handler = RequestClientStream(client: self, messageLimit: messageLimit, endsCleanly: false)
        guard let stream = connection.openStream([protocolID], handler: handler) else {
            return completion(.failure(.noStream))
        }
        handler.stream = stream
        handler.send(message, timeout: timeout, loop: loop, completion: completion)
    }

    fileprivate func becameIdle(_ stream: RequestClientStream) {
        if reusesStreams && idle.count < keptStreamCount {
            stream.stream?.isIdle = true
            idle.append(stream)
        } else {
            stream.stream?.finish()
        }
    }

    fileprivate func ended(_ stream: RequestClientStream) {
        idle.removeAll { $0 === stream }
    }
}

/// One outbound stream: at most one request waits for its answer.
private final class RequestClientStream: StreamHandler {
    weak var stream: MeshStream?
    private weak var client: RequestClient?
    private var buffer: DelimitedBuffer
    private let endsCleanly: Bool
    private var completion: RequestClient.Completion?
    private var timer: Scheduled<Void>?

    init(client: RequestClient, messageLimit: Int, endsCleanly: Bool) {
        self.client = client
        self.endsCleanly = endsCleanly
        buffer = DelimitedBuffer(limit: messageLimit)
    }

    func send(
        _ message: [UInt8], timeout: Duration, loop: any EventLoop,
        completion: @escaping RequestClient.Completion
    ) {
        self.completion = completion
        stream?.isIdle = false
        let bound = NIOLoopBound(self, eventLoop: loop)
        timer = loop.scheduleTask(in: .nanoseconds(timeout.wholeNanoseconds)) { bound.value.timedOut() }
        stream?.writeDelimited(message)
    }

    func received(_ bytes: RawSpan, on stream: MeshStream) {
        guard !endsCleanly else { return }
        buffer.append(bytes)
        do {
            guard let message = try buffer.next() else { return }
            guard completion != nil, buffer.pendingByteCount == 0 else { return stream.reset() }
            let complete = take()
            client?.becameIdle(self)
            complete?(.success(message))
        } catch {
            let complete = take()
            stream.reset()
            complete?(.failure(.malformed(error)))
        }
    }

    func ended(_ stream: MeshStream) {
        stream.finish()
        guard endsCleanly else { return client?.ended(self) ?? () }
        take()?(.success([]))
    }

    func closed(_ stream: MeshStream, reason: StreamCloseReason) {
        client?.ended(self)
        let complete = take()
        complete?(endsCleanly && reason == .finished ? .success([]) : .failure(.closed(reason)))
    }

    private func timedOut() {
        let complete = take()
        stream?.reset()
        complete?(.failure(.timedOut))
    }

    private func take() -> RequestClient.Completion? {
        timer?.cancel()
        timer = nil
        defer { completion = nil }
        return completion
    }
}
