import MeshConnection
import MeshCore
import MeshMultiformats
import NIOCore

/// One dial of a peer over all its addresses: drives the dial machine with real sockets and timers.
final class SwarmDial {
    let peer: PeerID?
    private let swarm: Swarm
    private let key: DialKey
    private let isManual: Bool
    private var completions: [DialCompletion]
    private var machine: DialStateMachine
    private var effects: [DialEffect] = []
    private var isDraining = false
    private var handshaking: [Int: PeerConnection] = [:]
    private var cancelled: Set<Int> = []
    private var winner: PeerConnection?
    private var timer: Scheduled<Void>?

    init(swarm: Swarm, key: DialKey, peer: PeerID?, isManual: Bool, completion: @escaping DialCompletion) {
        self.swarm = swarm
        self.key = key
        self.peer = peer
        self.isManual = isManual
        completions = [completion]
        machine = DialStateMachine(configuration: swarm.configuration.dialing)
    }

    /// Lets another caller wait for the same dial.
    func add(_ completion: @escaping DialCompletion) {
        completions.append(completion)
    }

    func start(_ addresses: [Multiaddr]) {
        let ranker = AddressRanker(
            configuration: swarm.configuration.dialing, localAddresses: swarm.listenAddresses)
        run { machine, now, effects in
            machine.start(
                ranker.rank(addresses), peer: peer, backoff: isManual ? nil : swarm.backoff, now: now,
                into: &effects)
        }
    }

    func succeeded(_ index: Int, _ connection: PeerConnection) {
        handshaking[index] = nil
        guard winner == nil, !machine.isFinished else { return }
        winner = connection
        swarm.backoff.noteSuccess(connection.remoteAddress, of: peer)
        run { machine, now, effects in machine.attemptSucceeded(index, now: now, into: &effects) }
    }

    func failed(_ index: Int, _ failure: DialFailure) {
        handshaking[index] = nil
        guard !cancelled.contains(index) else { return }
        run { machine, now, effects in machine.attemptFailed(index, failure, now: now, into: &effects) }
    }

    func cancel() {
        run { machine, now, effects in machine.cancel(now: now, into: &effects) }
    }

    // MARK: Effects

    private func run(_ body: (inout DialStateMachine, Instant, inout [DialEffect]) -> Void) {
        body(&machine, .now, &effects)
        guard !isDraining else { return }
        isDraining = true
        while !effects.isEmpty {
            let batch = effects
            effects = []
            for effect in batch { perform(effect) }
        }
        isDraining = false
        updateTimer()
    }

    private func perform(_ effect: DialEffect) {
        switch effect {
        case .attempt(let index, let address): attempt(index, address)
        case .cancel(let index):
            cancelled.insert(index)
            handshaking.removeValue(forKey: index)?.close()
        case .finished(let result): finish(result)
        }
    }

    private func attempt(_ index: Int, _ address: Multiaddr) {
        guard address.peerID == nil || peer == nil || address.peerID == peer else {
            return failed(index, .unsupported)
        }
        guard let transport = swarm.transports.first(where: { $0.speaks(address) }) else {
            return failed(index, .unsupported)
        }
        let expected = peer ?? address.peerID
        let timeout = swarm.configuration.dialing.publicTimeout
        transport.dial(address.withoutPeer, timeout: timeout).assumeIsolated().whenComplete { result in
            switch result {
            case .success(let channel): self.connected(index, channel, address.withoutPeer, expected)
            case .failure(let error): self.failed(index, DialFailure(error))
            }
        }
    }

    private func connected(_ index: Int, _ channel: any Channel, _ address: Multiaddr, _ expected: PeerID?) {
        guard !cancelled.contains(index), !machine.isFinished else { return channel.close(promise: nil) }
        let connection = swarm.run(
            channel, direction: .outbound, remote: address, expectedPeer: expected
        ) { connection in
            self.handshaking[index] = connection
            self.swarm.dialNumbers[connection.number] = (self, index)
        }
        guard let connection else {
            return failed(index, .connection(code: 0, reason: "a limit of this node was met"))
        }
        if !connection.isOpen { swarm.dialFinished(connection, nil) }
    }

    private func finish(_ result: DialResult) {
        timer?.cancel()
        timer = nil
        swarm.dials[key] = nil
        for attempt in result.attempts {
            if case .failed = attempt.outcome {
                swarm.backoff.noteFailure(attempt.address, of: peer, now: .now)
            }
        }
        let waiting = completions
        completions = []
        // Somebody may have dialled us meanwhile: then the peer is reached whatever our own attempts said.
        let connection = winner ?? peer.flatMap { swarm.connection(to: $0) }
        for completion in waiting {
            if let connection {
                completion(
                    .success(
                        DialSuccess(
                            connection: connection, attempts: result.attempts, wasOpen: winner == nil)))
            } else {
                completion(.failure(DialError(result)))
            }
        }
    }

    private func updateTimer() {
        timer?.cancel()
        timer = nil
        guard let deadline = machine.nextDeadline else { return }
        let bound = NIOLoopBound(self, eventLoop: swarm.loop)
        timer = swarm.loop.scheduleTask(deadline: deadline.deadline) {
            bound.value.run { machine, now, effects in machine.handleDeadline(now: now, into: &effects) }
        }
    }
}
