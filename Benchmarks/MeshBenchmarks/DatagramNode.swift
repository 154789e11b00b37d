import Logging
import MeshConnection
import MeshCore
import MeshDHT
import MeshMultiformats
import MeshTransport
import NIOCore

/// A DHT node on datagrams alone: one UDP socket and one Kademlia machine, without connections and without a disk.
///
/// Belongs to one event loop. A hundred of them fit in a process; `Node` is what an application embeds.
final class DatagramNode {
    private typealias DHTEffects = Effects<PeerID, KadMessage, KademliaEvent>
    /// Takes the end of a query.
    typealias QueryEnd = (QueryOutcome, QueryStatistics) -> Void

    /// The node's identity.
    let peer: PeerID
    /// Where others reach the node.
    let address: Multiaddr
    private(set) var machine: Kademlia
    let service: DatagramService

    private var effects = DHTEffects()
    /// The buffer that is carried out, kept for its memory.
    private var spare = DHTEffects()
    private var isDraining = false
    private var generator = SystemRandomNumberGenerator()
    /// Addresses that the machine named for the requests that follow.
    private var learned: [PeerID: [Multiaddr]] = [:]
    private var queries: [QueryID: QueryEnd] = [:]
    private var timer: (deadline: Instant, task: Scheduled<Void>)?
    private var isStopped = false

    /// Opens a socket on `listen` and serves from now on.
    init(
        loop: any EventLoop, identity: IdentityKey, listen: Multiaddr, network: String,
        kademlia: KademliaConfiguration, datagrams: DatagramConfiguration, buffers: DatagramBuffers
    ) throws(TransportError) {
        peer = identity.peerID
        service = DatagramService(
            loop: loop, identity: identity, network: network, presharedKey: nil, configuration: datagrams,
            buffers: buffers, logger: Logger(label: "bench", factory: { _ in SwiftLogNoOpLogHandler() }))
        address = try service.listen(listen)
        machine = Kademlia(
            localPeer: identity.peerID, configuration: kademlia, epoch: UnixTime(seconds: 1),
            validators: RecordValidators())
        machine.setMode(.server)
        machine.setLocalAddresses([address])
        service.announce(servesKad: true, addresses: [address])
        service.onRequest = { [unowned self] bytes, peer, token in serve(bytes, from: peer, token) }
        service.onEstablished = { [unowned self] session in
            // Whom we asked is admitted by the answer itself.
            if session.isInitiator, session.servesKad { return }
            run { machine, now, generator, effects in
                machine.peerIdentified(
                    session.peer, addresses: session.addresses, servesKad: session.servesKad, now: now,
                    using: &generator, into: &effects)
                // A session is no connection that is kept.
                machine.peerDisconnected(session.peer, now: now)
            }
        }
    }

    /// Ends the sessions and closes the socket.
    func stop() {
        isStopped = true
        timer?.task.cancel()
        timer = nil
        service.shutDown()
    }

    /// Whether a query runs, of the application or of the node's own upkeep.
    var isBusy: Bool { machine.queryCount > 0 || machine.pendingRequestCount > 0 }

    /// Makes the node known to `peer`, and `peer` to the node once it answers.
    func meet(_ peer: PeerID, at address: Multiaddr) {
        run { machine, now, generator, effects in
            machine.peerIdentified(
                peer, addresses: [address], servesKad: true, now: now, using: &generator, into: &effects)
        }
    }

    /// Starts a query and reports its end once.
    func start(
        _ body: (
            inout Kademlia, Instant, inout SystemRandomNumberGenerator,
            inout Effects<PeerID, KadMessage, KademliaEvent>
        ) -> QueryID,
        completion: @escaping QueryEnd
    ) {
        let id = body(&machine, .now, &generator, &effects)
        queries[id] = completion
        drain()
    }

    private func run(
        _ body: (inout Kademlia, Instant, inout SystemRandomNumberGenerator, inout DHTEffects) -> Void
    ) {
        guard !isStopped else { return }
        body(&machine, .now, &generator, &effects)
        drain()
    }

    private func handle(_ input: Input<PeerID, KadMessage>) {
        guard !isStopped else { return }
        machine.handle(input, now: .now, using: &generator, into: &effects)
        drain()
    }

    private func serve(_ bytes: RawSpan, from peer: PeerID, _ token: RequestToken) {
        guard let message = try? KadMessage.decode(bytes) else { return service.refuse(token, .invalid) }
        handle(.request(message, from: peer, token: token))
    }

    // MARK: Effects

    private func drain() {
        guard !isDraining else { return }
        isDraining = true
        while !effects.list.isEmpty {
            var batch = DHTEffects()
            swap(&batch, &spare)
            swap(&batch, &effects)
            for effect in batch.list { perform(effect) }
            batch.list.removeAll(keepingCapacity: true)
            swap(&batch, &spare)
        }
        learned.removeAll(keepingCapacity: true)
        isDraining = false
        updateTimer()
    }

    private func perform(_ effect: Effect<PeerID, KadMessage, KademliaEvent>) {
        switch effect {
        case .request(let message, let peer, let token):
            service.request(message.encoded(), to: peer, addresses: learned[peer] ?? []) {
                [unowned self] result in
                guard case .success(let bytes) = result, let answer = try? KadMessage.decode(bytes.span.bytes)
                else { return handle(.failure(token, from: peer)) }
                handle(.response(answer, from: peer, token: token))
            }
        case .send(let message, let peer):
            service.request(message.encoded(), to: peer, addresses: learned[peer] ?? []) { _ in }
        case .respond(let message, _, let token):
            guard let message else { return service.refuse(token, .invalid) }
            service.respond(message.encoded(), to: token)
        case .event(.learnedAddresses(let peer, let addresses)):
            learned[peer] = addresses
        case .event(.queryFinished(let id, let outcome, let statistics)):
            queries.removeValue(forKey: id)?(outcome, statistics)
        case .event:
            // Records live as long as the process, and who is in the table is read from it.
            break
        }
    }

    // MARK: Time

    private func updateTimer() {
        guard !isStopped, let deadline = machine.nextDeadline else { return }
        if let timer, timer.deadline <= deadline { return }
        timer?.task.cancel()
        let bound = NIOLoopBound(self, eventLoop: service.loop)
        let task = service.loop.scheduleTask(deadline: deadline.deadline) { bound.value.timerFired() }
        timer = (deadline, task)
    }

    private func timerFired() {
        timer = nil
        if let deadline = machine.nextDeadline, deadline <= .now { return handle(.deadline) }
        updateTimer()
    }
}
