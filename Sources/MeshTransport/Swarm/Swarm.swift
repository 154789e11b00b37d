import Logging
import MeshConnection
import MeshCore
import MeshMultiformats
import NIOCore

/// The connections of one node: listens, dials, accepts, and gives streams to protocol handlers.
///
/// Belongs to one event loop: every call is made there, every callback comes there.
public final class Swarm {
    /// Makes the handler of an inbound stream, or refuses it with nil.
    public typealias Acceptor = (MeshStream, PeerConnection) -> (any StreamHandler)?

    /// The event loop of the node.
    public let loop: any EventLoop
    /// The node's key.
    public let identity: IdentityKey
    /// The node's peer id.
    public var peerID: PeerID { identity.peerID }
    /// Everything that the owner should know.
    public var onEvent: (SwarmEvent) -> Void = { _ in }
    /// The settings.
    public let configuration: SwarmConfiguration

    let connectionIdentity: ConnectionIdentity
    let presharedKey: PresharedKey?
    let logger: Logger
    let pool = EffectsPool()
    let resolver: DNSResolver
    var transports: [any StreamTransport] = []
    var table: ConnectionTable
    var connections: [UInt64: PeerConnection] = [:]
    var handshaking: [UInt64: PeerConnection] = [:]
    var dials: [DialKey: SwarmDial] = [:]
    var backoff = DialBackoff()
    var dialNumbers: [UInt64: (SwarmDial, Int)] = [:]
    private var acceptors: [String: Acceptor] = [:]
    private var listeners: [(channel: any Channel, address: Multiaddr)] = []
    private var nextNumber: UInt64 = 0
    private var maintenance: RepeatedTask?
    private var lastMaintenance = Instant.now
    private var listenAddressCache: [Multiaddr]?
    private(set) var isShutDown = false
    private var identifyService: IdentifyService?
    /// The present in civil time, for sequences of signed records.
    let unixTime: () -> UnixTime
    /// The addresses that identify names: those that sockets listen on, unless the owner knows better.
    public var announcedAddresses: [Multiaddr]?

    /// Creates a swarm that does nothing until it listens or dials.
    public init(
        loop: any EventLoop, identity: IdentityKey, presharedKey: PresharedKey?,
        configuration: SwarmConfiguration, unixTime: @escaping () -> UnixTime, logger: Logger
    ) {
        loop.preconditionInEventLoop()
        self.loop = loop
        self.identity = identity
        self.presharedKey = presharedKey
        self.configuration = configuration
        self.logger = logger
        var generator = SystemRandomNumberGenerator()
        connectionIdentity = ConnectionIdentity(identity, using: &generator)
        resolver = DNSResolver()
        table = ConnectionTable(localPeer: identity.peerID, limits: configuration.limits)
        self.unixTime = unixTime
        transports = [TCPTransport(loop: loop, resolver: resolver)]
        serveBasics()
        startMaintenance()
    }

    // MARK: Protocols

    private func serveBasics() {
        let identify = IdentifyService(swarm: self)
        setAcceptor(PingConfiguration.protocolID) { _, _ in PingServerStream() }
        setAcceptor(IdentifyConfiguration.protocolID) { stream, _ in identify.answer(stream) }
        setAcceptor(IdentifyConfiguration.pushProtocolID) { _, connection in
            identify.receivePush(on: connection)
        }
        identifyService = identify
    }

    /// Serves `protocolID` on inbound streams.
    public func setAcceptor(_ protocolID: String, _ acceptor: @escaping Acceptor) {
        acceptors[protocolID] = acceptor
        protocolsChanged()
    }

    /// Serves `protocolID` no more.
    public func removeAcceptor(_ protocolID: String) {
        guard acceptors.removeValue(forKey: protocolID) != nil else { return }
        protocolsChanged()
    }

    /// The protocols that inbound streams may ask for, sorted.
    public var protocolIDs: [String] { acceptors.keys.sorted() }

    private func protocolsChanged() {
        let ids = protocolIDs
        for connection in openConnections { connection.setProtocols(ids) }
        identifyService?.pushToAll(openConnections)
    }

