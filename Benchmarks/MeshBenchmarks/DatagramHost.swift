import MeshConnection
import MeshCore
import MeshCrypto
import MeshDHT
import MeshMultiformats
import MeshTransport
import NIOCore

/// The datagram nodes of one event loop.
actor DatagramHost {
    /// Something that a node is asked to do.
    enum Task: Sendable {
        case put(key: [UInt8], value: [UInt8])
        case get(key: [UInt8], isFirstEnough: Bool)
        case provide(key: [UInt8])
        case findProviders(key: [UInt8], isFirstEnough: Bool)
        case findPeer(PeerID)
        case closestPeers(key: [UInt8])
        case join
    }

    /// How a task ended.
    struct Ending: Sendable {
        let outcome: QueryOutcome
        let statistics: QueryStatistics
    }

    /// What all nodes of the host have counted.
    struct Totals: Sendable {
        var sent = 0
        var handshakes = 0
        var sessions = 0
        var tablePeers = 0
    }

    private let loop: any EventLoop
    private let executor: any SerialExecutor
    /// What all nodes of a loop receive and send through: an idle node holds none.
    private let buffers = DatagramBuffers()
    private var nodes: [DatagramNode] = []
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(loop: any EventLoop) {
        self.loop = loop
        executor = loop.executor
    }

    /// Starts another node and tells where it is.
    func open(_ identity: IdentityKey, _ kademlia: KademliaConfiguration) throws -> RPCEnd.Place {
        let node = try DatagramNode(
            loop: loop, identity: identity, listen: try Multiaddr("/ip4/127.0.0.1/udp/0/noise"),
            network: "bench", kademlia: kademlia, datagrams: .unlimited, buffers: buffers)
        nodes.append(node)
        return RPCEnd.Place(peer: node.peer, address: node.address)
    }

    func stop() {
        for node in nodes { node.stop() }
        nodes = []
    }

    /// Makes node `index` known to the nodes at `places`.
    func meet(_ index: Int, _ places: [RPCEnd.Place]) {
        for place in places { nodes[index].meet(place.peer, at: place.address) }
    }

    /// Whether no node is doing anything.
    var isQuiet: Bool { nodes.allSatisfy { !$0.isBusy } }

    /// What the nodes have counted together.
    var totals: Totals {
        nodes.reduce(into: Totals()) { totals, node in
            let counters = node.service.counters
            totals.sent += counters.sent
            totals.handshakes += counters.initiated
            totals.sessions += node.service.sessionCount
            totals.tablePeers += node.machine.table.count
        }
    }

    /// The nodes that hold a value for the key.
    func holders(ofValue key: [UInt8]) -> [Int] {
        let place = SHA256.hash(key)
        return nodes.indices.filter { nodes[$0].machine.records.record(place) != nil }
    }

    /// The nodes that know a provider of the key.
    func holders(ofProvider key: [UInt8]) -> [Int] {
        let place = SHA256.hash(key)
        return nodes.indices.filter { !nodes[$0].machine.providers.providers(place).isEmpty }
    }

    /// Whether node `index` has the peer in its table.
    func knows(_ index: Int, _ peer: PeerID) -> Bool {
        nodes[index].machine.table.contains(peer.kadKey)
    }

    /// Asks a peer for nothing but an answer, over a session that is there from then on.
    func touch(_ index: Int, _ place: RPCEnd.Place) async {
        let node = nodes[index]
        guard !node.service.hasSession(with: place.peer) else { return }
        let ping = KadMessage(kind: .findNode, key: place.peer.multihash).encoded()
        await withCheckedContinuation { continuation in
            node.service.request(ping, to: place.peer, addresses: [place.address]) { _ in
                continuation.resume()
            }
        }
    }

    /// Has node `index` do something.
    func run(_ index: Int, _ task: Task) async -> Ending {
        await withCheckedContinuation { continuation in
            nodes[index].start { machine, now, rng, effects in
                Self.start(task, on: &machine, now: now, using: &rng, into: &effects)
            } completion: { outcome, statistics in
                continuation.resume(returning: Ending(outcome: outcome, statistics: statistics))
            }
        }
    }

    private static func start(
        _ task: Task, on machine: inout Kademlia, now: Instant, using rng: inout some RandomNumberGenerator,
        into effects: inout Kademlia.KadEffects
    ) -> QueryID {
        switch task {
        case .put(let key, let value):
            machine.putValue(key: key, value: value, now: now, using: &rng, into: &effects)
        case .get(let key, let isFirstEnough):
            machine.getValue(
                key: key, quorum: isFirstEnough ? 1 : 0, usesLocal: false, now: now, using: &rng,
                into: &effects)
        case .provide(let key):
            machine.provide(key: key, now: now, using: &rng, into: &effects)
        case .findProviders(let key, let isFirstEnough):
            machine.findProviders(
                key: key, limit: isFirstEnough ? 1 : 1000, usesLocal: false, now: now, using: &rng,
                into: &effects)
        case .findPeer(let peer):
            machine.findPeer(peer, usesLocal: false, now: now, using: &rng, into: &effects)
        case .closestPeers(let key):
            machine.closestPeers(key: key, now: now, using: &rng, into: &effects)
        case .join:
            machine.bootstrap(now: now, using: &rng, into: &effects)
        }
    }
}
