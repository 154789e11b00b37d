import MeshCore
import MeshCrypto
import MeshMultiformats
import Testing

@testable import MeshConnection

/// Floods, replays and forgeries: what they cost, and what they get.
@Suite struct DatagramHostileTests {
    private func initiation(_ rng: inout SeededGenerator) -> [UInt8] {
        var packet: [UInt8] = [0x10, 1, 0, 32]
        packet.appendRandom(8, using: &rng)
        packet += [UInt8](repeating: 0, count: 48)
        packet.appendRandom(32, using: &rng)
        return packet + [UInt8](repeating: 0, count: 1200 - packet.count)
    }

    @Test(arguments: [UInt8(0x10), 0x16])
    func `a flood from spoofed addresses is answered within its rates, and honest peers come through`(
        type: UInt8
    ) {
        let network = DatagramTestNetwork(seed: 70)
        let (alice, bob) = network.addTwo()
        network.ask(alice, bob)
        network.run(for: .seconds(1))
        var rng = SeededGenerator(seed: 71)
        var most = 0
        // 40,000 first packets a second, each from an address of its own.
        let began = network.now
        for index in 0..<8000 {
            var packet = initiation(&rng)
            packet[0] = type
            if type == 0x16 { packet[3] = 120 }
            let from = DatagramAddress(ip4: UInt32(truncatingIfNeeded: rng.next()) | 0x4000_0000, port: 9)
            network.inject(packet, from: from, into: bob)
            network.flush(bob)
            if index % 40 == 39 { network.run(for: .milliseconds(1)) }
            most = max(most, bob.endpoint.handshakeCount)
            if index == 4000 {
                let warm = network.ask(alice, bob)
                #expect(network.run(until: { alice.responses[warm] != nil }, limit: .milliseconds(21)))
            }
        }
        let counters = bob.endpoint.counters
        let seconds = network.now.duration(since: began).milliseconds / 1000
        // 128 at once and 100 a second, or 256 that are not complete; then Retries, 2,000 and 10,000 a second.
        #expect(counters.answered <= 256 && most <= 256)
        #expect(counters.retriesSent <= 2000 + Int(10_000 * seconds) + 1 && counters.drops(.rate) > 3000)
        #expect(counters.unvalidatedSentBytes < counters.unvalidatedReceivedBytes / 10)
        #expect(bob.endpoint.admission.prefixCount <= 4096)
        // Somebody new comes in by a cookie.
        let carol = network.add(3)
        let token = network.ask(carol, bob)
        #expect(network.run(until: { carol.responses[token] != nil }, limit: .seconds(3)))
        network.run(for: .seconds(30))
        #expect(bob.endpoint.handshakeCount == 0 && bob.endpoint.admission.prefixCount == 0)
    }

    @Test func `one prefix cannot begin more than its share, with cookies or without`() {
        let network = DatagramTestNetwork(seed: 72)
        let bob = network.add(2)
        var rng = SeededGenerator(seed: 73)
        var cookied = 0
        for index in 0..<2000 {
            let packet = initiation(&rng)
            let from = DatagramAddress(ip4: 0x0a00_4d00 | UInt32(index % 250), port: UInt16(index))
            network.inject(packet, from: from, into: bob)
            for datagram in bob.effects.datagrams where bob.effects.arena[datagram.range.lowerBound] == 0x11 {
                cookied += 1
                var again = packet
                again.replaceSubrange(
                    12..<44,
                    with: bob.effects.arena[datagram.range.lowerBound + 12..<datagram.range.upperBound])
                network.inject(again, from: from, into: bob)
            }
            bob.effects.clear()
        }
        #expect(cookied == 200 && bob.endpoint.counters.answered == 100)
    }

