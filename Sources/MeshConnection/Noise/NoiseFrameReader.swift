import MeshCore

/// Finds the frames in received bytes: two bytes of length, then the message.
///
/// A frame that lies wholly inside the received bytes is named by its range there and never copied; only a frame
/// that is split across reads is collected.
struct NoiseFrameReader: Sendable {
    /// Where a message lies.
    enum Location {
        /// In the received bytes.
        case received(Range<Int>)
        /// In ``NoiseFrameReader/collected``, behind its length, until the next call.
        case collected(Range<Int>)
    }

    /// The bytes of a frame that was split across reads, its length first.
    private(set) var collected: [UInt8] = []
    private var isCollectedTaken = false

    private static let prefixByteCount = 2

    /// The next whole message of `bytes` from `offset` on, or nil when the bytes end before it does.
    ///
    /// A message longer than `limit` throws as soon as its length is known.
    mutating func next(
        in bytes: RawSpan, at offset: inout Int, limit: Int
    ) throws(NoiseError) -> Location? {
        if isCollectedTaken {
            collected.removeAll(keepingCapacity: true)
            isCollectedTaken = false
        }
        if collected.isEmpty {
            guard bytes.byteCount - offset >= Self.prefixByteCount else {
                collect(bytes, upTo: Self.prefixByteCount, from: &offset)
                return nil
            }
            let byteCount = try Self.messageByteCount(bytes, at: offset, limit: limit)
            let start = offset + Self.prefixByteCount
            if bytes.byteCount - start >= byteCount {
                offset = start + byteCount
                return .received(start..<offset)
            }
        }
        return try collectFrame(bytes, from: &offset, limit: limit)
    }

    /// Frees the collecting buffer when nothing waits in it.
    mutating func releaseIdleMemory() {
        guard collected.isEmpty || isCollectedTaken else { return }
        collected = []
        isCollectedTaken = false
    }

    private mutating func collectFrame(
        _ bytes: RawSpan, from offset: inout Int, limit: Int
    ) throws(NoiseError) -> Location? {
        collect(bytes, upTo: Self.prefixByteCount, from: &offset)
        guard collected.count >= Self.prefixByteCount else { return nil }
        let byteCount = try Self.messageByteCount(collected.span.bytes, at: 0, limit: limit)
        let end = Self.prefixByteCount + byteCount
        collect(bytes, upTo: end, from: &offset)
        guard collected.count == end else { return nil }
        isCollectedTaken = true
        return .collected(Self.prefixByteCount..<end)
    }

    private mutating func collect(_ bytes: RawSpan, upTo byteCount: Int, from offset: inout Int) {
        let taken = min(byteCount - collected.count, bytes.byteCount - offset)
        guard taken > 0 else { return }
        collected.append(bytes.extracting(offset..<offset + taken))
        offset += taken
    }

    private static func messageByteCount(
        _ bytes: RawSpan, at offset: Int, limit: Int
    ) throws(NoiseError) -> Int {
        let byteCount = Int(bytes.bigEndian(at: offset, as: UInt16.self))
        guard byteCount <= limit else { throw .messageTooLong(byteCount: byteCount, limit: limit) }
        return byteCount
    }
}
