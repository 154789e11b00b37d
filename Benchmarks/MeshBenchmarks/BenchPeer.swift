import Logging
import MeshCore
import MeshMultiformats
import MeshNode
import MeshTransport
import NIOCore
import NIOPosix

/// One end of a benchmark: a swarm on an event loop of its own.
actor BenchPeer {
    private let executor: any SerialExecutor
    private let loop: any EventLoop
    private var swarm: Swarm?
    private let waiters = IdentifyWaiters()
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(group: any EventLoopGroup) {
        loop = group.next()
        executor = loop.executor
    }

    /// Starts the swarm; listens on loopback and gives the address with the peer id when asked to.
    func start(listens: Bool) async throws -> Multiaddr? {
        var generator = SystemRandomNumberGenerator()
        var configuration = SwarmConfiguration()
        configuration.agentVersion = "meshp2p-bench/\(ProductVersion.text)"
        let swarm = Swarm(
            loop: loop, identity: IdentityKey(using: &generator), presharedKey: nil,
            configuration: configuration, unixTime: { UnixTime(seconds: 0) },
            logger: Logger(label: "bench", factory: { _ in SwiftLogNoOpLogHandler() }))
        self.swarm = swarm
        swarm.setAcceptor(PerfServerStream.protocolID) { _, _ in PerfServerStream() }
        swarm.onEvent = { [waiters] event in waiters.handle(event) }
        guard listens else { return nil }
        let address = try await swarm.listen(try Multiaddr("/ip4/127.0.0.1/tcp/0")).get()
        return address.appending(peer: swarm.peerID)
    }

    func stop() async {
        try? await swarm?.shutDown().get()
        swarm = nil
    }

    /// Connects and waits for identify; gives the number of the connection and the time it took.
    func connect(_ address: Multiaddr) async throws -> (number: UInt64, duration: Duration) {
        guard let swarm else { throw MeshFailure(.stopping, "the benchmark is over") }
        let start = NIODeadline.now()
        let result: Result<UInt64, DialError> = await withCheckedContinuation { continuation in
            swarm.connect(address.peerID, addresses: [address.withoutPeer], isManual: true) { result in
                continuation.resume(returning: result.map(\.connection.number))
            }
        }
        let number: UInt64
        do {
            number = try result.get()
        } catch {
            throw MeshFailure(.unreachable, "could not reach \(address): \(error)")
        }
        if let connection = swarm.connection(number: number), connection.identify == nil {
            await withCheckedContinuation { continuation in
                waiters.bodies[number] = { continuation.resume() }
            }
        }
        return (number, .nanoseconds((NIODeadline.now() - start).nanoseconds))
    }

    /// Ends a connection.
    func disconnect(_ number: UInt64) {
        swarm?.connection(number: number)?.close()
    }

    /// The peer's agent.
    func agent(_ number: UInt64) -> String? {
        swarm?.connection(number: number)?.identify?.agentVersion
    }

    /// Round trips of `count` warm pings.
    func ping(_ number: UInt64, count: Int) async throws -> [Duration] {
        guard let connection = swarm?.connection(number: number) else {
            throw MeshFailure(.unreachable, "the connection ended")
        }
        return await withCheckedContinuation { continuation in
            Pinger.run(over: connection, count: count) { durations, _ in
                continuation.resume(returning: durations)
            }
        }
    }

    /// Uploads `byteCount` bytes, by perf or, to peers that offer only that, by the sink protocol of the drivers.
    func upload(_ number: UInt64, byteCount: UInt64) async throws -> Duration {
        guard let connection = swarm?.connection(number: number) else {
            throw MeshFailure(.unreachable, "the connection ended")
        }
        let protocols = connection.identify?.protocols ?? []
        let result: Result<Duration, StreamCloseReason> = await withCheckedContinuation { continuation in
            if protocols.contains(SinkClientStream.protocolID) {
                SinkClientStream.run(over: connection, upload: byteCount) {
                    continuation.resume(returning: $0)
                }
            } else {
                PerfClientStream.run(over: connection, upload: byteCount, download: 0) { result in
                    continuation.resume(returning: result.map(\.upload))
                }
            }
        }
        do {
            return try result.get()
        } catch {
            throw MeshFailure(
                .unsupportedProtocol, "the upload ended early: \(error)",
                next: "the target must serve /perf/1.0.0 (a node does with --perf) or /sink/1.0.0")
        }
    }
}

/// Who waits for identify on which connection.
private final class IdentifyWaiters {
    var bodies: [UInt64: () -> Void] = [:]

    func handle(_ event: SwarmEvent) {
        switch event {
        case .identified(let connection), .disconnected(let connection, _):
            bodies.removeValue(forKey: connection.number)?()
        case .connected, .handshakeFailed:
            break
        }
    }
}
