import MeshDHT
import MeshMultiformats
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import MeshNode

/// Peers whose datagrams get lost on the way.
@Suite(.timeLimit(.minutes(1)))
struct DatagramFallbackTests {
    @Test func `a peer whose datagrams are dropped is asked over streams, for a while at once`() async throws
    {
        try await TestNetwork.run { network in
            let hole = try await Hole.open()
            let node = try await network.node()
            let caller = try await network.node(carriers: .both)
            let real = try Multiaddr(try #require(await node.addresses.first))
            try await caller.learn([hole.address, real], of: node)
            let value = Base64.encode(Array("over a stream".utf8))
            #expect(try await caller.ask(node))
            #expect(try await caller.status().connections.map(\.peer) == [node.peer])
            let lost = hole.receivedCount
            #expect(lost >= 1, "datagrams were tried first")
            let stored = try await caller.put(PutRequest(key: "key", value: value))
            #expect(stored.stored == 1)
            #expect(hole.receivedCount == lost, "and are not tried again at once")
            await hole.close()
        }
    }

    @Test func `idle connections may be closed: both carriers come back when they are needed`() async throws {
        try await TestNetwork.run { network in
            let streams = try await network.node()
            let datagrams = try await network.node(carriers: .datagrams)
            let caller = try await network.node(through: streams, carriers: .both)
            _ = try await caller.dial(
                DialRequest(target: try #require(await datagrams.addresses.first), count: 0))
            _ = await network.poll { try? await caller.status().routingTable.peers == 2 ? true : nil }
            for round in 0..<3 {
                try await caller.closeConnections()
                _ = await network.poll {
                    try? await caller.status().connections.isEmpty ? true : nil
                }
                let value = Base64.encode(Array("round \(round)".utf8))
                let stored = try await caller.put(PutRequest(key: "key \(round)", value: value))
                #expect(stored.stored == 2)
            }
        }
    }
}

extension Node {
    func learn(_ addresses: [Multiaddr], of node: Node) throws {
        try running().addresses.learn(addresses, of: try PeerID(node.peer))
    }

    /// Asks the node for the peers closest to itself, whether it is in the table or not.
    func ask(_ node: Node) async throws -> Bool {
        let driver = try running().driver
        let peer = try PeerID(node.peer)
        let message = KadMessage(kind: .findNode, key: peer.multihash)
        return await withCheckedContinuation { continuation in
            driver.ask(message, of: peer) { continuation.resume(returning: $0 != nil) }
        }
    }

    func closeConnections() throws {
        for connection in try running().swarm.openConnections { connection.close() }
    }
}

/// A UDP port that takes everything and says nothing.
private struct Hole {
    private final class Counter: ChannelInboundHandler, Sendable {
        typealias InboundIn = AddressedEnvelope<ByteBuffer>
        let count = Mutex(0)

        func channelRead(context: ChannelHandlerContext, data: NIOAny) { count.withLock { $0 += 1 } }
    }

    let address: Multiaddr
    private let channel: any Channel
    private let counter: Counter

    static func open() async throws -> Hole {
        let counter = Counter()
        let channel = try await DatagramBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { $0.pipeline.addHandler(counter) }
            .bind(host: "127.0.0.1", port: 0).get()
        let address = try Multiaddr("/ip4/127.0.0.1/udp/\(channel.localAddress?.port ?? 0)/noise")
        return Hole(address: address, channel: channel, counter: counter)
    }

    var receivedCount: Int { counter.count.withLock { $0 } }

    func close() async { try? await channel.close() }
}
