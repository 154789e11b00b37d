import Logging
import MeshCore
import MeshDHT
import MeshDirectory
import MeshMultiformats
import MeshTransport
import NIOCore

/// The node's place in the directory: publishes its mesh record, uses registries, and may be one.
final class DirectoryService {
    /// How often the record is looked at: it is published again when it is due or its content changed.
    private static let tickInterval: TimeAmount = .seconds(30)
    /// How long a stopping node waits for its registries.
    private static let farewellTimeout: TimeAmount = .milliseconds(700)
    private static let sequenceName = "mesh-record-sequence"

    let registry: RegistryServer?
    private let configuration: NodeConfiguration
    private let identity: IdentityKey
    private let swarm: Swarm
    private let driver: KademliaDriver
    private let writer: DurableWriter
    private let clock: NodeClock
    private let logger: Logger
    private var issuer: MeshRecordIssuer
    private let addresses: AddressSource
    private let heartbeats: MachineDriver<HeartbeatKeeper>
    private let rendezvous: MachineDriver<RendezvousKeeper>
    private var registered: [Multiaddr] = []
    private(set) var current: SignedMeshRecord?
    private var providedKeys: [[UInt8]] = []
    private var publications = 0
    private var publishWaiters: [() -> Void] = []
    private var task: RepeatedTask?
    private var members: Int
    private var bots: Int
    private let offline = OfflineWatch()

    init(
        configuration: NodeConfiguration, identity: IdentityKey, stored: StoredState, swarm: Swarm,
        driver: KademliaDriver, addresses: AddressSource, writer: DurableWriter, clock: NodeClock,
        logger: Logger
    ) {
        self.configuration = configuration
        self.identity = identity
        self.swarm = swarm
        self.driver = driver
        self.writer = writer
        self.clock = clock
        self.logger = logger
        self.addresses = addresses
        members = configuration.memberCount
        bots = configuration.botCount
        let sequence = stored.meta[Self.sequenceName].flatMap { bytes -> UInt64? in
            bytes.count == 8 ? bytes.span.bytes.bigEndian(at: 0) : nil
        }
        issuer = MeshRecordIssuer(lastSequence: sequence ?? 0)
        registry =
            configuration.isRegistry
            ? RegistryServer(stored: stored, swarm: swarm, writer: writer, clock: clock, logger: logger) : nil
        heartbeats = MachineDriver(
            HeartbeatKeeper(
                key: identity,
                report: Self.report(
                    configuration, members: configuration.memberCount, bots: configuration.botCount),
                epoch: clock.epoch),
            wire: .init(
                protocolID: HeartbeatLimits.protocolID, responseLimit: HeartbeatLimits.responseByteCount,
                encode: { $0.encoded }, decode: { .response(try HeartbeatResponse(decoding: $0)) }),
            swarm: swarm, addresses: addresses,
            onEvent: { [offline] event in
                Self.describe(event, logger)
                offline.note(event)
            })
        let events = RendezvousEvents()
        rendezvous = MachineDriver(
            RendezvousKeeper(
                key: identity,
                configuration: .init(namespace: RendezvousNamespace(RendezvousConfiguration.meshNamespace))),
            wire: .init(
                protocolID: RendezvousConfiguration.protocolID,
                responseLimit: RendezvousLimits.responseByteCount,
                encode: { $0.encoded }, decode: { try RendezvousMessage(decoding: $0) }),
            swarm: swarm, addresses: addresses, onEvent: { events.handler($0) })
        events.handler = { [weak self] event in self?.handle(event) }
    }

    func startServing() {
        registry?.startServing()
    }

    /// Publishes now and then whenever it is due.
    func startPublishing() {
        useRegistries()
        publishIfDue()
        let bound = NIOLoopBound(self, eventLoop: swarm.loop)
        task = swarm.loop.scheduleRepeatedTask(initialDelay: Self.tickInterval, delay: Self.tickInterval) {
            _ in
            bound.value.publishIfDue()
        }
    }

