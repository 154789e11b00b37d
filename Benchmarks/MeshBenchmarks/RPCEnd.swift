import Logging
import MeshConnection
import MeshCore
import MeshDHT
import MeshMultiformats
import MeshTransport
import NIOCore

/// One end of `bench rpc`: datagram services on one event loop.
actor RPCEnd {
    /// Where a service is found.
    struct Place: Sendable {
        let peer: PeerID
        let address: Multiaddr
    }

    /// Requests that a run makes.
    enum Request: Sendable {
        /// Bytes that come back as they are.
        case echo([UInt8])
        /// A FIND_NODE for another key each time.
        case findNode
    }

    /// What a run saw.
    struct Outcome: Sendable {
        var latencies = LatencyHistogram()
        var failures = 0
        var duration = Duration.zero
    }

    private let loop: any EventLoop
    private let executor: any SerialExecutor
    private var services: [DatagramService] = []
    private var responder: FindNodeResponder?
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(loop: any EventLoop) {
        self.loop = loop
        executor = loop.executor
    }

    /// Opens a service that answers every request with the request.
    func open(configuration: DatagramConfiguration) throws -> Place {
        var generator = SystemRandomNumberGenerator()
        let identity = IdentityKey(using: &generator)
        let service = DatagramService(
            loop: loop, identity: identity, network: "bench", presharedKey: nil, configuration: configuration,
            logger: Logger(label: "bench", factory: { _ in SwiftLogNoOpLogHandler() }))
        service.onRequest = { [unowned service] bytes, _, token in service.respond(bytes.array, to: token) }
        services.append(service)
        let address = try service.listen(try Multiaddr("/ip4/127.0.0.1/udp/0/noise"))
        return Place(peer: identity.peerID, address: address)
    }

    /// Has the first service answer FIND_NODE with a Kademlia machine whose table is full.
    func answerFindNode(replication: Int) {
        guard let service = services.first else { return }
        let responder = FindNodeResponder(replication: replication)
        self.responder = responder
        service.onRequest = { [unowned service] bytes, peer, token in
            responder.answer(bytes, from: peer, token: token, over: service)
        }
    }

    func stop() {
        for service in services { service.shutDown() }
        services = []
    }

    /// Datagrams that all services of this end have sent.
    var sentCount: Int { services.reduce(0) { $0 + $1.counters.sent } }

    /// Asks `target` `count` times from the first service, `window` requests at a time.
    func run(_ request: Request, count: Int, window: Int, target: Place) async -> Outcome {
        guard let service = services.first else { return Outcome() }
        return await withCheckedContinuation { continuation in
            RPCLoad(service: service, request: request, count: count, window: window, target: target) {
                continuation.resume(returning: $0)
            }.start()
        }
    }

    /// Asks `target` once from every service, one after the other: each makes a handshake.
    func askFromEach(_ target: Place, payload: [UInt8]) async -> Outcome {
        var outcome = Outcome()
        for service in services {
            let latency = await ask(service, target, payload)
            outcome.note(latency)
        }
        return outcome
    }

    /// Asks the targets in turn from the first service.
    func ask(_ targets: [Place], count: Int, payload: [UInt8]) async -> Outcome {
        var outcome = Outcome()
        guard let service = services.first else { return outcome }
        for index in 0..<count {
            outcome.note(await ask(service, targets[index % targets.count], payload))
        }
        return outcome
    }

    private func ask(_ service: DatagramService, _ target: Place, _ payload: [UInt8]) async -> Duration? {
        let start = Instant.now
        return await withCheckedContinuation { continuation in
            service.request(payload, to: target.peer, addresses: [target.address]) { result in
                let isRight = (try? result.get()) == payload
                continuation.resume(returning: isRight ? Instant.now.duration(since: start) : nil)
            }
        }
    }
}

extension RPCEnd.Outcome {
    /// Notes one latency, or nil for a failure.
    mutating func note(_ latency: Duration?) {
        if let latency { latencies.record(latency) } else { failures += 1 }
    }
}