    @Test func `in a flood that uses up all Retries an initiator comes in by its repetition`() {
        let network = DatagramTestNetwork(seed: 83)
        var configuration = DatagramConfiguration()
        configuration.cookieThreshold = 0
        configuration.retries = .init(perSecond: 1, burst: 1)
        configuration.maximumPrefixCount = 64
        let bob = network.add(2, configuration: configuration)
        let alice = network.add(1)
        var rng = SeededGenerator(seed: 84)
        let token = network.ask(alice, bob)
        let isDone = { alice.responses[token] != nil }
        for index in 0..<20_000 where !isDone() {
            let from = DatagramAddress(ip4: UInt32(truncatingIfNeeded: rng.next()) | 0x4000_0000, port: 9)
            network.inject(initiation(&rng), from: from, into: bob)
            network.flush(bob)
            if index % 10 == 9 { network.run(for: .milliseconds(1)) }
        }
        #expect(isDone() && alice.endpoint.counters.retriesTaken == 1)
        #expect(bob.endpoint.counters.retriesSent < 40)
        network.run(for: .seconds(30))
        #expect(bob.endpoint.handshakeCount == 0)
    }

    @Test func `a replay of everything changes nothing`() {
        let network = DatagramTestNetwork(seed: 74)
        let (alice, bob) = network.addTwo()
        for value in 0..<20 { network.ask(alice, bob, [UInt8(value)]) }
        network.run(for: .seconds(200))
        for value in 20..<40 { network.ask(alice, bob, [UInt8(value)]) }
        network.run(for: .seconds(10))
        let recorded = network.log
        let (requests, sessions) = (bob.requests.count, bob.endpoint.sessionCount)
        for entry in recorded {
            network.launch(entry.bytes, from: entry.source, to: entry.destination)
            network.launch(entry.bytes, from: DatagramTestNetwork.address(9), to: entry.destination)
            network.run(for: .milliseconds(11))
        }
        network.run(for: .seconds(1))
        #expect(bob.requests.count == requests && bob.endpoint.sessionCount == sessions)
        #expect(bob.moves.isEmpty && alice.moves.isEmpty)
        // A replay of the last two minutes tears nothing down either.
        let token = network.ask(alice, bob)
        #expect(network.run(until: { alice.responses[token] != nil }, limit: .milliseconds(21)))
    }

    @Test func `random bytes of every type and length leave no trace`() {
        let network = DatagramTestNetwork(seed: 75)
        let (alice, bob) = network.addTwo()
        network.ask(alice, bob)
        network.run(for: .seconds(1))
        var rng = SeededGenerator(seed: 76)
        for _ in 0..<20_000 {
            let count =
                [0, 1, 11, 12, 25, 33, 34, 44, 60, 100, 1199, 1200, 1201].randomElement(using: &rng) ?? 0
            var packet: [UInt8] = []
            packet.appendRandom(count, using: &rng)
            if count > 1 { packet[0] = UInt8.random(in: 0x0f...0x19, using: &rng) }
            if count > 1, Bool.random(using: &rng) { packet[1] = 1 }
            // Known connection ids, as somebody on the path could use.
            if count > 12, Bool.random(using: &rng) {
                let id = bob.endpoint.sessions[0].localID
                var bytes: [UInt8] = []
                bytes.appendBigEndian(id)
                packet.replaceSubrange((packet[0] == 0x14 ? 1..<9 : 4..<12), with: bytes)
            }
            network.launch(packet, from: DatagramTestNetwork.address(9), to: bob.address)
            network.run(for: .microseconds(100))
        }
        network.run(for: .seconds(6))
        #expect(bob.endpoint.sessionCount == 1 && bob.requests.count == 1 && bob.moves.isEmpty)
        #expect(bob.endpoint.handshakeCount == 0 && bob.endpoint.counters.dropCount > 15_000)
        let token = network.ask(alice, bob)
        #expect(network.run(until: { alice.responses[token] != nil }, limit: .milliseconds(21)))
    }

    @Test func `handshakes that are never completed make room for others`() {
        let network = DatagramTestNetwork(seed: 77)
        var configuration = DatagramConfiguration()
        configuration.maximumAnsweringCount = 8
        configuration.handshakesPerPrefix = .init(perSecond: 1000, burst: 1000)
        let bob = network.add(2, configuration: configuration)
        var rng = SeededGenerator(seed: 78)
        for index in 0..<50 {
            let packet = initiation(&rng)
            network.inject(packet, from: DatagramTestNetwork.address(20 + index), into: bob)
            network.flush(bob)
            #expect(bob.endpoint.handshakeCount <= 8)
        }
        let alice = network.add(1)
        let token = network.ask(alice, bob)
        #expect(network.run(until: { alice.responses[token] != nil }, limit: .seconds(1)))
    }