    /// Tells the registries that the mesh is going, as far as they can be told in a moment.
    func goOffline() -> EventLoopFuture<Void> {
        task?.cancel()
        let promise = swarm.loop.makePromise(of: Void.self)
        guard current != nil, !heartbeats.machine.registries.isEmpty else {
            promise.succeed()
            return promise.futureResult
        }
        offline.whenTaken(by: heartbeats.machine.registries) { promise.succeed() }
        let timeout = swarm.loop.scheduleTask(in: Self.farewellTimeout) { promise.succeed() }
        let report = Self.report(configuration, members: members, bots: bots, status: .offline)
        heartbeats.run { keeper, now in keeper.setReport(report, now: now) }
        return promise.futureResult.always { _ in timeout.cancel() }
    }

    func stop() {
        task?.cancel()
        registry?.stop()
        heartbeats.stop()
        rendezvous.stop()
    }

    /// Registries learn of changed counts at once.
    func setCounts(members: Int, bots: Int) {
        self.members = members
        self.bots = bots
        let report = Self.report(configuration, members: members, bots: bots)
        heartbeats.run { keeper, now in keeper.setReport(report, now: now) }
    }

    // MARK: The mesh record

    private func publishIfDue() {
        registerIfChanged()
        guard let name = configuration.name, !configuration.listen.isEmpty else { return }
        do {
            let profile = MeshProfile(
                name: try MeshName(typed: name), addresses: swarm.advertisedAddresses,
                capabilities: try configuration.capabilities.map { try MeshCapability(typed: $0) },
                version: "meshp2p/\(ProductVersion.text)")
            guard issuer.isDue(profile, at: clock.unixTime) else { return }
            let signed = try issuer.issue(profile, by: identity, at: clock.unixTime)
            current = signed
            keepSequence(then: signed)
        } catch {
            logger.error("the mesh record cannot be made: \(error)")
        }
    }

    /// The sequence is on disk before anybody sees the record, or a restart could publish an older one.
    private func keepSequence(then signed: SignedMeshRecord) {
        var bytes: [UInt8] = []
        bytes.appendBigEndian(issuer.lastSequence)
        publications += 1
        writer.commit([.setMeta(name: Self.sequenceName, value: bytes)]) { [weak self] result in
            guard let self else { return }
            if case .success = result { self.publish(signed) }
            self.publicationEnded()
        }
    }

    /// Registrations carry the addresses as they are now; a node that does not listen has none.
    private func registerIfChanged() {
        let now = swarm.listensSomewhere ? swarm.advertisedAddresses : []
        guard now != registered else { return }
        driver.setLocalAddresses(now)
        registered = now
        // A mesh that is not public is found by those who know its name or DID, and stands in no list.
        guard configuration.isPublic else { return }
        let sequence = clock.unixTime.seconds
        rendezvous.run { keeper, instant in keeper.setAddresses(now, sequence: sequence, now: instant) }
    }

    /// Calls `body` when the record has been offered to the network at least once.
    func whenPublished(_ body: @escaping () -> Void) {
        guard publications > 0 else { return body() }
        publishWaiters.append(body)
    }

    private func publicationEnded() {
        publications -= 1
        guard publications == 0 else { return }
        let waiters = publishWaiters
        publishWaiters = []
        for waiter in waiters { waiter() }
    }

    private func publish(_ signed: SignedMeshRecord) {
        let logger = self.logger
        heartbeats.run { keeper, now in keeper.setRecord(signed, now: now) }
        publications += 1
        driver.query { machine, now, generator, effects in
            machine.putValue(
                key: signed.dhtKey, value: signed.envelope, now: now, using: &generator, into: &effects)
        } completion: { [weak self] report in
            logger.debug("mesh record published", metadata: ["outcome": "\(report.outcome)"])
            self?.publicationEnded()
        }
        let keys = DirectoryKeys.provided(by: signed.record)
        for key in providedKeys where !keys.contains(key) {
            driver.run { machine, now, _, effects in
                machine.stopProviding(key: key, now: now, into: &effects)
            }
        }
        for key in keys {
            publications += 1
            driver.query { machine, now, generator, effects in
                machine.provide(key: key, now: now, using: &generator, into: &effects)
            } completion: { [weak self] _ in
                self?.publicationEnded()
            }
        }
        providedKeys = keys
    }

