import MeshMultiformats
import MeshNode
import NIOCore
import NIOPosix
import Testing

/// Strangers that waste a node's time must not cost others theirs.
@Suite(.timeLimit(.minutes(2)))
struct NodeHostileTests {
    @Test func `a thousand connections that say nothing leave other peers served`() async throws {
        try await TestNetwork.run { network in
            let node = try await network.node()
            let address = try Multiaddr(try #require(await node.addresses.first))
            let strangers = try await Strangers.open(1000, to: address, first: [])
            let caller = try await network.node()
            let report = try #require(await network.dialUntilServed(caller, address.description))
            #expect(report.roundTripMilliseconds?.count == 3)
            await strangers.close()
        }
    }

    @Test func `connections that send one byte of a handshake now and then leave other peers served`()
        async throws
    {
        try await TestNetwork.run { network in
            let node = try await network.node()
            let address = try Multiaddr(try #require(await node.addresses.first))
            let strangers = try await Strangers.open(300, to: address, first: [0x13])
            let caller = try await network.node()
            for byte in Array("/multistream/1.0.0".utf8) {
                await strangers.send([byte])
                let report = try #require(await network.dialUntilServed(caller, address.description))
                #expect(report.peer == node.peer)
            }
            await strangers.close()
        }
    }

    @Test func `garbage instead of a handshake ends only its own connection`() async throws {
        try await TestNetwork.run { network in
            let node = try await network.node()
            let address = try Multiaddr(try #require(await node.addresses.first))
            for garbage in [[0xff], [0x00], Array("GET / HTTP/1.1\r\n\r\n".utf8), [0x16, 3, 1, 2, 0]]
                as [[UInt8]]
            {
                let stranger = try await Strangers.open(1, to: address, first: garbage)
                await stranger.waitUntilClosed()
            }
            let caller = try await network.node()
            let report = try await caller.dial(DialRequest(target: address.description, count: 1))
            #expect(report.peer == node.peer)
        }
    }
}

extension TestNetwork {
    /// Dials until the node has a place for us: young handshakes keep theirs for a second.
    nonisolated func dialUntilServed(_ caller: Node, _ target: String) async -> DialReport? {
        await poll { try? await caller.dial(DialRequest(target: target, count: 3)) }
    }
}

/// Raw TCP clients.
private struct Strangers {
    private let channels: [any Channel]

    static func open(_ count: Int, to address: Multiaddr, first bytes: [UInt8]) async throws -> Strangers {
        guard let port = address.tcpEndpoint?.port else { throw MeshFailure(.badArgument, "no port") }
        let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        var channels: [any Channel] = []
        for _ in 0..<count {
            let channel = try await bootstrap.connect(host: "127.0.0.1", port: Int(port)).get()
            if !bytes.isEmpty { channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil) }
            channels.append(channel)
        }
        return Strangers(channels: channels)
    }

    func send(_ bytes: [UInt8]) async {
        for channel in channels { channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil) }
    }

    func waitUntilClosed() async {
        for channel in channels { try? await channel.closeFuture.get() }
    }

    func close() async {
        for channel in channels { try? await channel.close() }
    }
}
