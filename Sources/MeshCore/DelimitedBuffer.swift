/// Why a length-prefixed message cannot be taken.
public enum DelimitedError: Error, Hashable, Sendable {
    /// The prefix is not a minimal varint.
    case badLength(VarintError)
    /// The prefix announces more bytes than the limit.
    case messageTooLong(byteCount: UInt64, limit: Int)
}

/// Collects stream bytes and gives out varint-length-prefixed messages.
///
/// The announced length is checked before the bytes are kept, so a peer can never make the buffer larger than
/// the limit, one prefix and the chunk that was received last.
public struct DelimitedBuffer: Sendable {
    /// The longest message that is accepted, in bytes.
    public let limit: Int
    private var bytes: [UInt8] = []
    private var start = 0

    /// Creates an empty buffer for messages of at most `limit` bytes.
    public init(limit: Int) {
        self.limit = limit
    }

    /// The number of bytes that wait for the rest of their message.
    public var pendingByteCount: Int { bytes.count - start }

    /// Appends received bytes.
    public mutating func append(_ span: RawSpan) {
        if start == bytes.count {
            bytes.removeAll(keepingCapacity: bytes.count <= 1 << 16)
            start = 0
        }
        bytes.append(span)
    }

    /// Removes and returns the next whole message without its prefix, or nil when more bytes are needed.
    public mutating func next() throws(DelimitedError) -> [UInt8]? {
        var offset = start
        let length: UInt64
        do throws(VarintError) {
            length = try Varint.read(bytes.span.bytes, at: &offset)
        } catch {
            if case .truncated = error { return nil }
            throw .badLength(error)
        }
        guard length <= UInt64(limit) else { throw .messageTooLong(byteCount: length, limit: limit) }
        guard bytes.count - offset >= Int(length) else {
            compact()
            return nil
        }
        let end = offset + Int(length)
        let message = Array(bytes[offset..<end])
        start = end
        return message
    }

    /// Removes and returns everything that has not been given out.
    public mutating func takeRest() -> [UInt8] {
        let rest = Array(bytes[start...])
        bytes = []
        start = 0
        return rest
    }

    private mutating func compact() {
        guard start > 4096 else { return }
        bytes.removeFirst(start)
        start = 0
    }

    /// `message` behind its length prefix.
    public static func encode(_ message: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(message.count + 3)
        Varint.append(UInt64(message.count), to: &bytes)
        bytes.append(contentsOf: message)
        return bytes
    }
}
