import MeshCore
import MeshMultiformats

@testable import MeshDHT

/// One Kademlia machine and what it asked for last.
final class MachineHarness {
    static let epoch = UnixTime(seconds: 1_800_000_000)

    var machine: Kademlia
    var rng: SeededGenerator
    var now = Instant.zero
    var effects = Kademlia.KadEffects()
    private var nextToken: UInt64 = 1_000_000

    init(
        mode: Kademlia.Mode = .server, seed: UInt64 = 1, validators: RecordValidators? = nil,
        configure: (inout KademliaConfiguration) -> Void = { _ in }
    ) {
        var configuration = KademliaConfiguration()
        // Most tests follow single requests; those of several paths say so.
        configuration.disjointPaths = 1
        configure(&configuration)
        rng = SeededGenerator(seed: seed)
        machine = Kademlia(
            localPeer: TestPeers.id(0), configuration: configuration, epoch: Self.epoch,
            validators: validators ?? RecordValidators(["versioned": VersionedValidator()]))
        machine.setMode(mode)
        machine.setLocalAddresses([TestPeers.address(77)])
    }

    // MARK: Inputs

    /// A request of `peer` and what it is answered; nil when the stream is reset.
    func ask(_ message: KadMessage, from peer: PeerID = TestPeers.id(500)) -> KadMessage? {
        nextToken += 1
        let token = RequestToken(nextToken)
        handle(.request(message, from: peer, token: token))
        for effect in effects.list {
            if case .respond(let answer, to: peer, token: token) = effect { return answer }
        }
        return nil
    }

    func handle(_ input: Input<PeerID, KadMessage>) {
        effects.list = []
        machine.handle(input, now: now, using: &rng, into: &effects)
    }

    func advance(_ duration: Duration) {
        let end = now + duration
        var list: [Effect<PeerID, KadMessage, KademliaEvent>] = []
        while let deadline = machine.nextDeadline, deadline <= end {
            now = max(now, deadline)
            handle(.deadline)
            list += effects.list
        }
        now = end
        effects.list = list
    }

    @discardableResult
    func command(
        _ body: (inout Kademlia, Instant, inout SeededGenerator, inout Kademlia.KadEffects) -> QueryID
    ) -> QueryID {
        effects.list = []
        return body(&machine, now, &rng, &effects)
    }

    func identify(_ peer: KadPeer, servesKad: Bool = true) {
        effects.list = []
        machine.peerIdentified(
            peer.id, addresses: peer.addresses, servesKad: servesKad, now: now, using: &rng, into: &effects)
    }

    /// Puts `peers` into the table by letting them answer their liveness checks.
    func admit(_ peers: [KadPeer]) {
        for peer in peers {
            identify(peer)
            // The first peer causes a refresh, which asks it once more.
            var open = requests
            while let request = open.popLast() {
                answer(request, KadMessage(kind: request.message.kind))
                open += requests
            }
        }
        effects.list = []
    }

    // MARK: Effects

    struct Request {
        var message: KadMessage
        var peer: PeerID
        var token: RequestToken
    }

    var requests: [Request] {
        effects.list.compactMap { effect in
            guard case .request(let message, let peer, let token) = effect else { return nil }
            return Request(message: message, peer: peer, token: token)
        }
    }

    var sends: [(message: KadMessage, peer: PeerID)] {
        effects.list.compactMap { effect in
            guard case .send(let message, let peer) = effect else { return nil }
            return (message, peer)
        }
    }

    var events: [KademliaEvent] {
        effects.list.compactMap { effect in
            guard case .event(let event) = effect else { return nil }
            return event
        }
    }

    var outcomes: [QueryOutcome] {
        events.compactMap { event in
            guard case .queryFinished(_, let outcome, _) = event else { return nil }
            return outcome
        }
    }

    var steps: [QueryStep] {
        events.compactMap { event in
            guard case .queryStep(_, let step) = event else { return nil }
            return step
        }
    }

    func answer(_ request: Request, _ message: KadMessage) {
        handle(.response(message, from: request.peer, token: request.token))
    }

    func fail(_ request: Request) {
        handle(.failure(request.token, from: request.peer))
    }
}
