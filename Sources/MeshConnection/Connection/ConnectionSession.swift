import MeshCore

/// An open connection: the secured channel and the streams on it.
struct ConnectionSession {
    var channel: NoiseChannel
    var streams: ConnectionStreams

    /// Opens the frames of `bytes` from `offset` on and handles what they carry.
    ///
    /// What came before bytes that do not authenticate is handled first.
    mutating func receive(
        _ bytes: RawSpan, from offset: Int, now: Instant, into effects: inout ConnectionEffects
    ) throws(ConnectionError) {
        let start = effects.arena.count
        var failure: NoiseError?
        do throws(NoiseError) {
            try channel.open(bytes, from: offset, appendingTo: &effects.arena)
        } catch {
            failure = error
        }
        streams.receive(start..<effects.arena.count, now: now, into: &effects)
        try flush(into: &effects)
        if let failure, !streams.yamux.isClosed { throw .noise(failure) }
    }

    /// Seals the frames that the muxer wants to send.
    mutating func flush(into effects: inout ConnectionEffects) throws(ConnectionError) {
        guard !effects.muxed.frames.isEmpty else { return }
        try channel.sealAll(&effects.muxed.frames, appendingTo: &effects.outbound)
    }
}
