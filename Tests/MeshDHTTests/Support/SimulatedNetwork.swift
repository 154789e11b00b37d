import MeshCore
import MeshMultiformats

@testable import MeshDHT

/// Real Kademlia machines on a simulated network: latencies, loss, dead nodes, one seed, no clock.
final class SimulatedNetwork {
    struct Settings {
        var minimumLatency = Duration.milliseconds(5)
        var latencySpread = Duration.milliseconds(45)
        /// Requests, or their answers, that vanish, per thousand.
        var lossPerThousand: UInt64 = 0
        /// When a driver gives a request up.
        var requestTimeout = Duration.seconds(10)
        /// Whether messages go through their wire form.
        var encodesMessages = false
        var configuration = KademliaConfiguration()
    }

    struct Node {
        var machine: Kademlia
        var address: Multiaddr
        var isUp = true
        var scheduledDeadline: Instant?
        /// What the driver has on disk.
        var disk = Disk()
        var knownPeers: [PeerID: [Multiaddr]] = [:]
        var bootstrapRequests = 0
    }

    struct Disk {
        var records: [[UInt8]: StoredRecord] = [:]
        var providers: [ProviderRecord] = []
    }

    struct Finished {
        var node: Int
        var outcome: QueryOutcome
        var statistics: QueryStatistics
    }

    private enum Action {
        case input(Input<PeerID, KadMessage>)
        case identified(PeerID)
        case deadline
    }

    private struct Scheduled {
        var time: Instant
        var sequence: UInt64
        var node: Int
        var action: Action
    }

    let settings: Settings
    private(set) var now = Instant.zero
    private(set) var digest: UInt64 = 0xcbf2_9ce4_8422_2325
    private(set) var deliveredCount = 0
    /// Responses that left before the record that they acknowledge was on disk.
    private(set) var unpersistedAcknowledgements = 0
    var rng: SeededGenerator
    var nodes: [Node] = []
    var finished: [Int: [QueryID: Finished]] = [:]
    var steps: [QueryStep] = []
    /// Nodes whose requests are answered by these instead of their machines.
    var behaviours: [Int: (KadMessage) -> KadMessage?] = [:]
    private var indices: [PeerID: Int] = [:]
    private var connections: Set<[Int]> = []
    private var queue: [Scheduled] = []
    private var nextSequence: UInt64 = 0
    private var answered: Set<[UInt64]> = []

    init(seed: UInt64, settings: Settings = Settings()) {
        rng = SeededGenerator(seed: seed)
        self.settings = settings
    }

    // MARK: Nodes

    @discardableResult
    func addNode(mode: Kademlia.Mode = .server, id: PeerID? = nil) -> Int {
        let id = id ?? TestPeers.id(using: &rng)
        let index = nodes.count
        let machine = makeMachine(id, mode: mode, index: index)
        nodes.append(Node(machine: machine, address: TestPeers.address(index + 1)))
        indices[id] = index
        return index
    }

    private func makeMachine(_ id: PeerID, mode: Kademlia.Mode, index: Int) -> Kademlia {
        var machine = Kademlia(
            localPeer: id, configuration: settings.configuration,
            epoch: UnixTime(seconds: 1_800_000_000),
            validators: RecordValidators(["versioned": VersionedValidator()]))
        machine.setMode(mode)
        machine.setLocalAddresses([TestPeers.address(index + 1)])
        return machine
    }

    /// A number from 0 up to `limit`, without it.
    func random(below limit: Int) -> Int { Int(rng.next(upperBound: UInt64(limit))) }

    /// The `count` running servers that are really closest to `key`, without `node`.
    func trueClosest(_ count: Int, to key: [UInt8], without node: Int) -> [PeerID] {
        let place = KadKeys.place(of: key)
        var ids: [PeerID] = []
        for (index, other) in nodes.enumerated()
        where index != node && other.isUp && other.machine.mode == .server {
            ids.append(other.machine.localPeer)
        }
        ids.sort { ($0.kadKey ^ place) < ($1.kadKey ^ place) }
        return Array(ids.prefix(count))
    }

    func id(_ node: Int) -> PeerID { nodes[node].machine.localPeer }

    func index(of peer: PeerID) -> Int? { indices[peer] }

    func stop(_ node: Int) {
        nodes[node].isUp = false
        connections = connections.filter { !$0.contains(node) }
    }

