import MeshCore
import MeshCrypto
import MeshMultiformats
import Testing

@testable import MeshConnection

/// Sessions between endpoints in memory: handshakes, requests and responses.
@Suite struct DatagramSessionTests {
    @Test func `a first contact carries the request in its third packet`() throws {
        let network = DatagramTestNetwork(seed: 1)
        let (alice, bob) = network.addTwo()
        let token = network.ask(alice, bob, [7, 8, 9])
        #expect(network.run(until: { alice.responses[token] != nil }))
        #expect(alice.responses[token] == [7, 8, 9])
        #expect(network.log.map { $0.bytes[0] } == [0x10, 0x12, 0x13, 0x14])
        // Two round trips of 20 ms.
        #expect(network.now.duration(since: Instant(nanoseconds: 1_000_000_000)) == .milliseconds(40))
        let info = try #require(alice.sessions.first)
        #expect(info.peer == bob.peer && info.publicKey == bob.key.publicKey && info.isInitiator)
        #expect(info.servesKad && !info.isResumption && info.handshakeDuration == .milliseconds(20))
        #expect(bob.sessions.first?.peer == alice.peer)
        #expect(bob.sessions.first?.isInitiator == false)
    }

    @Test func `a warm request is one packet each way`() {
        let network = DatagramTestNetwork(seed: 2)
        let (alice, bob) = network.addTwo()
        network.ask(alice, bob)
        network.run(for: .seconds(1))
        let before = network.log.count
        let token = network.ask(alice, bob, [5])
        let back = network.ask(bob, alice, [6], at: [])
        #expect(network.run(until: { alice.responses[token] != nil && bob.responses[back] != nil }))
        #expect(network.log.count - before == 4)
        #expect(alice.endpoint.sessionCount == 1 && bob.endpoint.sessionCount == 1)
        #expect(alice.endpoint.hasSession(with: bob.peer) && !alice.endpoint.hasSession(with: alice.peer))
    }
}
