import MeshCore
import MeshCrypto
import MeshMultiformats
import Testing

@testable import MeshConnection

/// Addresses that change, and addresses that only seem to.
@Suite struct DatagramPathTests {
    private let elsewhere = DatagramAddress(ip4: 0x0a00_6301, port: 9999)

    private func connected(
        seed: UInt64
    ) -> (DatagramTestNetwork, DatagramTestNode, DatagramTestNode) {
        let network = DatagramTestNetwork(seed: seed)
        let (alice, bob) = network.addTwo()
        network.ask(alice, bob)
        network.run(for: .seconds(1))
        return (network, alice, bob)
    }

    @Test func `a session survives a new address of its NAT without a lost request`() {
        let (network, alice, bob) = connected(seed: 60)
        bob.answer = { [UInt8](repeating: $0[0], count: 40) }
        network.translations[alice.address] = elsewhere
        let before = network.log.count
        let token = network.ask(alice, bob)
        #expect(network.run(until: { alice.responses[token] != nil }, limit: .milliseconds(20)))
        network.run(for: .milliseconds(40))
        #expect(bob.moves == [elsewhere] && bob.requests.last == [1, 2, 3])
        #expect(network.log[before...].allSatisfy { $0.bytes[0] == 0x14 })
        #expect(network.log[before...].allSatisfy { $0.destination != alice.address })
        let back = network.ask(bob, alice, at: [])
        #expect(network.run(until: { bob.responses[back] != nil }, limit: .milliseconds(20)))
        #expect(alice.endpoint.counters.retransmissions == 0 && bob.endpoint.counters.moves == 1)
    }

    @Test func `a large response waits for the proof of the new address`() {
        let (network, alice, bob) = connected(seed: 61)
        bob.answer = { _ in [UInt8](repeating: 5, count: 5000) }
        network.translations[alice.address] = elsewhere
        let token = network.ask(alice, bob)
        #expect(network.run(until: { alice.responses[token] != nil }, limit: .milliseconds(40)))
        #expect(alice.responses[token]?.count == 5000)
        #expect(alice.endpoint.counters.retransmissions == 0 && bob.endpoint.deferredCount == 0)
    }

    @Test func `an address that never answers gets no more than three times what came from it`() {
        let (network, alice, bob) = connected(seed: 62)
        bob.answer = { _ in [UInt8](repeating: 5, count: 9280) }
        // Alice's packets seem to come from a victim that does not answer.
        network.translations[alice.address] = elsewhere
        network.filter = { _, destination, _ in destination != self.elsewhere }
        let token = network.ask(alice, bob)
        network.run(for: .seconds(10))
        #expect(alice.failures[token] == .timedOut)
        let sent = network.log.filter { $0.destination == elsewhere }.reduce(0) { $0 + $1.bytes.count }
        let received = network.log.filter { $0.source == elsewhere }.reduce(0) { $0 + $1.bytes.count }
        #expect(sent > 0 && sent <= 3 * received)
        #expect(bob.moves.isEmpty && bob.endpoint.deferredCount == 0)
        // Back at the old address all is well.
        network.translations = [:]
        network.filter = { _, _, _ in true }
        let again = network.ask(alice, bob)
        #expect(network.run(until: { alice.responses[again] != nil }))
        #expect(!network.sent(0x10).dropFirst().contains { $0.source == alice.address })
    }

    @Test func `a copied packet from elsewhere moves nothing`() {
        let (network, alice, bob) = connected(seed: 63)
        // Somebody on the path sends Alice's packet on from elsewhere, before her own arrives.
        var copied = 0
        network.filter = { source, destination, bytes in
            guard source == alice.address, bytes[0] == 0x14, copied == 0 else { return true }
            copied += 1
            network.launch(bytes, from: self.elsewhere, to: destination)
            return false
        }
        let token = network.ask(alice, bob)
        network.run(for: .milliseconds(100))
        #expect(copied == 1 && bob.moves.isEmpty)
        // The next packet of Alice's own ends it.
        #expect(network.run(until: { alice.responses[token] != nil }, limit: .seconds(2)))
        network.run(for: .seconds(4))
        #expect(bob.moves.isEmpty && bob.endpoint.sessions[0].address == alice.address)
        #expect(bob.endpoint.sessions[0].pathSlot == DatagramSession.none)
    }

    @Test func `an older packet from elsewhere is no candidate`() {
        let (network, alice, bob) = connected(seed: 64)
        network.filter = { source, _, bytes in !(source == alice.address && bytes.count == 17 + 7 + 9 + 16) }
        network.ask(alice, bob, [UInt8](repeating: 1, count: 9))
        let held = network.log[network.log.count - 1].bytes
        network.filter = { _, _, _ in true }
        let token = network.ask(alice, bob)
        #expect(network.run(until: { alice.responses[token] != nil }))
        network.launch(held, from: elsewhere, to: bob.address)
        network.run(for: .milliseconds(50))
        #expect(bob.endpoint.sessions[0].pathSlot == DatagramSession.none)
        #expect(!network.log.contains { $0.destination == elsewhere })
    }

    @Test func `a completion from another address than the initiation has to prove it`() {
        let network = DatagramTestNetwork(seed: 65)
        let (alice, bob) = network.addTwo()
        bob.answer = { _ in [UInt8](repeating: 5, count: 9280) }
        network.filter = { source, destination, bytes in
            guard bytes[0] == 0x13, source == alice.address else { return destination != self.elsewhere }
            network.launch(bytes, from: self.elsewhere, to: destination)
            return false
        }
        network.ask(alice, bob)
        network.run(for: .milliseconds(400))
        let sent = network.log.filter { $0.destination == elsewhere }.reduce(0) { $0 + $1.bytes.count }
        let received = network.log.filter { $0.source == elsewhere }.reduce(0) { $0 + $1.bytes.count }
        #expect(bob.sessions.count == 1 && sent > 0 && sent <= 3 * received)
        #expect(bob.requests.first == [1, 2, 3])
    }

    @Test func `what waits for proof is bounded`() {
        let (network, alice, bob) = connected(seed: 66)
        bob.answer = { _ in [UInt8](repeating: 5, count: 9280) }
        network.translations[alice.address] = elsewhere
        network.filter = { _, destination, _ in destination != self.elsewhere }
        for _ in 0..<5 { network.ask(alice, bob) }
        network.run(for: .milliseconds(100))
        #expect(bob.endpoint.deferredCount == 8)
        let dropped = bob.endpoint.counters.drops(.deferred)
        #expect(dropped > 0)
        network.run(for: .seconds(10))
        #expect(bob.endpoint.deferredCount == 0)
    }
}
