import MeshCore

/// The serving side of one perf stream: reads a size and an upload, then sends that many bytes.
///
/// | state | bytes | end of the peer | `produce` |
/// |---|---|---|---|
/// | readingSize | receiving after 8 bytes | throws | nothing |
/// | receiving | counted | sending | nothing |
/// | sending | counted as upload, ignored | | zeros until the size is reached |
public struct PerfServer: Sendable {
    private enum State: Sendable {
        case readingSize(bytes: [UInt8])
        case receiving(download: UInt64)
        case sending(remaining: UInt64)
    }

    private let configuration: PerfConfiguration
    private var state = State.readingSize(bytes: [])
    /// The bytes that the client uploaded.
    public private(set) var uploadedByteCount: UInt64 = 0

    /// Creates the side of a new stream.
    public init(configuration: PerfConfiguration = PerfConfiguration()) {
        self.configuration = configuration
    }

    /// Whether everything was produced, so that the stream can be finished.
    public var isComplete: Bool {
        if case .sending(0) = state { true } else { false }
    }

    /// Takes bytes of the client.
    public mutating func receive(_ bytes: RawSpan) throws(PerfError) {
        var offset = 0
        if case .readingSize(var size) = state {
            offset = min(8 - size.count, bytes.byteCount)
            size.append(bytes.extracting(first: offset))
            guard size.count == 8 else {
                state = .readingSize(bytes: size)
                return
            }
            let download: UInt64 = size.span.bytes.bigEndian(at: 0)
            guard download <= configuration.maximumDownloadByteCount else {
                throw .downloadTooLong(byteCount: download, limit: configuration.maximumDownloadByteCount)
            }
            state = .receiving(download: download)
        }
        let count = UInt64(bytes.byteCount - offset)
        guard count <= configuration.maximumUploadByteCount - uploadedByteCount else {
            throw .uploadTooLong(limit: configuration.maximumUploadByteCount)
        }
        uploadedByteCount += count
    }

    /// Notes that the client finished writing: from now on ``produce(_:into:)`` gives the download.
    public mutating func receiveEnd() throws(PerfError) {
        switch state {
        case .readingSize(let bytes): throw .truncatedSize(byteCount: bytes.count)
        case .receiving(let download): state = .sending(remaining: download)
        case .sending: break
        }
    }

    /// Appends up to `maximumByteCount` bytes of the download to `output`.
    public mutating func produce(_ maximumByteCount: Int, into output: inout [UInt8]) {
        guard case .sending(let remaining) = state, maximumByteCount > 0 else { return }
        let count = min(remaining, UInt64(maximumByteCount))
        output.append(contentsOf: repeatElement(0, count: Int(count)))
        state = .sending(remaining: remaining - count)
    }
}
