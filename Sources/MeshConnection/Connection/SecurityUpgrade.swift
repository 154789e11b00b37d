import MeshCore
import MeshMultiformats

/// The first part of a connection: multistream-select agrees on Noise, then the Noise handshake runs.
///
/// | State | Input | Output | Next state |
/// |---|---|---|---|
/// | dialer, at the start | | header, `/noise`, Noise message 1 | proposing |
/// | listener, at the start | | | answering |
/// | proposing | header, echo | | handshaking |
/// | proposing | `na` | throws `.refused` | closed |
/// | answering | header, `/noise` | header, echo | handshaking |
/// | handshaking | Noise messages | see ``NoiseSecurity`` | closed, secured |
/// | any | a violation | throws | closed |
///
/// The dialer sends everything that does not depend on an answer at once: with the listener's answer to it the
/// handshake takes one round trip.
struct SecurityUpgrade {
    private enum State {
        case proposing(MultistreamDialer)
        case answering(MultistreamListener)
        case handshaking
        case closed
    }

    private var noise: NoiseSecurity
    private var state: State

    init(
        role: ConnectionRole, identity: ConnectionIdentity, expectedPeer: PeerID?,
        configuration: ConnectionConfiguration, using rng: inout some RandomNumberGenerator,
        into output: inout [UInt8]
    ) throws(ConnectionError) {
        let muxers = configuration.negotiatesEarlyMuxer ? [ConnectionConfiguration.muxer] : []
        noise = NoiseSecurity(role: role, identity: identity, expectedPeer: expectedPeer, muxers: muxers)
        switch role {
        case .dialer:
            var dialer = MultistreamDialer(proposals: [ConnectionConfiguration.security])
            dialer.start(into: &output)
            state = .proposing(dialer)
        case .listener:
            let limit = configuration.maximumProposalCount
            state = .answering(MultistreamListener(maximumProposalCount: limit))
        }
        do throws(NoiseError) {
            try noise.start(using: &rng, into: &output)
        } catch {
            throw .noise(error)
        }
    }

    /// How far it has come.
    var stage: ConnectionStage {
        switch state {
        case .proposing, .answering: .securityNegotiation
        case .handshaking, .closed: .securityHandshake
        }
    }

    /// Takes received bytes from `offset` on; returns the session once it is established.
    mutating func receive(
        _ bytes: RawSpan, at offset: inout Int, using rng: inout some RandomNumberGenerator,
        into output: inout [UInt8]
    ) throws(ConnectionError) -> NoiseSecurity.Secured? {
        do throws(MultistreamError) {
            guard try negotiate(bytes, at: &offset, into: &output) else { return nil }
        } catch {
            state = .closed
            throw .multistream(error, during: .securityNegotiation)
        }
        guard case .handshaking = state else {
            throw .refused([ConnectionConfiguration.security], during: .securityNegotiation)
        }
        do throws(NoiseError) {
            return try noise.receive(bytes, at: &offset, using: &rng, into: &output)
        } catch {
            state = .closed
            throw .noise(error)
        }
    }

    /// Whether the negotiation is over.
    private mutating func negotiate(
        _ bytes: RawSpan, at offset: inout Int, into output: inout [UInt8]
    ) throws(MultistreamError) -> Bool {
        switch state {
        case .handshaking, .closed:
            return true
        case .proposing(var dialer):
            switch try dialer.receive(bytes, at: &offset, into: &output) {
            case nil:
                state = .proposing(dialer)
                return false
            case .refused: state = .closed
            case .agreed: state = .handshaking
            }
        case .answering(var listener):
            let protocols = [ConnectionConfiguration.security]
            let agreed = try listener.receive(bytes, at: &offset, protocols: protocols, into: &output)
            guard agreed != nil else {
                state = .answering(listener)
                return false
            }
            state = .handshaking
        }
        return true
    }
}