    /// Starts a stopped node again with what its driver had on disk, and nothing else.
    func restart(_ node: Int) {
        let old = nodes[node]
        var machine = makeMachine(old.machine.localPeer, mode: old.machine.mode, index: node)
        // Dictionaries have no order: a driver reads its rows by key.
        let peers = old.knownPeers.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        machine.restore(
            peers: peers,
            records: old.disk.records.values.sorted { $0.key.lexicographicallyPrecedes($1.key) },
            providers: old.disk.providers)
        nodes[node].machine = machine
        nodes[node].isUp = true
        finished[node] = nil
        nodes[node].scheduledDeadline = nil
        reschedule(node)
    }

    /// Lets `node` meet `other` as if it had dialled it.
    func connect(_ node: Int, _ other: Int) {
        guard connections.insert([min(node, other), max(node, other)]).inserted else { return }
        let time = now + latency()
        schedule(.identified(id(other)), node: node, at: time)
        schedule(.identified(id(node)), node: other, at: time)
    }

    /// A network of `count` nodes that joined one after the other through a random member.
    func grow(to count: Int, joinInterval: Duration = .milliseconds(500)) {
        while nodes.count < count {
            let node = addNode()
            if node > 0 {
                connect(node, random(below: node))
                run(for: .milliseconds(200))
                _ = command(node) { $0.bootstrap(now: $1, using: &$2, into: &$3) }
            }
            run(for: joinInterval)
        }
    }

    // MARK: Commands

    typealias Command = (
        inout Kademlia, Instant, inout SeededGenerator, inout Kademlia.KadEffects
    ) -> QueryID

    /// Runs a command on `node` and gives its query.
    func command(_ node: Int, _ body: Command) -> QueryID {
        var effects = Kademlia.KadEffects()
        let id = body(&nodes[node].machine, now, &rng, &effects)
        apply(effects, of: node)
        return id
    }

    /// Runs a command on `node` until its query is over, and gives the end; nil when it does not end.
    func finish(_ node: Int, within limit: Duration = .seconds(120), _ body: Command) -> Finished? {
        let id = command(node, body)
        let deadline = now + limit
        while finished[node]?[id] == nil, step(until: deadline) {}
        return finished[node]?[id]
    }

    // MARK: Time

    /// Delivers everything up to `duration` from now.
    func run(for duration: Duration) {
        let end = now + duration
        while step(until: end) {}
        now = end
    }

    /// Delivers the next event, unless it comes after `end`.
    func step(until end: Instant) -> Bool {
        guard let first = queue.first, first.time <= end else { return false }
        popFirst()
        now = max(now, first.time)
        guard nodes[first.node].isUp else { return true }
        deliver(first)
        return true
    }

    private func deliver(_ event: Scheduled) {
        var effects = Kademlia.KadEffects()
        switch event.action {
        case .input(let input):
            deliveredCount += 1
            mix(event, input)
            if case .request(let message, let peer, let token) = input, let behaviour = behaviours[event.node]
            {
                return carryAnswer(behaviour(message), from: event.node, to: peer, token)
            }
            nodes[event.node].machine.handle(input, now: now, using: &rng, into: &effects)
        case .identified(let peer):
            guard let other = indices[peer], nodes[other].isUp else { return }
            nodes[event.node].machine.peerIdentified(
                peer, addresses: [nodes[other].address], servesKad: nodes[other].machine.mode == .server,
                now: now, using: &rng, into: &effects)
        case .deadline:
            if nodes[event.node].scheduledDeadline == event.time { nodes[event.node].scheduledDeadline = nil }
            guard let deadline = nodes[event.node].machine.nextDeadline, deadline <= now else {
                return reschedule(event.node)
            }
            nodes[event.node].machine.handle(.deadline, now: now, using: &rng, into: &effects)
        }
        apply(effects, of: event.node)
    }

    // MARK: Driver

    private func apply(_ effects: Kademlia.KadEffects, of node: Int) {
        var persisted: Set<UInt64> = []
        for effect in effects.list {
            switch effect {
            case .request(let message, let peer, let token): carry(message, from: node, to: peer, token)
            case .send(let message, let peer): carryWithoutAnswer(message, from: node, to: peer)
            case .respond(let message, let peer, let token):
                if message?.kind == .putValue, !persisted.contains(token.value) {
                    unpersistedAcknowledgements += 1
                }
                carryAnswer(message, from: node, to: peer, token)
            case .event(let event): note(event, of: node, &persisted)
            }
        }
        reschedule(node)
    }

