import Logging
import MeshConnection
import MeshCore
import MeshDHT
import MeshMultiformats
import MeshTransport
import NIOCore

/// Runs the Kademlia machine over the swarm's connections.
///
/// Belongs to the node's event loop.
final class KademliaDriver {
    typealias DHTEffects = Effects<PeerID, KadMessage, KademliaEvent>

    /// What one query reported.
    struct QueryReport: Sendable {
        var steps: [QueryStep]
        var outcome: QueryOutcome
        var statistics: QueryStatistics
    }

    /// Where the answer to a request of a peer goes.
    private enum Asker {
        case stream(RequestServer)
        case datagram(RequestToken)
    }

    private struct Query {
        var steps: [QueryStep] = []
        var completion: (QueryReport) -> Void
    }

    let protocolID: String
    private(set) var machine: Kademlia
    let swarm: Swarm
    /// Carries requests to peers that speak Noise datagrams, and takes theirs.
    let carrier: DatagramCarrier
    let addresses: AddressSource
    private let writer: DurableWriter
    private let logger: Logger
    private let configuration: KademliaConfiguration
    /// Peers came into the routing table or left it.
    var onTableChange: ([KadPeer], [PeerID]) -> Void = { _, _ in }
    /// Nobody is left to ask.
    var onBootstrapNeeded: () -> Void = {}
    private var tableWaiters: [() -> Void] = []
    private var effects = DHTEffects()
    private var isDraining = false
    private var generator = SystemRandomNumberGenerator()
    /// What sends requests over each connection, by the connection's number.
    var clients: [UInt64: RequestClient] = [:]
    private var serving: [RequestToken: Asker] = [:]
    private var nextServed: UInt64 = 0
    /// Answers that wait until what they acknowledge is on disk.
    private var uncommitted: Set<RequestToken> = []
    /// Requests whose change was refused before their answer was known.
    private var unstorable: Set<RequestToken> = []
    private var heldResponses: [RequestToken: KadMessage?] = [:]
    /// Requests beyond their sender's budget up to the last refusal.
    private var overBudgetCount: UInt32 = 0
    private var queries: [QueryID: Query] = [:]
    private var timer: (deadline: Instant, task: Scheduled<Void>)?
    private(set) var isStopped = false

    init(
        protocolID: String, configuration: KademliaConfiguration = KademliaConfiguration(), clock: NodeClock,
        swarm: Swarm, datagrams: DatagramService, writer: DurableWriter, addresses: AddressSource,
        logger: Logger
    ) {
        self.protocolID = protocolID
        self.configuration = configuration
        machine = Kademlia(
            localPeer: swarm.peerID, configuration: configuration, epoch: clock.epoch,
            validators: RecordValidators(["mesh": MeshRecordRule()]))
        self.swarm = swarm
        self.writer = writer
        self.addresses = addresses
        self.logger = logger
        carrier = DatagramCarrier(service: datagrams, logger: logger)
        takeDatagrams(datagrams)
    }

    func stop() {
        isStopped = true
        timer?.task.cancel()
        timer = nil
    }

    // MARK: Start

    /// Brings back what an earlier run stored.
    func restore(_ stored: StoredState) {
        let peers = stored.peers.compactMap(\.peer)
        for peer in peers { addresses.learn(peer.addresses, of: peer.id) }
        machine.restore(
            peers: peers.map { ($0.id, $0.addresses) }, records: stored.records.map(\.record),
            providers: stored.providers.compactMap { $0.provider(configuration: configuration) })
    }

    /// Answers others from now on, or no longer.
    func setServing(_ serves: Bool) {
        machine.setMode(serves ? .server : .client)
        if serves {
            swarm.setAcceptor(protocolID) { [weak self] stream, connection in
                self?.accept(stream, from: connection)
            }
        } else {
            swarm.removeAcceptor(protocolID)
        }
        carrier.announce(servesKad: serves, addresses: machine.localAddresses)
    }

    /// Sets the addresses that this node gives as its own.
    func setLocalAddresses(_ addresses: [Multiaddr]) {
        machine.setLocalAddresses(addresses)
        carrier.announce(servesKad: machine.mode == .server, addresses: addresses)
    }

    /// Calls `body` once, when there is a peer in the routing table.
    func whenTableHasPeers(_ body: @escaping () -> Void) {
        guard machine.table.count == 0 else { return body() }
        tableWaiters.append(body)
    }

    // MARK: Commands

    /// Calls the machine and carries out what it wants.
    func run<Result>(
        _ body: (inout Kademlia, Instant, inout SystemRandomNumberGenerator, inout DHTEffects) -> Result
    ) -> Result {
        let result = body(&machine, .now, &generator, &effects)
        drain()
        return result
    }

    /// Starts a query and reports its end once.
    @discardableResult
    func query(
        _ start: (inout Kademlia, Instant, inout SystemRandomNumberGenerator, inout DHTEffects) -> QueryID,
        completion: @escaping (QueryReport) -> Void
    ) -> QueryID {
        let id = start(&machine, .now, &generator, &effects)
        queries[id] = Query(completion: completion)
        drain()
        return id
    }

    // MARK: Connections

    func identified(_ connection: PeerConnection) {
        guard let peer = connection.peer, let identify = connection.identify else { return }
        let servesKad = identify.protocols.contains(protocolID)
        let listed = identify.addresses(of: peer)
        run { machine, now, generator, effects in
            machine.peerIdentified(
                peer, addresses: listed, servesKad: servesKad, now: now, using: &generator, into: &effects)
        }
    }

    func disconnected(_ connection: PeerConnection) {
        clients[connection.number] = nil
        if let peer = connection.peer { noteIfGone(peer) }
    }

