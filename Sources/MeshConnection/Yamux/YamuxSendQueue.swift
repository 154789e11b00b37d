import MeshCore

/// Bytes that wait for the peer's window: one array with a head index.
struct YamuxSendQueue: Sendable {
    /// Memory up to this size is kept when the queue runs empty.
    private static let keptCapacity = 64 * 1024

    private var bytes: [UInt8] = []
    private var head = 0

    /// The number of waiting bytes.
    var byteCount: Int { bytes.count - head }

    /// Appends a copy of `span`.
    mutating func append(_ span: RawSpan) {
        // Moves the rest to the front only when it is the smaller part, so that a byte moves O(1) times.
        if head > 0, head >= bytes.count - head {
            bytes.removeFirst(head)
            head = 0
        }
        bytes.append(span)
    }

    /// Moves the first `count` bytes, which the caller knows to wait, to the end of `output`.
    mutating func move(_ count: Int, to output: inout [UInt8]) {
        output.append(bytes.span.bytes.extracting(head..<head + count))
        head += count
        guard head == bytes.count else { return }
        bytes.removeAll(keepingCapacity: bytes.capacity <= Self.keptCapacity)
        head = 0
    }
}