    // MARK: Registries

    /// Tells the keepers who the registries are; one whose address names no peer is asked first.
    private func useRegistries() {
        var peers: [PeerID] = []
        for address in configuration.registries {
            if let peer = address.peerID {
                addresses.learn([address], of: peer)
                swarm.protect(peer)
                peers.append(peer)
            } else {
                identify(address)
            }
        }
        use(peers)
    }

    private func identify(_ address: Multiaddr) {
        swarm.connect(nil, addresses: [address], isManual: true) { [weak self] result in
            guard let self else { return }
            switch result {
            case .success(let dialled):
                guard let peer = dialled.connection.peer else { return }
                self.swarm.protect(peer)
                self.use(self.heartbeats.machine.registries + [peer])
            case .failure(let failure):
                self.logger.warning("the registry \(address) cannot be reached: \(failure)")
            }
        }
    }

    private func use(_ peers: [PeerID]) {
        heartbeats.run { keeper, now in keeper.setRegistries(peers, now: now) }
        rendezvous.run { keeper, now in keeper.setPoints(peers, now: now) }
    }

    private static func report(
        _ configuration: NodeConfiguration, members: Int, bots: Int, status: MeshStatus = .online
    ) -> HeartbeatReport {
        HeartbeatReport(
            status: status, memberCount: UInt64(max(0, members)), botCount: UInt64(max(0, bots)),
            isPublic: configuration.isPublic, intervalSeconds: HeartbeatLimits.defaultIntervalSeconds)
    }

    private static func describe(_ event: HeartbeatKeeperEvent, _ logger: Logger) {
        switch event {
        case .taken(let peer, let seconds):
            logger.debug("heartbeat taken", metadata: ["registry": "\(peer)", "ttlSeconds": "\(seconds)"])
        case .refused(let peer, let error, _):
            logger.warning("heartbeat refused: \(error)", metadata: ["registry": "\(peer)"])
        case .unreachable(let peer, let wait):
            logger.info("registry not reached", metadata: ["registry": "\(peer)", "retryAfter": "\(wait)"])
        case .unusable(let error):
            logger.error("no heartbeat can be made: \(error)")
        case .sequenceUsed:
            break
        }
    }

    private func handle(_ event: RendezvousKeeperEvent) {
        switch event {
        case .discovered(_, let peers):
            for peer in peers where peer.peerID != identity.peerID {
                addresses.learn(peer.addresses, of: peer.peerID)
            }
        case .refused(let peer, let error, _):
            logger.warning("registration refused: \(error)", metadata: ["registry": "\(peer)"])
        case .registered(let peer, let seconds):
            logger.debug("registered", metadata: ["registry": "\(peer)", "ttlSeconds": "\(seconds)"])
        case .unreachable:
            break
        }
    }
}

/// Breaks the circle of a driver that reports to the service which owns it.
private final class RendezvousEvents {
    var handler: (RendezvousKeeperEvent) -> Void = { _ in }
}

/// Waits until every registry has taken, or will not take, the last heartbeat.
private final class OfflineWatch {
    private var waiting: Set<PeerID> = []
    private var body: (() -> Void)?

    func whenTaken(by registries: [PeerID], _ body: @escaping () -> Void) {
        waiting = Set(registries)
        self.body = body
    }

    func note(_ event: HeartbeatKeeperEvent) {
        switch event {
        case .taken(let peer, _), .refused(let peer, _, _), .unreachable(let peer, _): waiting.remove(peer)
        case .sequenceUsed, .unusable: break
        }
        guard waiting.isEmpty, let body else { return }
        self.body = nil
        body()
    }
}
