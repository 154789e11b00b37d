import MeshConnection
import MeshCore

/// What one call writes at most: half of the mark at which a stream takes no more.
private let perfChunkByteCount = 1 << 18

/// Runs the serving side of perf on one stream.
public final class PerfServerStream: StreamHandler {
    private var machine = PerfServer()
    private var output: [UInt8] = []

    /// Creates a server for one stream.
    public init() {}

    /// Counts the upload.
    public func received(_ bytes: RawSpan, on stream: MeshStream) {
        do {
            try machine.receive(bytes)
        } catch {
            stream.reset()
        }
    }

    /// Starts the download.
    public func ended(_ stream: MeshStream) {
        do {
            try machine.receiveEnd()
            writable(stream)
        } catch {
            stream.reset()
        }
    }

    /// Goes on with the download.
    public func writable(_ stream: MeshStream) {
        while !machine.isComplete, stream.isWritable {
            output.removeAll(keepingCapacity: true)
            machine.produce(perfChunkByteCount, into: &output)
            guard !output.isEmpty else { return }
            stream.write(output)
        }
        if machine.isComplete { stream.finish() }
    }
}

/// Uploads and downloads over one perf stream and says how long each took.
public final class PerfClientStream: StreamHandler {
    /// What one run measured.
    public struct Measurement: Sendable {
        /// From the first byte written to the first byte, or the end, of the answer.
        public var upload: Duration
        /// From there to the end of the answer.
        public var download: Duration
    }

    private var machine: PerfClient
    private var output: [UInt8] = []
    private let startedAt = Instant.now
    private var uploadedAt: Instant?
    private var completion: ((Result<Measurement, StreamCloseReason>) -> Void)?

    /// Runs one measurement over `connection` and reports it once.
    public static func run(
        over connection: PeerConnection, upload: UInt64, download: UInt64,
        completion: @escaping (Result<Measurement, StreamCloseReason>) -> Void
    ) {
        let client = PerfClientStream(upload: upload, download: download, completion: completion)
        guard let stream = connection.openStream([PerfConfiguration.protocolID], handler: client) else {
            return completion(.failure(.connectionLost))
        }
        client.writable(stream)
    }

    private init(
        upload: UInt64, download: UInt64,
        completion: @escaping (Result<Measurement, StreamCloseReason>) -> Void
    ) {
        machine = PerfClient(uploadByteCount: upload, downloadByteCount: download)
        self.completion = completion
    }

    /// Goes on with the upload.
    public func writable(_ stream: MeshStream) {
        repeat {
            output.removeAll(keepingCapacity: true)
            machine.produce(perfChunkByteCount, into: &output)
            stream.write(output)
        } while !machine.isUploadComplete && stream.isWritable
        if machine.isUploadComplete { stream.finish() }
    }

    /// Counts the download.
    public func received(_ bytes: RawSpan, on stream: MeshStream) {
        if uploadedAt == nil { uploadedAt = .now }
        do {
            try machine.receive(bytes.byteCount)
        } catch {
            stream.reset()
        }
    }

    /// The answer is complete.
    public func ended(_ stream: MeshStream) {
        let now = Instant.now
        let uploaded = uploadedAt ?? now
        let isWhole = (try? machine.receiveEnd()) != nil
        report(
            isWhole
                ? .success(
                    Measurement(
                        upload: uploaded.duration(since: startedAt), download: now.duration(since: uploaded)))
                : .failure(.finished))
    }

    /// The stream ended before the answer was complete.
    public func closed(_ stream: MeshStream, reason: StreamCloseReason) {
        report(.failure(reason))
    }

    private func report(_ result: Result<Measurement, StreamCloseReason>) {
        completion?(result)
        completion = nil
    }
}

extension PerfServerStream {
    /// The protocol's id.
    public static let protocolID = PerfConfiguration.protocolID
}
