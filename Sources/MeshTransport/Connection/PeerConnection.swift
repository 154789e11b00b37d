import MeshConnection
import MeshCore
import MeshMultiformats
import NIOCore

/// What a connection tells its swarm.
protocol PeerConnectionDelegate: AnyObject {
    func secured(_ connection: PeerConnection, peer: PeerID) -> Bool
    func established(_ connection: PeerConnection)
    func opened(_ stream: MeshStream, on connection: PeerConnection) -> (any StreamHandler)?
    func closed(_ connection: PeerConnection, error: ConnectionError?)
}

/// Drives one `Connection` machine over one channel: bytes, timers and streams on one event loop.
///
/// Calls from outside are batched: all that is written in one tick of the loop leaves in one flush.
public final class PeerConnection {
    /// Who dialled.
    public enum Direction: String, Sendable {
        /// The peer dialled us.
        case inbound
        /// We dialled the peer.
        case outbound
    }

    /// A number that no other connection of this process has.
    public let number: UInt64
    /// Who dialled.
    public let direction: Direction
    /// The peer's address, without its peer id.
    public let remoteAddress: Multiaddr
    /// Our address on this connection.
    public let localAddress: Multiaddr?
    /// The peer and the protocols, once the connection is established.
    public private(set) var info: ConnectionInfo?
    /// What the peer said of itself, once it did.
    public internal(set) var identify: IdentifyMessage?
    /// The round trip that the multiplexer measured last.
    public private(set) var roundTrip: Duration?
    /// When the connection was opened.
    public let openedAt: Instant
    /// When a stream was last opened or closed.
    public private(set) var lastUsed: Instant
    /// Whether the connection can still be used.
    public private(set) var isOpen = true

    private var machine: Connection
    private var effects: ConnectionEffects
    private let pool: EffectsPool
    private let channel: any Channel
    private weak var delegate: (any PeerConnectionDelegate)?
    private var streams: [StreamID: MeshStream] = [:]
    private var generator = SystemRandomNumberGenerator()
    private var isProcessing = false
    private var isScheduled = false
    private var timer: (deadline: Instant, task: Scheduled<Void>)?
    private var closeError: ConnectionError?
    private var wasReported = false

    init(
        number: UInt64, channel: any Channel, direction: Direction, remoteAddress: Multiaddr,
        localAddress: Multiaddr?, machine: Connection, effects: ConnectionEffects, pool: EffectsPool,
        delegate: any PeerConnectionDelegate
    ) {
        self.number = number
        self.channel = channel
        self.direction = direction
        self.remoteAddress = remoteAddress
        self.localAddress = localAddress
        self.machine = machine
        self.effects = effects
        self.pool = pool
        self.delegate = delegate
        openedAt = .now
        lastUsed = openedAt
    }

    /// The peer, once the connection is established.
    public var peer: PeerID? { info?.peer }

    /// The number of open streams, both ways.
    public var streamCount: Int { streams.count }

    /// The number of open streams that carry something; those that wait for a next request do not count.
    public var busyStreamCount: Int { streams.values.count { !$0.isIdle } }

    /// Opens a stream; the first bytes can be written at once.
    ///
    /// Nil when a limit is met or the connection ended.
    public func openStream(_ protocols: [String], handler: any StreamHandler) -> MeshStream? {
        guard isOpen, info != nil, let first = protocols.first else { return nil }
        do {
            let id = try machine.openStream(protocols, now: .now, into: &effects)
            let stream = MeshStream(connection: self, id: id, protocolID: first, handler: handler)
            streams[id] = stream
            lastUsed = .now
            schedule()
            return stream
        } catch {
            return nil
        }
    }

    /// Says goodbye and ends the connection.
    public func close(code: UInt32 = 0) {
        guard isOpen else { return }
        machine.close(code: code, now: .now, into: &effects)
        schedule()
    }

    /// Notes that the connection is in use now.
    func noteUse() {
        lastUsed = .now
    }

    /// Announces other protocols to the peer's next streams.
    func setProtocols(_ protocols: [String]) {
        machine.setProtocols(protocols)
    }

    // MARK: Streams

    func write(_ bytes: RawSpan, to stream: MeshStream) {
        do {
            try machine.write(bytes, to: stream.id, now: .now, into: &effects)
        } catch {
            machine.reset(stream.id, code: 0, now: .now, into: &effects)
            forget(stream.id, .bufferFull)
        }
        schedule()
    }

    func finish(_ stream: MeshStream) {
        machine.finish(stream.id, now: .now, into: &effects)
        schedule()
    }

    func reset(_ stream: MeshStream, code: UInt32) {
        machine.reset(stream.id, code: code, now: .now, into: &effects)
        forget(stream.id, .reset(code: 0))
        schedule()
    }

    func hasRoom(for stream: MeshStream) -> Bool {
        channel.isWritable && machine.bufferedByteCount(stream.id) < SwarmConfiguration.streamHighWaterMark
    }

    private func forget(_ id: StreamID, _ reason: StreamCloseReason) {
        lastUsed = .now
        streams.removeValue(forKey: id)?.close(reason)
    }

    // MARK: The channel

    func start() {
        process()
    }