    // MARK: Listening

    /// Listens on `address`; the result has the real port.
    public func listen(_ address: Multiaddr) -> EventLoopFuture<Multiaddr> {
        guard let transport = transports.first(where: { $0.speaks(address) }) else {
            return loop.makeFailedFuture(TransportError.unsupportedAddress(address))
        }
        let bound = NIOLoopBound(self, eventLoop: loop)
        return transport.listen(address) { channel in bound.value.accept(channel) }.flatMapThrowing {
            channel in
            guard let real = channel.localAddress?.tcpMultiaddr else { throw TransportError.closed }
            bound.value.listeners.append((channel, real))
            bound.value.listenAddressCache = nil
            return real
        }
    }

    /// The addresses that sockets are bound to; may be unspecified, like `/ip4/0.0.0.0/tcp/4101`.
    public var boundAddresses: [Multiaddr] { listeners.map(\.address) }

    /// The addresses that peers could dial: unspecified ones expanded to those of the interfaces.
    ///
    /// Looked up at most once in a maintenance interval, because the system is slow to tell.
    public var listenAddresses: [Multiaddr] {
        if let listenAddressCache { return listenAddressCache }
        let addresses = InterfaceAddresses.expand(boundAddresses + datagramAddresses)
        listenAddressCache = addresses
        return addresses
    }

    /// The addresses of Noise datagrams that the node announces beside those of its streams.
    public var datagramAddresses: [Multiaddr] = [] {
        didSet { listenAddressCache = nil }
    }

    /// Whether peers can reach this node at all.
    public var listensSomewhere: Bool { !listeners.isEmpty || !datagramAddresses.isEmpty }

    /// The established connection with this number.
    public func connection(number: UInt64) -> PeerConnection? { connections[number] }

    /// What peers are told to dial.
    public var advertisedAddresses: [Multiaddr] { announcedAddresses ?? listenAddresses }

    private func accept(_ channel: any Channel) {
        guard !isShutDown, let remote = channel.remoteAddress?.tcpMultiaddr else {
            channel.close(promise: nil)
            return
        }
        run(channel, direction: .inbound, remote: remote, expectedPeer: nil)
    }

    /// Runs a connection over a fresh channel.
    @discardableResult
    func run(
        _ channel: any Channel, direction: PeerConnection.Direction, remote: Multiaddr, expectedPeer: PeerID?,
        willStart: (PeerConnection) -> Void = { _ in }
    ) -> PeerConnection? {
        nextNumber += 1
        do throws(ConnectionLimitError) {
            let role: ConnectionRole = direction == .outbound ? .dialer : .listener
            try changeTable { table, now, actions throws(ConnectionLimitError) in
                try table.add(ConnectionID(nextNumber), role: role, now: now, into: &actions)
            }
        } catch {
            logger.notice("connection refused: \(error)", metadata: ["address": "\(remote)"])
            channel.close(promise: nil)
            return nil
        }
        var generator = SystemRandomNumberGenerator()
        var effects = pool.take()
        let machine = Connection(
            role: direction == .outbound ? .dialer : .listener, identity: connectionIdentity,
            expectedPeer: expectedPeer, presharedKey: presharedKey, protocols: protocolIDs,
            configuration: configuration.connection, now: .now, using: &generator, into: &effects)
        let connection = PeerConnection(
            number: nextNumber, channel: channel, direction: direction, remoteAddress: remote,
            localAddress: channel.localAddress?.tcpMultiaddr, machine: machine, effects: effects, pool: pool,
            delegate: self)
        handshaking[connection.number] = connection
        willStart(connection)
        do {
            try channel.pipeline.syncOperations.addHandler(ConnectionChannelHandler(connection))
        } catch {
            connection.receiveEnd()
        }
        return connection
    }

    // MARK: Connections

    /// The established connections, oldest first.
    public var openConnections: [PeerConnection] {
        connections.values.sorted { $0.number < $1.number }
    }

    /// The connection to `peer` that new streams use.
    public func connection(to peer: PeerID) -> PeerConnection? {
        table.preferredConnection(with: peer).flatMap { connections[$0.value] }
    }

