import MeshCore
import MeshMultiformats
import MeshTransport
import NIOCore

/// Runs a machine that makes requests of one protocol: connects, sends, reports answers, and keeps its time.
///
/// Belongs to the node's event loop.
final class MachineDriver<Machine: StateMachine> where Machine.Peer == PeerID {
    /// How the machine's messages go over a stream.
    struct Wire {
        var protocolID: String
        var responseLimit: Int
        var encode: (Machine.Message) -> [UInt8]
        var decode: (RawSpan) throws -> Machine.Message
    }

    /// How long a request may take.
    ///
    /// Source: go-libp2p's rendezvous and kad clients, 10 s.
    private static var timeout: Duration { .seconds(10) }

    private(set) var machine: Machine
    private let wire: Wire
    private let swarm: Swarm
    private let addresses: AddressSource
    private let onEvent: (Machine.Event) -> Void
    private var effects = Effects<PeerID, Machine.Message, Machine.Event>()
    private var generator = SystemRandomNumberGenerator()
    private var timer: Scheduled<Void>?
    private var isStopped = false

    init(
        _ machine: Machine, wire: Wire, swarm: Swarm, addresses: AddressSource,
        onEvent: @escaping (Machine.Event) -> Void
    ) {
        self.machine = machine
        self.wire = wire
        self.swarm = swarm
        self.addresses = addresses
        self.onEvent = onEvent
    }

    func stop() {
        isStopped = true
        timer?.cancel()
    }

    /// Changes the machine and carries out what it wants.
    func run(_ body: (inout Machine, Instant) -> Void) {
        body(&machine, Self.now)
        handle(.deadline)
    }

    private static var now: Instant { Instant(nanoseconds: NIODeadline.now().uptimeNanoseconds) }

    private func handle(_ input: Input<PeerID, Machine.Message>) {
        guard !isStopped else { return }
        machine.handle(input, now: Self.now, using: &generator, into: &effects)
        let batch = effects.list
        effects.list = []
        for effect in batch { perform(effect) }
        updateTimer()
    }

    private func perform(_ effect: Effect<PeerID, Machine.Message, Machine.Event>) {
        switch effect {
        case .request(let message, let peer, let token):
            request(message, to: peer, token: token)
        case .event(let event):
            onEvent(event)
        case .send, .respond:
            break
        }
    }

    private func request(_ message: Machine.Message, to peer: PeerID, token: RequestToken) {
        swarm.connect(peer, addresses: addresses.addresses(of: peer), isManual: true) { [weak self] result in
            guard let self else { return }
            guard case .success(let dialled) = result else {
                return self.handle(.failure(token, from: peer))
            }
            let client = RequestClient(
                connection: dialled.connection, protocolID: self.wire.protocolID,
                messageLimit: self.wire.responseLimit, timeout: Self.timeout, keptStreamCount: 0,
                loop: self.swarm.loop)
            client.request(self.wire.encode(message)) { [weak self, client] result in
                withExtendedLifetime(client) { self?.answered(result, peer, token) }
            }
        }
    }

    private func answered(_ result: Result<[UInt8], RequestError>, _ peer: PeerID, _ token: RequestToken) {
        guard case .success(let bytes) = result, let message = try? wire.decode(bytes.span.bytes) else {
            return handle(.failure(token, from: peer))
        }
        handle(.response(message, from: peer, token: token))
    }

    private func updateTimer() {
        timer?.cancel()
        timer = nil
        guard !isStopped, let deadline = machine.nextDeadline else { return }
        let bound = NIOLoopBound(self, eventLoop: swarm.loop)
        timer = swarm.loop.scheduleTask(deadline: .uptimeNanoseconds(deadline.nanoseconds)) {
            bound.value.handle(.deadline)
        }
    }
}
