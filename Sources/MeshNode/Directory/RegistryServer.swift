import Logging
import MeshCore
import MeshDirectory
import MeshMultiformats
import MeshTransport
import NIOCore

/// The registry part of a node: answers rendezvous and heartbeats, and keeps the listing.
final class RegistryServer {
    private static let storedKind = "heartbeat"

    private var rendezvous: RendezvousServer
    private var table: RegistryTable
    private let swarm: Swarm
    private let writer: DurableWriter
    private let clock: NodeClock
    private var timer: Scheduled<Void>?
    private var isStopped = false

    init(stored: StoredState, swarm: Swarm, writer: DurableWriter, clock: NodeClock, logger: Logger) {
        var generator = SystemRandomNumberGenerator()
        rendezvous = RendezvousServer(cookieSecret: .random(using: &generator))
        table = RegistryTable(epoch: clock.epoch)
        self.swarm = swarm
        self.writer = writer
        self.clock = clock
        let restored = table.restore(stored.registry.compactMap(Self.snapshot), now: clock.instant)
        if restored > 0 { logger.info("\(restored) meshes restored to the listing") }
    }

    func startServing() {
        swarm.setAcceptor(RendezvousConfiguration.protocolID) { [weak self] stream, connection in
            self?.acceptRendezvous(stream, connection)
        }
        swarm.setAcceptor(HeartbeatLimits.protocolID) { [weak self] stream, connection in
            self?.acceptHeartbeat(stream, connection)
        }
        updateTimer()
    }

    func stop() {
        isStopped = true
        timer?.cancel()
    }

    /// One page of the public listing.
    func listing(_ query: RegistryQuery) -> RegistryPage {
        table.listing(query, now: clock.instant)
    }

    // MARK: Rendezvous

    private func acceptRendezvous(_ stream: MeshStream, _ connection: PeerConnection) -> (any StreamHandler)?
    {
        guard let peer = connection.peer else { return nil }
        return RequestServer(
            messageLimit: RendezvousLimits.requestByteCount, stream: stream
        ) { [weak self] bytes, handler in
            guard let self, let message = try? RendezvousMessage(decoding: bytes.span.bytes) else {
                return false
            }
            let (reaction, _) = self.rendezvous.handle(message, from: peer, now: self.clock.instant)
            self.updateTimer()
            switch reaction {
            case .answer(let answer): handler.respond(answer.encoded)
            case .silence: handler.respond(nil)
            case .reset: return false
            }
            return true
        }
    }

    // MARK: Heartbeats

    private func acceptHeartbeat(_ stream: MeshStream, _ connection: PeerConnection) -> (any StreamHandler)? {
        guard let peer = connection.peer else { return nil }
        return RequestServer(
            messageLimit: HeartbeatLimits.envelopeByteCount, stream: stream
        ) { [weak self] bytes, handler in
            guard let self else { return false }
            self.take(bytes, from: peer, handler)
            return true
        }
    }

    /// The answer leaves when the heartbeat is on disk.
    private func take(_ bytes: [UInt8], from peer: PeerID, _ handler: RequestServer) {
        table.epoch = clock.epoch
        let (response, events) = table.handle(bytes, from: peer, now: clock.instant)
        updateTimer()
        let changes = changes(events)
        guard !changes.isEmpty else { return handler.respond(response.encoded) }
        writer.commit(changes) { result in
            switch result {
            case .success: handler.respond(response.encoded)
            case .failure: handler.respond(nil, isValid: false)
            }
        }
    }

    private func changes(_ events: [RegistryEvent]) -> [StorageChange] {
        events.compactMap { event in
            switch event {
            case .accepted(let entry):
                .upsertRegistry(
                    RegistryRow(
                        kind: Self.storedKind, key: entry.peer.multihash,
                        blob: Self.blob(entry),
                        expiresAt: entry.lastSeen.adding(seconds: table.configuration.forgetAfterSeconds)))
            case .forgotten(let peer):
                .removeRegistry(kind: Self.storedKind, key: peer.multihash)
            case .statusChanged:
                nil
            }
        }
    }

    /// Eight bytes of time, then the heartbeat's envelope.
    private static func blob(_ entry: RegistrySnapshotEntry) -> [UInt8] {
        var blob: [UInt8] = []
        blob.appendBigEndian(entry.lastSeen.seconds)
        return blob + entry.heartbeat
    }

    private static func snapshot(_ row: RegistryRow) -> RegistrySnapshotEntry? {
        guard row.kind == storedKind, row.blob.count > 8,
            let peer = try? PeerID(multihash: row.key.span.bytes)
        else { return nil }
        let lastSeen = UnixTime(seconds: row.blob.span.bytes.bigEndian(at: 0))
        return RegistrySnapshotEntry(peer: peer, heartbeat: Array(row.blob.dropFirst(8)), lastSeen: lastSeen)
    }

    // MARK: Time

    private func updateTimer() {
        timer?.cancel()
        timer = nil
        let deadlines = [rendezvous.nextDeadline, table.nextDeadline].compactMap { $0 }
        guard !isStopped, let deadline = deadlines.min() else { return }
        let bound = NIOLoopBound(self, eventLoop: swarm.loop)
        timer = swarm.loop.scheduleTask(deadline: .uptimeNanoseconds(deadline.nanoseconds)) {
            bound.value.timerFired()
        }
    }

    private func timerFired() {
        table.epoch = clock.epoch
        _ = rendezvous.handleDeadline(now: clock.instant)
        writer.commit(changes(table.handleDeadline(now: clock.instant)))
        updateTimer()
    }
}