    /// Keeps the connections of `peer` from being pruned, or no longer.
    public func protect(_ peer: PeerID, _ isProtected: Bool = true) {
        table.setProtected(isProtected, peer)
    }

    /// Stops listening and ends every connection.
    public func shutDown() -> EventLoopFuture<Void> {
        isShutDown = true
        maintenance?.cancel()
        for dial in dials.values { dial.cancel() }
        let closing = listeners.map { $0.channel.close() }
        listeners = []
        for connection in connections.values { connection.close() }
        for connection in handshaking.values { connection.close() }
        return EventLoopFuture.andAllComplete(closing, on: loop)
    }

    // MARK: The table of connections

    /// Changes the table and carries out what it wants.
    private func changeTable<Failure: Error>(
        _ body: (inout ConnectionTable, Instant, inout [ConnectionAction]) throws(Failure) -> Void
    ) throws(Failure) {
        var actions: [ConnectionAction] = []
        defer {
            for case .close(let id, let reason) in actions {
                logger.debug("connection closed: \(reason)", metadata: ["number": "\(id.value)"])
                (connections[id.value] ?? handshaking[id.value])?.close()
            }
        }
        try body(&table, .now, &actions)
    }

    private func startMaintenance() {
        let bound = NIOLoopBound(self, eventLoop: loop)
        let interval = TimeAmount.nanoseconds(configuration.maintenanceInterval.wholeNanoseconds)
        maintenance = loop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in
            bound.value.maintain()
        }
    }

    /// Tells the table which connections are in use: those with streams, and those with a stream since `since`.
    private func noteUse(since: Instant) {
        let open = openConnections
        changeTable { table, now, actions in
            for connection in open {
                let least = connection.lastUsed >= since ? 1 : 0
                table.setStreamCount(
                    max(least, connection.busyStreamCount), of: ConnectionID(connection.number), now: now,
                    into: &actions)
            }
        }
    }

    /// At the limit a connection that carries nothing now makes room, even if it was used a moment ago.
    private func noteUseAtLimit() {
        let limits = configuration.limits
        guard connections.count >= min(limits.maximumConnections, limits.maximumInboundConnections) else {
            return
        }
        noteUse(since: .distantFuture)
    }

    /// Lets the table close what is idle or has drained.
    private func maintain() {
        noteUse(since: lastMaintenance)
        lastMaintenance = .now
        pool.trim()
        changeTable { table, now, actions in
            table.handleDeadline(now: now, into: &actions)
            table.pruneIdle(now: now, into: &actions)
        }
        listenAddressCache = nil
    }
}

extension Swarm: PeerConnectionDelegate {
    func secured(_ connection: PeerConnection, peer: PeerID) -> Bool {
        peer != peerID
    }

    func established(_ connection: PeerConnection) {
        guard let peer = connection.peer else { return }
        noteUseAtLimit()
        handshaking[connection.number] = nil
        connections[connection.number] = connection
        do throws(ConnectionLimitError) {
            try changeTable { table, now, actions throws(ConnectionLimitError) in
                try table.establish(ConnectionID(connection.number), with: peer, now: now, into: &actions)
            }
        } catch {
            logger.notice("connection refused: \(error)", metadata: ["peer": "\(peer)"])
            connections[connection.number] = nil
            connection.close()
            return dialRefused(connection, "\(error)")
        }
        identifyService?.ask(connection)
        onEvent(.connected(connection))
        dialFinished(connection, nil)
    }

    func opened(_ stream: MeshStream, on connection: PeerConnection) -> (any StreamHandler)? {
        acceptors[stream.protocolID]?(stream, connection)
    }

    func closed(_ connection: PeerConnection, error: ConnectionError?) {
        changeTable { table, now, actions in
            table.remove(ConnectionID(connection.number), now: now, into: &actions)
        }
        if handshaking.removeValue(forKey: connection.number) != nil {
            dialFinished(connection, error)
            onEvent(.handshakeFailed(connection, error))
        } else if connections.removeValue(forKey: connection.number) != nil {
            onEvent(.disconnected(connection, error))
        }
    }
}
