import MeshCore
import MeshCrypto
import MeshMultiformats
import Testing

@testable import MeshConnection

/// How sessions begin: cookies, resumption, refusals, and what happens when packets are lost on the way.
@Suite struct DatagramHandshakeTests {
    private let start = Instant(nanoseconds: 1_000_000_000)

    private func elapsed(_ network: DatagramTestNetwork) -> Duration { network.now.duration(since: start) }

    @Test func `under load a cookie is asked for, and nothing is kept for the asking`() {
        let network = DatagramTestNetwork(seed: 10)
        var configuration = DatagramConfiguration()
        configuration.cookieThreshold = 0
        let alice = network.add(1)
        let bob = network.add(2, configuration: configuration)
        var handshakesAtRetry: [Int] = []
        network.filter = { source, _, bytes in
            if bytes[0] == 0x11 { handshakesAtRetry.append(bob.endpoint.handshakeCount) }
            return true
        }
        let token = network.ask(alice, bob)
        #expect(network.run(until: { alice.responses[token] != nil }))
        #expect(network.log.map { $0.bytes[0] } == [0x10, 0x11, 0x10, 0x12, 0x13, 0x14])
        #expect(handshakesAtRetry == [0])
        #expect(network.log[1].bytes.count == 44)
        // The same packet but for the cookie.
        let (first, second) = (network.log[0].bytes, network.log[2].bytes)
        #expect(first[..<12] == second[..<12] && first[44...] == second[44...])
        #expect(
            first[12..<44].allSatisfy { $0 == 0 }
                && Array(second[12..<44]) == Array(network.log[1].bytes[12...]))
        #expect(elapsed(network) == .milliseconds(60))
    }

    @Test func `a cookie is good for its address, its packet and two minutes at most`() {
        let network = DatagramTestNetwork(seed: 11)
        var configuration = DatagramConfiguration()
        configuration.cookieThreshold = 0
        let alice = network.add(1)
        let bob = network.add(2, configuration: configuration)
        network.filter = { _, _, bytes in bytes[0] != 0x12 }
        network.ask(alice, bob)
        network.run(for: .milliseconds(45))
        let packet = network.log[2].bytes
        #expect(bob.endpoint.counters.answered == 1)
        let elsewhere = DatagramAddress(ip4: 0x0a00_0909, port: 77)
        network.launch(packet, from: elsewhere, to: bob.address)
        network.run(for: .milliseconds(20))
        #expect(bob.endpoint.counters.answered == 1 && bob.endpoint.counters.retriesSent == 2)
        var other = packet
        other[60] ^= 1
        network.launch(other, from: alice.address, to: bob.address)
        network.run(for: .milliseconds(20))
        #expect(bob.endpoint.counters.answered == 1)
        // After the handshake was forgotten the cookie opens the door again, until its secret is gone.
        network.run(for: .seconds(30))
        network.launch(packet, from: alice.address, to: bob.address)
        network.run(for: .milliseconds(20))
        #expect(bob.endpoint.counters.answered == 2)
        network.run(for: .seconds(91))
        network.launch(packet, from: alice.address, to: bob.address)
        network.run(for: .milliseconds(20))
        #expect(bob.endpoint.counters.answered == 2)
    }

    @Test func `a peer that is known is asked in one round trip`() {
        let network = DatagramTestNetwork(seed: 12)
        let (alice, bob) = network.addTwo()
        network.ask(alice, bob)
        // Both sides forget the session, not each other's static key.
        network.run(for: .seconds(200))
        #expect(alice.endpoint.sessionCount == 0 && bob.endpoint.sessionCount == 0)
        #expect(alice.closedCount == 1 && bob.closedCount == 1)
        let before = network.log.count
        let began = network.now
        let token = network.ask(alice, bob, [4])
        #expect(network.run(until: { alice.responses[token] != nil }))
        #expect(network.log[before...].map { $0.bytes[0] } == [0x16, 0x17])
        #expect(network.now.duration(since: began) == .milliseconds(20))
        #expect(alice.sessions.last?.isResumption == true && bob.sessions.last?.isResumption == true)
        // The other way too: who was asked knows the key of who asked.
        network.run(for: .seconds(200))
        let back = network.ask(bob, alice, [5])
        #expect(network.run(until: { bob.responses[back] != nil }))
        #expect(network.sent(0x16).count == 2 && network.sent(0x10).count == 1)
    }

    @Test func `a late response to a resumption comes as data`() {
        let network = DatagramTestNetwork(seed: 13)
        let (alice, bob) = network.addTwo()
        network.ask(alice, bob)
        network.run(for: .seconds(200))
        bob.answersLater = true
        let token = network.ask(alice, bob, [4])
        network.run(for: .milliseconds(120))
        #expect(network.sent(0x17).count == 1 && alice.responses[token] == nil)
        let isEstablished = alice.endpoint.hasSession(with: bob.peer)
        #expect(isEstablished)
        bob.answerWaiting(now: network.now, using: &network.rng)
        network.flush(bob)
        #expect(network.run(until: { alice.responses[token] != nil }))
        #expect(alice.responses[token] == [4])
    }

    @Test func `a large response to a resumption fits in three times its packet or waits for proof`() {
        let network = DatagramTestNetwork(seed: 14)
        let (alice, bob) = network.addTwo()
        network.ask(alice, bob)
        network.run(for: .seconds(200))
        bob.answer = { _ in [UInt8](repeating: 3, count: 9280) }
        let began = network.log.count
        let token = network.ask(alice, bob, [4])
        #expect(network.run(until: { alice.responses[token] != nil }))
        #expect(alice.responses[token]?.count == 9280)
        // All before the first Data of Alice's is within the budget.
        var sent = 0
        for entry in network.log[began...] {
            if entry.source == alice.address, entry.bytes[0] == 0x14 { break }
            if entry.source == bob.address { sent += entry.bytes.count }
        }
        #expect(sent <= 3600 && sent > 1200)
    }

    @Test func `after a restart a resumption is declined and the handshake begins anew at once`() {
        let network = DatagramTestNetwork(seed: 15)
        let (alice, bob) = network.addTwo()
        network.ask(alice, bob)
        network.run(for: .seconds(200))
        bob.restart(using: &network.rng)
        let before = network.log.count
        let began = network.now
        let token = network.ask(alice, bob, [4])
        #expect(network.run(until: { alice.responses[token] != nil }))
        #expect(network.log[before...].map { $0.bytes[0] } == [0x16, 0x18, 0x10, 0x12, 0x13, 0x14])
        #expect(network.now.duration(since: began) == .milliseconds(60))
    }

    @Test func `a recorded resumption is never processed twice`() {
        let network = DatagramTestNetwork(seed: 16)
        let (alice, bob) = network.addTwo()
        network.ask(alice, bob)
        network.run(for: .seconds(200))
        network.ask(alice, bob, [4])
        network.run(for: .seconds(1))
        #expect(bob.requests == [[1, 2, 3], [4]])
        let recorded = network.sent(0x16)[0].bytes
        // At once the answer is repeated; later it is declined; after a new first contact too.
        network.launch(recorded, from: alice.address, to: bob.address)
        network.run(for: .seconds(1))
        #expect(network.sent(0x17).count == 2 && bob.requests.count == 2)
        network.run(for: .seconds(10))
        network.launch(recorded, from: DatagramTestNetwork.address(9), to: bob.address)
        network.run(for: .seconds(1))
        bob.endpoint.knownKeys.forget(alice.peer)
        network.run(for: .seconds(200))
        network.ask(alice, bob, [5])
        network.run(for: .seconds(1))
        network.launch(recorded, from: DatagramTestNetwork.address(9), to: bob.address)
        network.run(for: .seconds(1))
        #expect(bob.requests == [[1, 2, 3], [4], [5]])
        #expect(network.sent(0x18).count == 3)
    }

    @Test func `every handshake packet may be lost once`() {
        for type: UInt8 in [0x10, 0x12, 0x13, 0x14, 0x16, 0x17] {
            let network = DatagramTestNetwork(seed: 17)
            let (alice, bob) = network.addTwo()
            if type >= 0x16 {
                network.ask(alice, bob)
                network.run(for: .seconds(200))
            }
            var lost = 0
            network.filter = { _, _, bytes in
                guard bytes[0] == type, lost == 0 else { return true }
                lost += 1
                return false
            }
            let token = network.ask(alice, bob, [9])
            #expect(network.run(until: { alice.responses[token] != nil }, limit: .seconds(2)), "\(type)")
            #expect(lost == 1)
            let next = network.ask(bob, alice, [8], at: [])
            #expect(network.run(until: { bob.responses[next] != nil }, limit: .seconds(1)), "\(type)")
        }
    }

    @Test func `data that overtakes the completion waits for its repetition`() {
        let network = DatagramTestNetwork(seed: 18)
        let (alice, bob) = network.addTwo()
        var held: [UInt8]?
        network.filter = { _, _, bytes in
            guard bytes[0] == 0x13, held == nil else { return true }
            held = bytes
            return false
        }
        let tokens = [network.ask(alice, bob, [1]), network.ask(alice, bob, [2])]
        network.run(for: .milliseconds(60))
        #expect(network.sent(0x14).count == 1 && network.sent(0x15).isEmpty)
        #expect(network.run(until: { tokens.allSatisfy { alice.responses[$0] != nil } }, limit: .seconds(1)))
    }

    @Test func `whoever answers at a wrong address does not learn who asked`() {
        let network = DatagramTestNetwork(seed: 19)
        let (alice, bob) = network.addTwo()
        let carol = network.add(3)
        let token = network.ask(alice, bob, [1], at: [carol.address])
        network.run(for: .seconds(5))
        #expect(alice.failures[token] == .wrongPeer(carol.peer))
        #expect(network.sent(0x13).isEmpty && carol.sessions.isEmpty)
        // With the right address beside the wrong one it succeeds.
        let again = network.ask(alice, bob, [1], at: [carol.address, bob.address])
        #expect(network.run(until: { alice.responses[again] != nil }))
        #expect(network.sent(0x13).allSatisfy { $0.destination == bob.address })
    }

    @Test func `another network is refused by both ends`() {
        let network = DatagramTestNetwork(seed: 20)
        let alice = network.add(1)
        let bob = network.add(2, network: "/other/kad/1.0.0")
        let token = network.ask(alice, bob)
        network.run(for: .seconds(5))
        #expect(alice.failures[token] == .wrongNetwork)
        #expect(network.sent(0x13).isEmpty && bob.requests.isEmpty)
    }

    @Test func `a private network answers its members alone`() {
        let network = DatagramTestNetwork(seed: 21)
        let key = PresharedKey(using: &network.rng)
        let alice = network.add(1, presharedKey: key)
        let bob = network.add(2, presharedKey: key)
        let stranger = network.add(3)
        let other = network.add(4, presharedKey: PresharedKey(using: &network.rng))
        let token = network.ask(alice, bob)
        #expect(network.run(until: { alice.responses[token] != nil }))
        for outsider in [stranger, other] {
            let token = network.ask(outsider, bob)
            network.run(for: .seconds(5))
            #expect(outsider.failures[token] == .timedOut)
        }
        #expect(!network.log.contains { $0.source == bob.address && $0.destination != alice.address })
        let strangers = bob.endpoint.counters.drops(.notMember)
        #expect(strangers == 6)
        // Nor does a member speak to a node without the key.
        let outward = network.ask(alice, stranger)
        network.run(for: .seconds(5))
        #expect(alice.failures[outward] != nil && stranger.requests.isEmpty)
        // Members resume.
        network.run(for: .seconds(200))
        let again = network.ask(alice, bob)
        #expect(network.run(until: { alice.responses[again] != nil }))
        #expect(network.sent(0x17).count == 1)
    }

    @Test func `nobody there is known after three packets`() {
        let network = DatagramTestNetwork(seed: 22)
        let (alice, bob) = network.addTwo()
        let nowhere = DatagramTestNetwork.address(50)
        let token = network.ask(alice, bob, [1], at: [nowhere])
        network.run(for: .seconds(10))
        #expect(alice.failures[token] == .timedOut && network.log.count == 3)
        let none = network.ask(alice, bob, [1], at: [])
        #expect(alice.failures[none] == .noAddress)
        #expect(alice.endpoint.handshakeCount == 0 && alice.endpoint.requestCount == 0)
        #expect(alice.endpoint.nextDeadline == nil)
        // A dead address delays a good one by a quarter of a second.
        let began = network.now
        let good = network.ask(alice, bob, [1], at: [nowhere, bob.address])
        #expect(network.run(until: { alice.responses[good] != nil }))
        #expect(network.now.duration(since: began) < .milliseconds(310))
    }

    @Test func `handshakes that cross leave both ends on one session`() {
        let network = DatagramTestNetwork(seed: 23)
        let (alice, bob) = network.addTwo()
        let tokens = (network.ask(alice, bob, [1]), network.ask(bob, alice, [2]))
        #expect(network.run(until: { alice.responses[tokens.0] != nil && bob.responses[tokens.1] != nil }))
        network.run(for: .seconds(1))
        #expect(alice.endpoint.sessionCount == 2 && bob.endpoint.sessionCount == 2)
        let before = network.log.count
        network.ask(alice, bob, [3])
        network.ask(bob, alice, [4])
        network.run(for: .seconds(1))
        let data = network.log[before...].map { (source: $0.source, id: Array($0.bytes[1..<9])) }
        #expect(data.count == 4)
        // Each end is addressed by one connection id only: both use the same session.
        for node in [alice, bob] {
            #expect(Set(data.filter { $0.source == node.address }.map(\.id)).count == 1)
        }
        let lower = alice.peer < bob.peer ? alice : bob
        let used = lower.endpoint.sendingSession(
            ofPeer: lower.endpoint.peerSlot(of: (lower === alice ? bob : alice).peer) ?? 0, now: network.now)
        #expect(used.map { lower.endpoint.sessions[$0].isInitiator } == true)
    }

    @Test func `an answer that is false does not end a handshake`() {
        let network = DatagramTestNetwork(seed: 24)
        let (alice, bob) = network.addTwo()
        var forged = 0
        network.filter = { source, destination, bytes in
            guard bytes[0] == 0x12, source == bob.address, forged < 3 else { return true }
            forged += 1
            var false1 = bytes
            false1[60] ^= 1
            network.launch(false1, from: DatagramTestNetwork.address(9), to: destination)
            return true
        }
        network.faults.delay = 10_000_000...12_000_000
        let token = network.ask(alice, bob)
        #expect(network.run(until: { alice.responses[token] != nil }, limit: .seconds(3)))
        #expect(forged > 0)
    }
}
