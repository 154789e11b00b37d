import MeshCore

/// The secured byte stream of a connection: frames in, plaintext out, and back.
struct NoiseChannel {
    private var transport: NoiseTransport
    private var frames = NoiseFrameReader()

    init(_ transport: NoiseTransport) {
        self.transport = transport
    }

    /// Appends the plaintext of every whole frame of `bytes` from `offset` on to `arena`.
    ///
    /// What was opened before an error stays in the arena: it is authentic.
    mutating func open(
        _ bytes: RawSpan, from offset: Int, appendingTo arena: inout [UInt8]
    ) throws(NoiseError) {
        var offset = offset
        let limit = NoiseTransport.maximumMessageByteCount
        while let location = try frames.next(in: bytes, at: &offset, limit: limit) {
            switch location {
            case .received(let range):
                try transport.openMessage(bytes.extracting(range), appendingTo: &arena)
            case .collected(let range):
                try openCollected(range, appendingTo: &arena)
            }
        }
    }

    /// Appends `plaintext` as frames to `output`, and empties it.
    mutating func sealAll(
        _ plaintext: inout [UInt8], appendingTo output: inout [UInt8]
    ) throws(ConnectionError) {
        do throws(NoiseError) {
            try transport.seal(plaintext.span.bytes, appendingTo: &output)
        } catch {
            throw .noise(error)
        }
        plaintext.removeAll(keepingCapacity: true)
    }

    private mutating func openCollected(
        _ range: Range<Int>, appendingTo arena: inout [UInt8]
    ) throws(NoiseError) {
        // A second reference, not a copy; it ends with this call, before the collected bytes change.
        let collected = frames.collected
        try transport.openMessage(collected.span.bytes.extracting(range), appendingTo: &arena)
    }

    /// Gives back memory that only a busy connection needs.
    mutating func releaseIdleMemory() {
        frames.releaseIdleMemory()
    }
}
