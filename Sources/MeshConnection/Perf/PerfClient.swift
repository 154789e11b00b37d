import MeshCore

/// The asking side of one perf stream: sends a size and an upload, then counts the download.
public struct PerfClient: Sendable {
    private let downloadByteCount: UInt64
    private var isSizeSent = false
    private var unsent: UInt64
    /// The bytes that were downloaded so far.
    public private(set) var receivedByteCount: UInt64 = 0

    /// Creates a client that uploads and then downloads so many bytes.
    public init(uploadByteCount: UInt64, downloadByteCount: UInt64) {
        unsent = uploadByteCount
        self.downloadByteCount = downloadByteCount
    }

    /// Whether the upload was produced, so that our direction can be finished.
    public var isUploadComplete: Bool { isSizeSent && unsent == 0 }

    /// Whether the whole download came.
    public var isComplete: Bool { isUploadComplete && receivedByteCount == downloadByteCount }

    /// Appends the size, first, and up to `maximumByteCount` bytes of the upload to `output`.
    public mutating func produce(_ maximumByteCount: Int, into output: inout [UInt8]) {
        if !isSizeSent {
            output.appendBigEndian(downloadByteCount)
            isSizeSent = true
        }
        guard maximumByteCount > 0 else { return }
        let count = min(unsent, UInt64(maximumByteCount))
        output.append(contentsOf: repeatElement(0, count: Int(count)))
        unsent -= count
    }

    /// Counts `byteCount` bytes of the server.
    public mutating func receive(_ byteCount: Int) throws(PerfError) {
        let (sum, overflow) = receivedByteCount.addingReportingOverflow(UInt64(max(0, byteCount)))
        guard !overflow, sum <= downloadByteCount else {
            throw .wrongDownload(byteCount: overflow ? .max : sum, expected: downloadByteCount)
        }
        receivedByteCount = sum
    }

    /// Notes that the server finished; throws when it sent too little.
    public func receiveEnd() throws(PerfError) {
        guard receivedByteCount == downloadByteCount else {
            throw .wrongDownload(byteCount: receivedByteCount, expected: downloadByteCount)
        }
    }
}