/// Keeps a number of requests in flight until all are answered; belongs to the event loop of its service.
private final class RPCLoad {
    private let service: DatagramService
    private let request: RPCEnd.Request
    private let target: RPCEnd.Place
    private let count: Int
    private let window: Int
    private let completion: (RPCEnd.Outcome) -> Void
    private let begun = Instant.now
    private var outcome = RPCEnd.Outcome()
    private var asked = 0
    private var answered = 0
    private var generator = SeededGenerator(seed: 2)

    init(
        service: DatagramService, request: RPCEnd.Request, count: Int, window: Int, target: RPCEnd.Place,
        completion: @escaping (RPCEnd.Outcome) -> Void
    ) {
        self.service = service
        self.request = request
        self.target = target
        self.count = count
        self.window = window
        self.completion = completion
    }

    func start() {
        for _ in 0..<min(window, count) { ask() }
    }

    private func ask() {
        asked += 1
        let message: [UInt8]
        switch request {
        case .echo(let bytes): message = bytes
        case .findNode:
            message = KadMessage(kind: .findNode, key: Bytes32.random(using: &generator).bytes).encoded()
        }
        let start = Instant.now
        service.request(message, to: target.peer, addresses: [target.address]) { result in
            self.take(result, message, start)
        }
    }

    private func take(_ result: Result<[UInt8], DatagramFailure>, _ message: [UInt8], _ start: Instant) {
        let now = Instant.now
        switch result {
        case .success(let bytes) where isRight(bytes, for: message):
            outcome.latencies.record(nanoseconds: now.nanoseconds - start.nanoseconds)
        case .success, .failure: outcome.failures += 1
        }
        answered += 1
        if asked < count { return ask() }
        guard answered == count else { return }
        outcome.duration = now.duration(since: begun)
        completion(outcome)
    }

    private func isRight(_ answer: [UInt8], for message: [UInt8]) -> Bool {
        switch request {
        case .echo: answer == message
        case .findNode: (try? KadMessage.decode(answer.span.bytes))?.closerPeers.isEmpty == false
        }
    }
}

/// Answers FIND_NODE with the very machine of a node, whose table holds what 1,000 peers leave in it.
private final class FindNodeResponder {
    private var machine: Kademlia
    private var effects = Effects<PeerID, KadMessage, KademliaEvent>()
    private var generator = SeededGenerator(seed: 3)

    init(replication: Int) {
        var configuration = KademliaConfiguration()
        configuration.replication = replication
        configuration.requestsPerSecondPerPeer = 10_000_000
        configuration.requestBurstPerPeer = 10_000_000
        let identity = IdentityKey(using: &generator)
        machine = Kademlia(
            localPeer: identity.peerID, configuration: configuration, epoch: UnixTime(seconds: 1),
            validators: RecordValidators())
        machine.setMode(.server)
        for index in 0..<1000 {
            let peer = IdentityKey(using: &generator).peerID
            let address = try? Multiaddr("/ip4/10.0.\(index / 256).\(index % 256)/udp/4001/noise")
            machine.peerIdentified(
                peer, addresses: address.map { [$0] } ?? [], servesKad: true, now: .now, using: &generator,
                into: &effects)
            answerChecks()
        }
    }

    /// Has every peer that the machine asks for a sign of life give one.
    private func answerChecks() {
        while !effects.list.isEmpty {
            let batch = effects.list
            effects.list = []
            for case .request(let message, let peer, let token) in batch {
                machine.handle(
                    .response(KadMessage(kind: message.kind, key: message.key), from: peer, token: token),
                    now: .now, using: &generator, into: &effects)
            }
        }
    }

    func answer(_ bytes: RawSpan, from peer: PeerID, token: RequestToken, over service: DatagramService) {
        guard let message = try? KadMessage.decode(bytes) else { return service.refuse(token, .invalid) }
        machine.handle(
            .request(message, from: peer, token: token), now: .now, using: &generator, into: &effects)
        for effect in effects.list {
            guard case .respond(let response, _, let token) = effect else { continue }
            guard let response else {
                service.refuse(token, .invalid)
                continue
            }
            service.respond(response.encoded(), to: token)
        }
        effects.list.removeAll(keepingCapacity: true)
    }
}
