import MeshCore
import MeshTransport
import NIOCore

/// Uploads to `/sink/1.0.0`: eight bytes of size, the bytes, and one byte back when all have arrived.
final class SinkClientStream: StreamHandler {
    static let protocolID = "/sink/1.0.0"
    private static let chunk = [UInt8](repeating: 0, count: 1 << 18)

    private var rest: UInt64
    private let startedAt = NIODeadline.now()
    private var completion: ((Result<Duration, StreamCloseReason>) -> Void)?

    static func run(
        over connection: PeerConnection, upload: UInt64,
        completion: @escaping (Result<Duration, StreamCloseReason>) -> Void
    ) {
        let client = SinkClientStream(upload: upload, completion: completion)
        guard let stream = connection.openStream([protocolID], handler: client) else {
            return completion(.failure(.connectionLost))
        }
        var header: [UInt8] = []
        header.appendBigEndian(upload)
        stream.write(header)
        client.writable(stream)
    }

    private init(upload: UInt64, completion: @escaping (Result<Duration, StreamCloseReason>) -> Void) {
        rest = upload
        self.completion = completion
    }

    func writable(_ stream: MeshStream) {
        while rest > 0, stream.isWritable {
            let count = Int(min(rest, UInt64(Self.chunk.count)))
            stream.write(Self.chunk.span.bytes.extracting(first: count))
            rest -= UInt64(count)
        }
    }

    func received(_ bytes: RawSpan, on stream: MeshStream) {
        report(.success(.nanoseconds((NIODeadline.now() - startedAt).nanoseconds)))
        stream.finish()
    }

    func closed(_ stream: MeshStream, reason: StreamCloseReason) {
        report(.failure(reason))
    }

    private func report(_ result: Result<Duration, StreamCloseReason>) {
        completion?(result)
        completion = nil
    }
}
