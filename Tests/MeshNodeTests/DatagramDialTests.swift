import MeshMultiformats
import MeshNode
import Testing

/// `dial` of udp/noise addresses.
@Suite(.timeLimit(.minutes(1)))
struct DatagramDialTests {
    @Test func `a dial tells of the handshake and the round trips`() async throws {
        try await TestNetwork.run { network in
            let node = try await network.node(carriers: .both)
            let caller = try await network.node(carriers: .datagrams)
            let address = try #require(await node.addresses.last)
            let report = try await caller.dial(DialRequest(target: address, count: 7))
            #expect(report.peer == node.peer)
            #expect(report.did == node.did)
            #expect(report.transport == "noise-udp")
            #expect(report.security == "noise")
            #expect(report.muxer == nil)
            #expect(report.roundTripMilliseconds?.count == 7)
            #expect(report.attempts.map(\.outcome) == ["connected"])
            #expect(address.hasPrefix(report.address))
            #expect(try await node.status().connections.isEmpty)
            let again = try await caller.dial(DialRequest(target: address, count: 1))
            #expect(again.attempts.isEmpty, "the session stood already")
        }
    }

    @Test func `an address with the peer id of somebody else is refused`() async throws {
        try await TestNetwork.run { network in
            let honest = try await network.node(carriers: .datagrams)
            let other = try await network.node(carriers: .datagrams)
            let caller = try await network.node(carriers: .none)
            let address = try #require(await honest.addresses.first)
                .replacing(honest.peer, with: other.peer)
            let failure = await #expect(throws: MeshFailure.self) {
                try await caller.dial(DialRequest(target: address, count: 0))
            }
            #expect(failure?.code == .wrongPeer)
            #expect(failure?.message.contains(honest.peer) == true)
        }
    }

    @Test func `a peer of another network refuses`() async throws {
        try await TestNetwork.run { network in
            let node = try await network.node(carriers: .datagrams, kadProtocol: "/other/kad/1.0.0")
            let caller = try await network.node(carriers: .datagrams)
            let address = try #require(await node.addresses.first)
            let failure = await #expect(throws: MeshFailure.self) {
                try await caller.dial(DialRequest(target: address, count: 0))
            }
            #expect(failure?.code == .refused)
        }
    }

    @Test func `an address without a peer id cannot be dialled`() async throws {
        try await TestNetwork.run { network in
            let caller = try await network.node(carriers: .none)
            let failure = await #expect(throws: MeshFailure.self) {
                try await caller.dial(DialRequest(target: "/ip4/127.0.0.1/udp/9/noise", count: 0))
            }
            #expect(failure?.code == .badArgument)
        }
    }

    @Test func `a port that nobody listens on is named with its cause`() async throws {
        try await TestNetwork.run { network in
            let gone = try await network.node(carriers: .datagrams)
            let address = try #require(await gone.addresses.first)
            await gone.stop()
            let caller = try await network.node(carriers: .none)
            let failure = await #expect(throws: MeshFailure.self) {
                try await caller.dial(DialRequest(target: address, count: 0))
            }
            #expect(failure?.code == .unreachable)
            #expect(failure?.attempts?.first?.outcome == "failed")
        }
    }

    @Test func `streams are never dialled at a udp address`() async throws {
        try await TestNetwork.run { network in
            let node = try await network.node(carriers: .both)
            let caller = try await network.node(through: node, carriers: .both)
            let report = try await caller.dial(DialRequest(target: node.peer, count: 1))
            #expect(report.transport == "tcp")
            for attempt in report.attempts { #expect(attempt.address.contains("/tcp/")) }
        }
    }
}