    private func note(_ event: KademliaEvent, of node: Int, _ persisted: inout Set<UInt64>) {
        switch event {
        case .learnedAddresses, .queryProgress: break
        case .queryStep(_, let step): steps.append(step)
        case .queryFinished(let id, let outcome, let statistics):
            finished[node, default: [:]][id] = Finished(node: node, outcome: outcome, statistics: statistics)
        case .persistRecord(let record, let token):
            nodes[node].disk.records[record.key] = record
            if let token { persisted.insert(token.value) }
        case .removeRecord(let key): nodes[node].disk.records[key] = nil
        case .persistProvider(let record, _):
            nodes[node].disk.providers.removeAll {
                $0.key == record.key && $0.provider.id == record.provider.id
            }
            nodes[node].disk.providers.append(record)
        case .removeProvider(let key, let peer):
            nodes[node].disk.providers.removeAll { $0.key == key && $0.provider.id == peer }
        case .routingTableChanged(let added, let removed):
            for peer in added { nodes[node].knownPeers[peer.id] = peer.addresses }
            for peer in removed { nodes[node].knownPeers[peer] = nil }
        case .bootstrapNeeded: nodes[node].bootstrapRequests += 1
        }
    }

    private func carry(_ message: KadMessage, from node: Int, to peer: PeerID, _ token: RequestToken) {
        schedule(.input(.failure(token, from: peer)), node: node, at: now + settings.requestTimeout)
        guard let target = indices[peer], nodes[target].isUp, !isLost() else { return }
        connect(node, target)
        let request = Input<PeerID, KadMessage>.request(onWire(message), from: id(node), token: token)
        schedule(.input(request), node: target, at: now + latency())
    }

    private func carryWithoutAnswer(_ message: KadMessage, from node: Int, to peer: PeerID) {
        guard let target = indices[peer], nodes[target].isUp, !isLost() else { return }
        connect(node, target)
        let request = Input<PeerID, KadMessage>.request(
            onWire(message), from: id(node), token: RequestToken(.max))
        schedule(.input(request), node: target, at: now + latency())
    }

    private func carryAnswer(_ message: KadMessage?, from node: Int, to peer: PeerID, _ token: RequestToken) {
        guard token.value != .max, let target = indices[peer], !isLost() else { return }
        let input: Input<PeerID, KadMessage> =
            if let message { .response(onWire(message), from: id(node), token: token) } else {
                .failure(token, from: id(node))
            }
        schedule(.input(input), node: target, at: now + latency())
    }

    private func onWire(_ message: KadMessage) -> KadMessage {
        guard settings.encodesMessages else { return message }
        return (try? KadMessage.decode(message.encoded().span.bytes)) ?? message
    }

    private func isLost() -> Bool {
        settings.lossPerThousand > 0 && rng.next(upperBound: 1000) < settings.lossPerThousand
    }

    private func latency() -> Duration {
        let spread = UInt64(max(settings.latencySpread.wholeNanoseconds, 1))
        return settings.minimumLatency + .nanoseconds(rng.next(upperBound: spread))
    }

    private func reschedule(_ node: Int) {
        guard let deadline = nodes[node].machine.nextDeadline.map({ max($0, now) }) else { return }
        if let scheduled = nodes[node].scheduledDeadline, scheduled <= deadline { return }
        nodes[node].scheduledDeadline = deadline
        schedule(.deadline, node: node, at: deadline)
    }

    private func mix(_ event: Scheduled, _ input: Input<PeerID, KadMessage>) {
        var words: [UInt64] = [event.time.nanoseconds, UInt64(event.node)]
        switch input {
        case .request(let message, _, let token): words += [1, token.value, UInt64(message.kind.rawValue)]
        case .response(let message, let peer, let token):
            words += [2, token.value, UInt64(message.closerPeers.count), peer.kadKey.word0]
        case .failure(let token, _): words += [3, token.value]
        case .deadline: words.append(4)
        }
        for word in words { digest = (digest ^ word) &* 0x0000_0100_0000_01b3 }
    }

    // MARK: Event queue: a binary heap by time and order of scheduling

    private func schedule(_ action: Action, node: Int, at time: Instant) {
        queue.append(Scheduled(time: time, sequence: nextSequence, node: node, action: action))
        nextSequence += 1
        var index = queue.count - 1
        while index > 0, isBefore(index, (index - 1) / 2) {
            queue.swapAt(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
    }

    private func popFirst() {
        let last = queue.removeLast()
        guard !queue.isEmpty else { return }
        queue[0] = last
        var index = 0
        while true {
            var least = index
            for child in [2 * index + 1, 2 * index + 2] where child < queue.count && isBefore(child, least) {
                least = child
            }
            guard least != index else { return }
            queue.swapAt(index, least)
            index = least
        }
    }

    private func isBefore(_ left: Int, _ right: Int) -> Bool {
        let (left, right) = (queue[left], queue[right])
        return left.time == right.time ? left.sequence < right.sequence : left.time < right.time
    }
}