    @Test func `parts of requests that never become whole are bounded and forgotten`() {
        let network = DatagramTestNetwork(seed: 79)
        let (alice, bob) = network.addTwo()
        network.ask(alice, bob)
        network.run(for: .seconds(1))
        // Only last parts arrive.
        network.filter = { source, _, bytes in source != alice.address || bytes.count < 1200 }
        for _ in 0..<6 { network.ask(alice, bob, [UInt8](repeating: 1, count: 1170)) }
        network.run(for: .seconds(1))
        #expect(bob.endpoint.reassemblies.count == 2 && bob.endpoint.sessions[0].reassemblyCount == 2)
        let dropped = bob.endpoint.counters.drops(.incomplete)
        #expect(dropped >= 4)
        // They do not stand in the way of one that is whole, behind a handshake: the session seemed dead.
        network.filter = { _, _, _ in true }
        let whole = network.ask(alice, bob, [UInt8](repeating: 2, count: 1170))
        #expect(network.run(until: { alice.responses[whole] != nil }, limit: .milliseconds(41)))
        network.filter = { _, _, _ in true }
        network.run(for: .seconds(15))
        #expect(bob.endpoint.reassemblies.isEmpty && bob.endpoint.sessions[0].reassemblyCount == 0)
    }

    @Test func `frames that break a rule end their packet and nothing else`() {
        let network = DatagramTestNetwork(seed: 80)
        let (alice, bob) = network.addTwo()
        network.ask(alice, bob)
        network.run(for: .seconds(1))
        let refused: [[UInt8]] = [
            [0x07], [0xff, 1, 2], [0x01], [0x01, 0, 0, 0, 1, 0, 1], [0x01, 0, 0, 0, 1, 1, 1, 9],
            [0x01, 0, 0, 0, 1, 0, 0, 9], [0x01, 0, 0, 0, 1, 0, 9, 9], [0x01, 0, 0, 0, 1, 0, 2, 9],
            [0x01, 0, 0, 0, 1, 0x30, 1, 9], [0x01, 0, 0, 0, 1, 0x40, 1, 9], [0x03, 0, 0, 0], [0x04, 1, 2, 3],
            [0x06],
            [0x00, 0x00, 0x05, 1],
        ]
        for (index, frames) in refused.enumerated() {
            let start = alice.endpoint.beginData(0, into: &alice.effects)
            alice.effects.arena += frames
            alice.endpoint.finishData(0, start: start, to: bob.address, into: &alice.effects)
            network.flush(alice)
            network.run(for: .milliseconds(20))
            let dropped = bob.endpoint.counters.drops(.badFrame)
            #expect(dropped == index + 1, "\(frames)")
        }
        #expect(bob.requests.count == 1)
        // What comes before counts: a challenge is answered.
        let before = network.sent(0x14).count
        let start = alice.endpoint.beginData(0, into: &alice.effects)
        alice.effects.arena += [0x00, 0x04, 1, 2, 3, 4, 5, 6, 7, 8, 0xff]
        alice.endpoint.finishData(0, start: start, to: bob.address, into: &alice.effects)
        network.flush(alice)
        network.run(for: .milliseconds(20))
        #expect(network.sent(0x14).count == before + 2)
    }

    @Test func `resets are limited, smaller than their cause, and never answer each other`() {
        let network = DatagramTestNetwork(seed: 81)
        let (alice, bob) = network.addTwo()
        var rng = SeededGenerator(seed: 82)
        for count in [33, 34, 100] {
            var packet: [UInt8] = [0x14]
            packet.appendRandom(count - 1, using: &rng)
            network.launch(packet, from: alice.address, to: bob.address)
        }
        network.run(for: .seconds(1))
        #expect(network.sent(0x15).count == 2 && network.sent(0x15).allSatisfy { $0.bytes.count == 25 })
        for _ in 0..<2000 {
            var packet: [UInt8] = [0x14]
            packet.appendRandom(99, using: &rng)
            network.inject(packet, from: alice.address, into: bob)
        }
        #expect(bob.effects.datagrams.count == 500)
    }
}
