import Logging
import MeshConnection
import MeshCore
import MeshCrypto
import MeshMultiformats
import NIOCore

/// Requests and responses over Noise datagrams: one endpoint machine and its UDP sockets.
///
/// Belongs to one event loop: every call is made there, every callback comes there.
public final class DatagramService {
    /// Takes the response to a request, or the reason why there is none.
    public typealias Completion = (Result<[UInt8], DatagramFailure>) -> Void

    /// The event loop of the node.
    public let loop: any EventLoop
    /// Takes a request, which is owed a ``respond(_:to:)`` or a ``refuse(_:_:)``; the span ends with the call.
    public var onRequest: (RawSpan, PeerID, RequestToken) -> Void = { _, _, _ in }
    /// A session with a peer was established.
    public var onEstablished: (DatagramSessionInfo) -> Void = { _ in }
    /// A peer moved to another address, which it proved.
    public var onMoved: (PeerID, DatagramAddress) -> Void = { _, _ in }
    /// The last session with a peer is gone.
    public var onClosed: (PeerID) -> Void = { _ in }
    /// What the sockets could not send.
    public private(set) var socketCounters = DatagramSocketCounters()

    private var machine: DatagramEndpoint
    private let logger: Logger
    private var sockets = DatagramSocketTable()
    private var requests = DatagramRequests()
    private var generator = SystemRandomNumberGenerator()
    /// What the machine wants since the last time that it was carried out; holds memory during a call only.
    private var effects = DatagramEffects()
    private let buffers: DatagramBuffers
    private var isProcessing = false
    private var isShutDown = false
    private var timer: (deadline: Instant, task: Scheduled<Void>)?
    private var dropLog: DatagramDropLog
    private var dropReport: RepeatedTask?

    /// Creates a service that opens sockets when it is told to listen, or has something to send.
    ///
    /// Services of one event loop may share `buffers`.
    public init(
        loop: any EventLoop, identity: IdentityKey, network: String, presharedKey: PresharedKey?,
        configuration: DatagramConfiguration = DatagramConfiguration(),
        buffers: DatagramBuffers = DatagramBuffers(), logger: Logger
    ) {
        loop.preconditionInEventLoop()
        self.loop = loop
        self.logger = logger
        var generator = SystemRandomNumberGenerator()
        machine = DatagramEndpoint(
            identity: DatagramIdentity(identity, network: network, servesKad: false, using: &generator),
            presharedKey: presharedKey, resetSecret: Self.resetSecret(of: identity),
            configuration: configuration)
        dropLog = DatagramDropLog(logger: logger)
        self.buffers = buffers
    }

    /// A secret that only the holder of the key can make, and makes again after a restart.
    private static func resetSecret(of identity: IdentityKey) -> Bytes32 {
        // Ed25519 signatures are deterministic (RFC 8032, section 5.1.6) and no other protocol signs this text.
        SHA256.hash(identity.sign(Array("meshp2p-noise-udp reset secret".utf8)))
    }

    // MARK: Who we are

    /// Sets what handshakes tell of this node: whether it answers Kademlia requests, and where.
    public func announce(servesKad: Bool, addresses: [Multiaddr]) {
        machine.identity.servesKad = servesKad
        machine.identity.addresses = addresses
    }

    /// The addresses that sockets listen on; may be unspecified, like `/ip4/0.0.0.0/udp/4101/noise`.
    public var boundAddresses: [Multiaddr] { sockets.listening.compactMap(\.address.multiaddr) }

    /// The number of sessions.
    public var sessionCount: Int { machine.sessionCount }

    /// What happened to datagrams so far.
    public var counters: DatagramCounters { machine.counters }

    /// Whether a session with the peer can carry a request now.
    public func hasSession(with peer: PeerID) -> Bool { machine.hasSession(with: peer) }

    // MARK: Listening

    /// Listens on `/ip4|ip6/…/udp/N/noise`; the result has the real port.
    public func listen(_ address: Multiaddr) throws(TransportError) -> Multiaddr {
        guard !isShutDown else { throw .closed }
        guard address.isNoiseDatagram, let bound = DatagramAddress(address) else {
            throw .unsupportedAddress(address)
        }
        let real = try open(bound, isListening: true).address.multiaddr
        return real ?? address
    }

    @discardableResult
    private func open(
        _ address: DatagramAddress, isListening: Bool
    ) throws(TransportError) -> DatagramSocket {
        let socket = try DatagramSocket(
            address, isListening: isListening, receiveByteCount: Self.receiveByteCount)
        sockets.add(socket)
        socket.register(on: loop, handler: DatagramReader(service: self, socket: socket))
        startDropReport()
        return socket
    }

    /// Ends every session with a goodbye, fails what is under way, and closes the sockets.
    public func shutDown() {
        guard !isShutDown else { return }
        prepare()
        machine.closeAll(into: &effects)
        process()
        isShutDown = true
        timer?.task.cancel()
        timer = nil
        dropReport?.cancel()
        sockets.closeAll()
        for completion in requests.takeAll() { completion(.failure(.closed)) }
    }

    // MARK: Asking

