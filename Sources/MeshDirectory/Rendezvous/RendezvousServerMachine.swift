import MeshCore
import MeshMultiformats

/// The rendezvous point as a machine that any driver runs.
///
/// UNREGISTER leads to no `respond` effect, because it has no answer; everything else leads to one.
extension RendezvousServer: StateMachine {
    /// Serves requests and expires registrations; a point makes no requests, so their results are ignored.
    public mutating func handle(
        _ input: Input<PeerID, RendezvousMessage>, now: Instant, using rng: inout some RandomNumberGenerator,
        into effects: inout Effects<PeerID, RendezvousMessage, RendezvousServerEvent>
    ) {
        switch input {
        case .request(let message, let peer, let token):
            let (reaction, events) = handle(message, from: peer, now: now)
            switch reaction {
            case .answer(let answer): effects.append(.respond(answer, to: peer, token: token))
            case .reset: effects.append(.respond(nil, to: peer, token: token))
            case .silence: break
            }
            for event in events { effects.append(.event(event)) }
        case .deadline:
            for event in handleDeadline(now: now) { effects.append(.event(event)) }
        case .response, .failure: break
        }
    }
}
