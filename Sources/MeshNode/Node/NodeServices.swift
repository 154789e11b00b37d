import Logging
import MeshConnection
import MeshCore
import MeshDHT
import MeshDirectory
import MeshMultiformats
import MeshTransport
import NIOCore

/// The parts of a running node, wired together.
///
/// Belongs to the node's event loop.
final class NodeServices {
    let swarm: Swarm
    let datagrams: DatagramService
    let addresses = AddressSource()
    let writer: DurableWriter
    let driver: KademliaDriver
    let directory: DirectoryService
    let clock: NodeClock
    let isServer: Bool
    private let joiner: Joiner
    private let configuration: NodeConfiguration
    private var identifyWaiters: [UInt64: [() -> Void]] = [:]

    init(node: isolated Node, stored: StoredState) throws {
        let configuration = node.configuration
        let clock = NodeClock()
        self.configuration = configuration
        self.clock = clock
        var swarmConfiguration = SwarmConfiguration()
        swarmConfiguration.agentVersion = "meshp2p/\(ProductVersion.text)"
        swarmConfiguration.limits = Self.limits(configuration.maximumConnections)
        let presharedKey = try Self.presharedKey(configuration)
        swarm = Swarm(
            loop: node.loop, identity: node.identity, presharedKey: presharedKey,
            configuration: swarmConfiguration, unixTime: { clock.unixTime }, logger: node.logger)
        datagrams = DatagramService(
            loop: node.loop, identity: node.identity, network: configuration.kadProtocolID,
            presharedKey: presharedKey, logger: node.logger)
        writer = DurableWriter(storage: node.storage, loop: node.loop, logger: node.logger)
        isServer = Self.isServer(configuration)
        driver = KademliaDriver(
            protocolID: configuration.kadProtocolID, configuration: configuration.kademlia, clock: clock,
            swarm: swarm, datagrams: datagrams, writer: writer, addresses: addresses, logger: node.logger)
        driver.restore(stored)
        directory = DirectoryService(
            configuration: configuration, identity: node.identity, stored: stored, swarm: swarm,
            driver: driver, addresses: addresses, writer: writer, clock: clock, logger: node.logger)
        joiner = Joiner(
            bootstrap: configuration.bootstrap + configuration.registries,
            stored: stored.peers.compactMap(\.peer), swarm: swarm, driver: driver, logger: node.logger)
        swarm.onEvent = { [weak self] event in self?.handle(event) }
    }

    /// Opens the node to others; called when it listens.
    func startServing() {
        driver.setServing(isServer)
        driver.setLocalAddresses(swarm.advertisedAddresses)
        if configuration.servesPerf {
            swarm.setAcceptor(PerfConfiguration.protocolID) { _, _ in PerfServerStream() }
        }
        directory.startServing()
        driver.onTableChange = { [writer, clock] added, removed in
            let now = clock.unixTime
            writer.commit(
                removed.map { .removePeer(peerID: $0.multihash) }
                    + added.map { .upsertPeer(PeerRow($0, lastSeen: now)) })
        }
        driver.onBootstrapNeeded = { [joiner] in joiner.rejoin() }
    }

    /// Enters the network; returns when the node has peers, or when there is no hope for some at once.
    nonisolated(nonsending) func join() async {
        await joiner.join()
        directory.startPublishing()
    }

    nonisolated(nonsending) func stop() async {
        joiner.stop()
        try? await directory.goOffline().get()
        directory.stop()
        driver.stop()
        datagrams.shutDown()
        tellWaiters(identifyWaiters.keys.sorted())
        try? await swarm.shutDown().get()
        let writer = self.writer
        await withCheckedContinuation { continuation in writer.whenIdle { continuation.resume() } }
    }

    func handle(_ event: SwarmEvent) {
        switch event {
        case .connected(let connection):
            guard let peer = connection.peer, connection.direction == .outbound else { return }
            addresses.succeeded(connection.remoteAddress, of: peer)
        case .identified(let connection):
            guard let peer = connection.peer, let identify = connection.identify else { return }
            addresses.confirm(identify.addresses(of: peer), of: peer)
            driver.identified(connection)
            tellWaiters([connection.number])
        case .disconnected(let connection, _):
            driver.disconnected(connection)
            tellWaiters([connection.number])
        case .handshakeFailed:
            break
        }
    }

    /// Calls `body` when the peer of the connection has said who it is, or will not.
    func whenIdentified(_ number: UInt64, _ body: @escaping () -> Void) {
        guard let connection = swarm.connection(number: number), connection.isOpen, connection.identify == nil
        else { return body() }
        identifyWaiters[number, default: []].append(body)
    }

    private func tellWaiters(_ numbers: [UInt64]) {
        for number in numbers {
            for waiter in identifyWaiters.removeValue(forKey: number) ?? [] { waiter() }
        }
    }

    /// A node that listens serves; waiting for a proof of reachability would leave small networks without servers.
    private static func isServer(_ configuration: NodeConfiguration) -> Bool {
        switch configuration.kadMode {
        case .auto: !configuration.listen.isEmpty
        case .client: false
        case .server: true
        }
    }

    /// The connections that the setting and the process's file descriptors allow.
    private static func limits(_ maximum: Int) -> ConnectionLimits {
        var limits = ConnectionLimits()
        limits.maximumConnections = max(4, min(maximum, FileDescriptors.limit - FileDescriptors.reserve))
        limits.maximumInboundConnections = max(3, limits.maximumConnections * 3 / 4)
        limits.idlePruningThreshold = min(limits.idlePruningThreshold, limits.maximumConnections / 2)
        return limits
    }

    private static func presharedKey(_ configuration: NodeConfiguration) throws -> PresharedKey? {
        guard let text = configuration.presharedKey else { return nil }
        do {
            return try PresharedKey(file: Array(text.utf8))
        } catch {
            throw MeshFailure(.badArgument, "the swarm key cannot be used: \(error)")
        }
    }
}
