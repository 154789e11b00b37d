import MeshCore
import MeshMultiformats

/// The negotiation of the stream muxer inside the secured channel, for peers that did not list theirs in Noise.
///
/// | State | Input | Output | Next state |
/// |---|---|---|---|
/// | dialer, at the start | | header, `/yamux/1.0.0` | proposing |
/// | listener, at the start | | | answering |
/// | proposing | header, echo | | closed, agreed |
/// | proposing | `na` | throws `.refused` | closed |
/// | answering | header, `/yamux/1.0.0` | header, echo | closed, agreed |
/// | any | a violation | throws | closed |
struct MuxerSelection {
    private enum State {
        case proposing(MultistreamDialer)
        case answering(MultistreamListener)
    }

    /// The secured channel.
    var channel: NoiseChannel
    /// What will be reported once the muxer is agreed.
    let info: ConnectionInfo
    private var state: State

    /// Starts; plaintext for the channel is appended to `output`.
    init(
        role: ConnectionRole, channel: NoiseChannel, info: ConnectionInfo,
        configuration: ConnectionConfiguration, into output: inout [UInt8]
    ) {
        self.channel = channel
        self.info = info
        switch role {
        case .dialer:
            var dialer = MultistreamDialer(proposals: [info.muxer])
            dialer.start(into: &output)
            state = .proposing(dialer)
        case .listener:
            let limit = configuration.maximumProposalCount
            state = .answering(MultistreamListener(maximumProposalCount: limit))
        }
    }

    /// Takes plaintext from `offset` on; true once the muxer is agreed, with `offset` behind the negotiation.
    mutating func receive(
        _ bytes: RawSpan, at offset: inout Int, into output: inout [UInt8]
    ) throws(ConnectionError) -> Bool {
        do throws(MultistreamError) {
            switch state {
            case .proposing(var dialer):
                let outcome = try dialer.receive(bytes, at: &offset, into: &output)
                state = .proposing(dialer)
                if outcome == nil { return false }
                if outcome != .refused { return true }
            case .answering(var listener):
                let protocols = [info.muxer]
                let agreed = try listener.receive(bytes, at: &offset, protocols: protocols, into: &output)
                state = .answering(listener)
                return agreed != nil
            }
        } catch {
            throw .multistream(error, during: .muxerNegotiation)
        }
        throw .refused([info.muxer], during: .muxerNegotiation)
    }
}
