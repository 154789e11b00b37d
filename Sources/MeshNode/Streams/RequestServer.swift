import MeshCore
import MeshTransport

/// Serves one inbound stream of a request protocol: requests one after the other, answers in the same order.
final class RequestServer: StreamHandler {
    /// Takes a request, whose answer goes through ``respond(_:isValid:)``; false says that it is malformed.
    typealias Serve = (_ message: [UInt8], _ handler: RequestServer) -> Bool

    /// Bytes of further requests that may wait while one is answered.
    private static let maximumQueuedByteCount = 1 << 17

    private var buffer: DelimitedBuffer
    private let serve: Serve
    private weak var stream: MeshStream?
    private var isBusy = false
    private var isServing = false
    private var hasEnded = false

    init(messageLimit: Int, stream: MeshStream, serve: @escaping Serve) {
        buffer = DelimitedBuffer(limit: messageLimit)
        self.stream = stream
        self.serve = serve
    }

    func received(_ bytes: RawSpan, on stream: MeshStream) {
        buffer.append(bytes)
        guard !isBusy || buffer.pendingByteCount <= Self.maximumQueuedByteCount else { return stream.reset() }
        serveNext()
    }

    func ended(_ stream: MeshStream) {
        hasEnded = true
        if !isBusy { stream.finish() }
    }

    func writable(_ stream: MeshStream) {
        serveNext()
    }

    /// Answers the request in hand; nil means that there is nothing to say and `isValid` false resets the stream.
    func respond(_ message: [UInt8]?, isValid: Bool = true) {
        guard let stream, stream.isOpen else { return }
        guard isValid else { return stream.reset() }
        isBusy = false
        if let message { stream.writeDelimited(message) }
        serveNext()
        if hasEnded && !isBusy { stream.finish() }
    }

    /// A loop, not recursion: thousands of small requests can wait in one buffer.
    private func serveNext() {
        guard !isServing else { return }
        isServing = true
        stream?.isIdle = false
        defer {
            isServing = false
            stream?.isIdle = !isBusy
        }
        do {
            while !isBusy, let stream, stream.isWritable, let message = try buffer.next() {
                isBusy = true
                if !serve(message, self) { stream.reset() }
            }
        } catch {
            stream?.reset()
        }
    }
}