    func receive(_ buffer: ByteBuffer) {
        guard isOpen else { return }
        buffer.withUnsafeReadableBytes { pointer in
            machine.receive(pointer.bytes, now: .now, using: &generator, into: &effects)
        }
        process(flushes: false)
    }

    func flush() {
        channel.flush()
    }

    func receiveEnd() {
        guard isOpen else { return }
        machine.receiveEnd(now: .now, into: &effects)
        process()
        finalize(closeError)
    }

    func writabilityChanged() {
        guard channel.isWritable else { return }
        for (_, stream) in streams.sorted(by: { $0.key.value < $1.key.value }) { tellWritable(stream) }
        schedule()
    }

    private func tellWritable(_ stream: MeshStream) {
        guard stream.wantsWritable, stream.isOpen, hasRoom(for: stream) else { return }
        stream.wantsWritable = false
        stream.handler?.writable(stream)
    }

    // MARK: Effects

    /// Carries the effects out at the end of this tick of the loop.
    private func schedule() {
        guard !isProcessing, !isScheduled, isOpen else { return }
        isScheduled = true
        let bound = NIOLoopBound(self, eventLoop: channel.eventLoop)
        channel.eventLoop.execute {
            bound.value.isScheduled = false
            bound.value.process()
        }
    }

    private func process(flushes: Bool = true) {
        guard !isProcessing, isOpen else { return }
        isProcessing = true
        var hasWritten = false
        while !effects.events.isEmpty || !effects.outbound.isEmpty {
            var batch = pool.take()
            swap(&batch, &effects)
            if !batch.outbound.isEmpty {
                channel.write(channel.allocator.buffer(bytes: batch.outbound), promise: nil)
                hasWritten = true
                abortIfPeerDoesNotRead()
            }
            for event in batch.events { handle(event, arena: batch.arena.span.bytes) }
            pool.give(batch)
        }
        pool.give(effects)
        effects = ConnectionEffects()
        isProcessing = false
        if hasWritten && (flushes || !isOpen) { channel.flush() }
        if isOpen {
            updateTimer()
        } else {
            finalize(closeError)
        }
    }

    private func handle(_ event: ConnectionEvent, arena: RawSpan) {
        switch event {
        case .secured(let peer, _):
            if delegate?.secured(self, peer: peer) == false { close() }
        case .established(let info):
            self.info = info
            delegate?.established(self)
        case .streamOpened(let id, let protocolID):
            accept(id, protocolID)
        case .streamNegotiated(let id, let protocolID):
            guard let stream = streams[id] else { return }
            stream.protocolID = protocolID
            stream.handler?.negotiated(stream)
        case .streamRefused(let id):
            forget(id, .refused)
        case .data(let id, let range):
            guard let stream = streams[id] else { return }
            stream.handler?.received(arena.extracting(range), on: stream)
            if stream.isOpen { machine.consumed(range.count, from: id, now: .now, into: &effects) }
        case .end(let id):
            guard let stream = streams[id] else { return }
            stream.handler?.ended(stream)
        case .reset(let id, let code):
            forget(id, .reset(code: code))
        case .writable(let id):
            guard let stream = streams[id] else { return }
            tellWritable(stream)
        case .finished(let id):
            forget(id, .finished)
        case .goAway:
            break
        case .roundTrip(let duration):
            roundTrip = duration
        case .closed(let error):
            isOpen = false
            closeError = error
        }
    }

    /// Reading goes on while the peer does not read, or two full pipes would wait for each other; so what we
    /// hold for the peer has a limit.
    private func abortIfPeerDoesNotRead() {
        let limit = SwarmConfiguration.maximumUnsentByteCount
        guard let pending = try? channel.syncOptions?.getOption(.bufferedWritableBytes), pending > limit
        else {
            return
        }
        isOpen = false
    }

    private func accept(_ id: StreamID, _ protocolID: String) {
        let stream = MeshStream(connection: self, id: id, protocolID: protocolID, handler: nil)
        guard let handler = delegate?.opened(stream, on: self) else {
            machine.reset(id, code: 0, now: .now, into: &effects)
            return
        }
        stream.handler = handler
        streams[id] = stream
        lastUsed = .now
        handler.accepted(stream)
    }

    // MARK: Time and end

    private func updateTimer() {
        guard let deadline = machine.nextDeadline else {
            timer?.task.cancel()
            timer = nil
            return
        }
        if let timer, timer.deadline <= deadline { return }
        timer?.task.cancel()
        let bound = NIOLoopBound(self, eventLoop: channel.eventLoop)
        let task = channel.eventLoop.scheduleTask(deadline: deadline.deadline) {
            bound.value.timerFired()
        }
        timer = (deadline, task)
    }

    private func timerFired() {
        timer = nil
        guard isOpen else { return }
        let now = Instant.now
        if let deadline = machine.nextDeadline, deadline <= now {
            machine.handleDeadline(now: now, into: &effects)
        }
        process()
    }

    /// Closes the socket and tells everybody, once.
    private func finalize(_ error: ConnectionError?) {
        isOpen = false
        guard !wasReported else { return }
        wasReported = true
        timer?.task.cancel()
        timer = nil
        let open = streams.sorted { $0.key.value < $1.key.value }
        streams = [:]
        for (_, stream) in open { stream.close(.connectionLost) }
        delegate?.closed(self, error: error)
        channel.close(promise: nil)
    }
}
