import Logging
import MeshConnection
import MeshMultiformats
import MeshTransport
import NIOCore
import NIOPosix
import Testing

/// The service over real sockets, without a DHT.
@Suite(.timeLimit(.minutes(1)))
struct DatagramServiceTests {
    @Test(arguments: [
        ["/ip4/127.0.0.1/udp/0/noise"], ["/ip6/::1/udp/0/noise"],
        ["/ip4/127.0.0.1/udp/0/noise", "/ip6/::1/udp/0/noise"],
        ["/ip4/127.0.0.1/udp/0/noise", "/ip4/127.0.0.1/udp/0/noise"], ["/ip4/0.0.0.0/udp/0/noise"],
    ])
    func `every socket of a service answers from where it was asked`(_ listen: [String]) async throws {
        try await ServiceLoop().run { loop in
            let answerer = loop.party()
            for text in listen {
                let bound = try answerer.service.listen(try Multiaddr(text))
                let address = try Multiaddr(bound.description.replacing("0.0.0.0", with: "127.0.0.1"))
                // A service of its own for each: a session would be used again.
                let asker = loop.party()
                let answer = await asker.ask(answerer, at: address, Array("hello".utf8))
                #expect(answer == .success("hello".utf8.reversed()))
                asker.service.shutDown()
            }
            #expect(answerer.service.boundAddresses.count == listen.count)
            answerer.service.shutDown()
        }
    }

    @Test func `requests are owed one report each, also when the service shuts down`() async throws {
        try await ServiceLoop().run { loop in
            let answerer = loop.party()
            let address = try answerer.service.listen(try Multiaddr("/ip4/127.0.0.1/udp/0/noise"))
            answerer.service.onRequest = { _, _, _ in }
            let asker = loop.party()
            var reports: [Result<[UInt8], DatagramFailure>] = []
            for _ in 0..<3 {
                asker.service.request([1], to: answerer.peer, addresses: [address]) { reports.append($0) }
            }
            #expect(reports.isEmpty)
            asker.service.shutDown()
            asker.service.request([1], to: answerer.peer, addresses: [address]) { reports.append($0) }
            #expect(reports == Array(repeating: .failure(.closed), count: 4))
            answerer.service.shutDown()
        }
    }

    @Test func `a message of eight parts crosses both ways, a longer one is refused`() async throws {
        try await ServiceLoop().run { loop in
            let answerer = loop.party()
            let address = try answerer.service.listen(try Multiaddr("/ip4/127.0.0.1/udp/0/noise"))
            let asker = loop.party()
            let long = (0..<9280).map { UInt8(truncatingIfNeeded: $0 / 7) }
            #expect(await asker.ask(answerer, at: address, long) == .success(long.reversed()))
            #expect(
                await asker.ask(answerer, at: address, long + [0]) == .failure(.refused(.tooLarge)))
            asker.service.shutDown()
            answerer.service.shutDown()
        }
    }

    @Test func `an address that is taken, or of another kind, cannot be listened on`() async throws {
        try await ServiceLoop().run { loop in
            let first = loop.party()
            let taken = try first.service.listen(try Multiaddr("/ip4/127.0.0.1/udp/0/noise"))
            let second = loop.party()
            for text in [taken.description, "/ip4/127.0.0.1/tcp/0", "/ip4/127.0.0.1/udp/0/quic-v1"] {
                #expect(throws: TransportError.self, "\(text)") {
                    try second.service.listen(try Multiaddr(text))
                }
            }
            first.service.shutDown()
            second.service.shutDown()
        }
    }
}

/// Runs a test on an event loop, where services belong.
private final actor ServiceLoop {
    nonisolated let loop: any EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
    private let executor: any SerialExecutor

    init() {
        loop = MultiThreadedEventLoopGroup.singleton.next()
        executor = loop.executor
    }

    func run(_ body: @Sendable (isolated ServiceLoop) async throws -> Void) async throws {
        try await body(self)
    }

    func party() -> Party { Party(loop) }
}

/// A service that answers every message with its bytes in reverse.
private final class Party {
    let service: DatagramService
    let peer: PeerID

    init(_ loop: any EventLoop) {
        var generator = SystemRandomNumberGenerator()
        let identity = IdentityKey(using: &generator)
        peer = identity.peerID
        service = DatagramService(
            loop: loop, identity: identity, network: "/test/kad/1.0.0", presharedKey: nil,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        service.onRequest = { [unowned service] bytes, _, token in
            service.respond(bytes.withUnsafeBytes { Array($0.reversed()) }, to: token)
        }
    }

    nonisolated(nonsending) func ask(
        _ other: Party, at address: Multiaddr, _ message: [UInt8]
    ) async -> Result<[UInt8], DatagramFailure> {
        await withCheckedContinuation { continuation in
            service.request(message, to: other.peer, addresses: [address]) {
                continuation.resume(returning: $0)
            }
        }
    }
}
