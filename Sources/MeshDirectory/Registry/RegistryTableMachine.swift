import MeshCore
import MeshMultiformats

/// The registry's table as a machine that any driver runs.
extension RegistryTable: StateMachine {
    /// Answers heartbeats and moves statuses; a table makes no requests, so their results are ignored.
    public mutating func handle(
        _ input: Input<PeerID, HeartbeatMessage>, now: Instant, using rng: inout some RandomNumberGenerator,
        into effects: inout Effects<PeerID, HeartbeatMessage, RegistryEvent>
    ) {
        switch input {
        case .request(.heartbeat(let envelope), let peer, let token):
            let (response, events) = handle(envelope, from: peer, now: now)
            // The events come first: what is acknowledged has been given to the driver to keep.
            for event in events { effects.append(.event(event)) }
            effects.append(.respond(.response(response), to: peer, token: token))
        case .request(.response, let peer, let token):
            effects.append(.respond(nil, to: peer, token: token))
        case .deadline:
            for event in handleDeadline(now: now) { effects.append(.event(event)) }
        case .response, .failure: break
        }
    }
}