    /// Tells the machine when neither a connection nor a session leads to the peer any more.
    func noteIfGone(_ peer: PeerID) {
        guard !isStopped, swarm.connection(to: peer) == nil, !carrier.hasSession(with: peer) else { return }
        run { machine, now, _, _ in machine.peerDisconnected(peer, now: now) }
    }

    // MARK: Serving

    /// Takes requests of an inbound stream.
    func accept(_ stream: MeshStream, from connection: PeerConnection) -> (any StreamHandler)? {
        guard let peer = connection.peer else { return nil }
        return RequestServer(
            messageLimit: KadMessage.maximumRequestByteCount, stream: stream
        ) { [weak self] bytes, handler in
            self?.serve(bytes, from: peer, handler) ?? false
        }
    }

    private func serve(_ bytes: [UInt8], from peer: PeerID, _ handler: RequestServer) -> Bool {
        guard !isStopped, let message = try? KadMessage.decode(bytes.span.bytes) else { return false }
        serve(message, from: peer, .stream(handler))
        return true
    }

    /// Takes a request that came in a datagram.
    func serve(_ bytes: RawSpan, from peer: PeerID, token: RequestToken) {
        guard !isStopped, let message = try? KadMessage.decode(bytes) else {
            return carrier.respond(nil, token, otherwise: .invalid)
        }
        serve(message, from: peer, .datagram(token))
    }

    private func serve(_ message: KadMessage, from peer: PeerID, _ asker: Asker) {
        nextServed += 1
        let token = RequestToken(nextServed)
        serving[token] = asker
        handle(.request(message, from: peer, token: token))
    }

    func handle(_ input: Input<PeerID, KadMessage>) {
        guard !isStopped else { return }
        machine.handle(input, now: .now, using: &generator, into: &effects)
        drain()
    }

    // MARK: Effects

    private func drain() {
        guard !isDraining else { return }
        isDraining = true
        while !effects.list.isEmpty {
            let batch = effects.list
            effects.list = []
            for effect in batch { perform(effect) }
        }
        isDraining = false
        updateTimer()
    }

    private func perform(_ effect: Effect<PeerID, KadMessage, KademliaEvent>) {
        switch effect {
        case .request(let message, let peer, let token):
            send(message, to: peer, token: token)
        case .send(let message, let peer):
            send(message, to: peer, token: nil)
        case .respond(let message, _, let token):
            if uncommitted.contains(token) {
                heldResponses[token] = .some(message)
            } else if unstorable.remove(token) != nil {
                respond(nil, token)
            } else {
                respond(message, token)
            }
        case .event(let event):
            handle(event)
        }
    }

    private func respond(_ message: KadMessage?, _ token: RequestToken) {
        let reason = message == nil ? refusalReason() : .invalid
        switch serving.removeValue(forKey: token) {
        case .datagram(let asker): carrier.respond(message, asker, otherwise: reason)
        case .stream(let handler):
            guard let message else { return handler.respond(nil, isValid: false) }
            handler.respond(message.kind.isAnswered ? message.encoded() : nil)
        case nil: break
        }
    }

    /// Why the request that was just refused has no answer.
    private func refusalReason() -> DatagramRefusal {
        let count = machine.refusals.overBudget
        defer { overBudgetCount = count }
        return count > overBudgetCount ? .busy : .invalid
    }

    private func handle(_ event: KademliaEvent) {
        switch event {
        case .learnedAddresses(let peer, let learned):
            addresses.learn(learned, of: peer)
        case .queryStep(let id, let step):
            guard queries[id] != nil else { return }
            queries[id]?.steps.append(withUsedAddress(step))
        case .queryProgress:
            break
        case .queryFinished(let id, let outcome, let statistics):
            guard let query = queries.removeValue(forKey: id) else { return }
            query.completion(QueryReport(steps: query.steps, outcome: outcome, statistics: statistics))
        case .persistRecord(let record, let token):
            persist([.upsertRecord(RecordRow(record, configuration: configuration))], token)
        case .removeRecord(let key):
            writer.commit([.removeRecord(key: key)])
        case .persistProvider(let provider, let token):
            persist([.upsertProvider(ProviderRow(provider, configuration: configuration))], token)
        case .removeProvider(let key, let peer):
            writer.commit([.removeProvider(key: key, peer: peer.multihash)])
        case .routingTableChanged(let added, let removed):
            onTableChange(added, removed)
            guard machine.table.count > 0 else { return }
            let waiters = tableWaiters
            tableWaiters = []
            for waiter in waiters { waiter() }
        case .bootstrapNeeded:
            onBootstrapNeeded()
        }
    }

    /// Holds the answer `token` back until the change is on disk.
    private func persist(_ changes: [StorageChange], _ token: RequestToken?) {
        guard let token else { return writer.commit(changes) }
        uncommitted.insert(token)
        writer.commit(changes) { [weak self] result in self?.committed(token, result) }
    }

    private func committed(_ token: RequestToken, _ result: Result<Void, MeshFailure>) {
        uncommitted.remove(token)
        guard let held = heldResponses.removeValue(forKey: token) else {
            // Refused at once, before the answer came here: it must not leave either.
            if case .failure = result { unstorable.insert(token) }
            return
        }
        switch result {
        case .success: respond(held, token)
        case .failure: respond(nil, token)
        }
    }

    // MARK: Time

    private func updateTimer() {
        guard !isStopped, let deadline = machine.nextDeadline else { return }
        if let timer, timer.deadline <= deadline { return }
        timer?.task.cancel()
        let bound = NIOLoopBound(self, eventLoop: swarm.loop)
        let task = swarm.loop.scheduleTask(deadline: deadline.deadline) { bound.value.timerFired() }
        timer = (deadline, task)
    }

    private func timerFired() {
        timer = nil
        handle(.deadline)
    }
}
