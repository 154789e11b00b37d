/// The name and limits of the perf protocol.
///
/// Off by default: it lets a peer spend this node's bandwidth.
///
/// Source: libp2p/specs perf/perf.md.
public struct PerfConfiguration: Hashable, Sendable {
    /// The protocol's id.
    public static let protocolID = "/perf/1.0.0"

    /// The longest download that a client may ask for, in bytes.
    public var maximumDownloadByteCount: UInt64 = 64 << 30
    /// The longest upload that a client may send, in bytes.
    public var maximumUploadByteCount: UInt64 = 64 << 30

    /// Creates the default configuration.
    public init() {}
}

/// Why a perf stream is reset.
public enum PerfError: Error, Hashable, Sendable {
    /// The client asks for more than the limit.
    case downloadTooLong(byteCount: UInt64, limit: UInt64)
    /// The client uploads more than the limit.
    case uploadTooLong(limit: UInt64)
    /// The stream ended inside the 8-byte size.
    case truncatedSize(byteCount: Int)
    /// The server ended, or sent more, at another size than asked for.
    case wrongDownload(byteCount: UInt64, expected: UInt64)
}

extension PerfError: CustomStringConvertible {
    /// What happened.
    public var description: String {
        switch self {
        case .downloadTooLong(let byteCount, let limit):
            "a perf download of \(byteCount) bytes exceeds the limit of \(limit)"
        case .uploadTooLong(let limit): "a perf upload exceeds the limit of \(limit) bytes"
        case .truncatedSize(let byteCount): "a perf stream ended after \(byteCount) of its 8 size bytes"
        case .wrongDownload(let byteCount, let expected):
            "a perf server sent \(byteCount) bytes instead of \(expected)"
        }
    }
}