    /// Sends `message` to the peer and reports its response once.
    ///
    /// A live session is used whatever the addresses are. Without one, or when it is silent, a handshake goes to them,
    /// and the message with it.
    public func request(
        _ message: [UInt8], to peer: PeerID, addresses: [Multiaddr], completion: @escaping Completion
    ) {
        guard !isShutDown else { return completion(.failure(.closed)) }
        let targets = addresses.compactMap(DatagramAddress.init)
        let token = requests.add(completion)
        prepare()
        machine.request(
            message.span.bytes, to: peer, at: targets, token: token, now: .now, using: &generator,
            into: &effects)
        process()
    }

    // MARK: Answering

    /// Answers a request.
    public func respond(_ message: [UInt8], to token: RequestToken) {
        guard !isShutDown else { return }
        prepare()
        machine.respond(message.span.bytes, to: token, now: .now, using: &generator, into: &effects)
        process()
    }

    /// Refuses a request.
    public func refuse(_ token: RequestToken, _ reason: DatagramRefusal) {
        guard !isShutDown else { return }
        prepare()
        machine.refuse(token, reason, now: .now, using: &generator, into: &effects)
        process()
    }

    // MARK: Receiving

    /// Takes a datagram.
    func received(_ datagram: RawSpan, from address: DatagramAddress, at now: Instant) {
        prepare()
        machine.receive(datagram, from: address, now: now, using: &generator, into: &effects)
    }

    /// Notes over which socket an address is reached, when there is a choice.
    func noteArrival(from address: DatagramAddress, over socket: DatagramSocket) {
        sockets.noteArrival(from: address, over: socket)
    }

    // MARK: Effects

    /// Borrows a buffer for what the machine will want.
    private func prepare() {
        if effects.arena.capacity == 0 { effects = buffers.take() }
    }

    /// Carries out what the machine wants.
    func process() {
        guard !isProcessing else { return }
        isProcessing = true
        while !effects.datagrams.isEmpty || !effects.events.isEmpty {
            // What the callbacks below cause goes to the other buffer.
            var batch = buffers.take()
            swap(&batch, &effects)
            for datagram in batch.datagrams {
                send(batch.arena.span.bytes.extracting(datagram.range), to: datagram.address)
            }
            for event in batch.events { handle(event, arena: batch.arena.span.bytes) }
            buffers.give(&batch)
        }
        buffers.give(&effects)
        isProcessing = false
        updateTimer()
    }

    private func handle(_ event: DatagramEvent, arena: RawSpan) {
        switch event {
        case .request(let range, let peer, let token):
            onRequest(arena.extracting(range), peer, token)
        case .response(let range, _, let token):
            requests.take(token)?(.success(arena.extracting(range).array))
        case .failure(let token, _, let failure):
            requests.take(token)?(.failure(failure))
        case .established(let info):
            onEstablished(info)
        case .moved(let peer, let address):
            onMoved(peer, address)
        case .closed(let peer):
            onClosed(peer)
        }
    }

    private func send(_ datagram: RawSpan, to address: DatagramAddress) {
        guard let socket = sockets.socket(for: address) ?? openUnbound(for: address) else {
            socketCounters.withoutSocket += 1
            return
        }
        switch socket.send(datagram, to: address) {
        case .sent: break
        case .bufferFull: socketCounters.bufferFull += 1
        case .failed(let code): socketCounters.note(code)
        }
    }

    /// A node that listens nowhere asks from a port of the system's choice.
    private func openUnbound(for address: DatagramAddress) -> DatagramSocket? {
        guard !isShutDown, sockets.mayOpen(for: address) else { return nil }
        let any =
            address.isIP6 ? DatagramAddress(ip6: (0, 0), port: 0) : DatagramAddress(ip4: 0, port: 0)
        do {
            return try open(any, isListening: false)
        } catch {
            logger.notice("no socket for datagrams: \(error)", metadata: ["address": "\(address)"])
            return nil
        }
    }

    // MARK: Time

    /// Arms the timer for the machine's deadline; one that is armed already and comes earlier stays.
    ///
    /// Almost every deadline is moved or met before it comes: then the timer finds nothing to do and is armed again,
    /// once in a while, instead of with every datagram.
    private func updateTimer() {
        guard !isShutDown, let deadline = machine.nextDeadline else { return }
        if let timer, timer.deadline <= deadline { return }
        timer?.task.cancel()
        let bound = NIOLoopBound(self, eventLoop: loop)
        let task = loop.scheduleTask(deadline: deadline.deadline) { bound.value.timerFired() }
        timer = (deadline, task)
    }

    private func timerFired() {
        timer = nil
        guard !isShutDown else { return }
        let now = Instant.now
        if let deadline = machine.nextDeadline, deadline <= now {
            prepare()
            machine.handleDeadline(now: now, using: &generator, into: &effects)
        }
        process()
        updateTimer()
    }

    private func startDropReport() {
        guard dropReport == nil else { return }
        let bound = NIOLoopBound(self, eventLoop: loop)
        let interval = DatagramDropLog.interval
        dropReport = loop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in
            let service = bound.value
            service.dropLog.report(service.machine.counters, service.socketCounters)
        }
    }

    /// What sockets may hold of datagrams that were not read yet: a flood of 100,000 datagrams of 1,200 bytes a second
    /// for 20 ms, with the kernel's 2,304 bytes for each.
    private static let receiveByteCount = 4 << 20
}
