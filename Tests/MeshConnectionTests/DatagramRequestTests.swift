import MeshCore
import MeshCrypto
import MeshMultiformats
import Testing

@testable import MeshConnection

/// Requests: parts, timers, limits, the life of sessions, and random faults.
@Suite struct DatagramRequestTests {
    private func connected(
        seed: UInt64, configuration: DatagramConfiguration = DatagramConfiguration()
    ) -> (DatagramTestNetwork, DatagramTestNode, DatagramTestNode) {
        let network = DatagramTestNetwork(seed: seed)
        let (alice, bob) = network.addTwo(configuration: configuration)
        let token = network.ask(alice, bob)
        #expect(network.run(until: { alice.responses[token] != nil }))
        network.run(for: .seconds(1))
        return (network, alice, bob)
    }

    @Test func `messages of every number of parts arrive whole, in any order, both ways`() {
        let (network, alice, bob) = connected(seed: 30)
        network.faults.delay = 5_000_000...60_000_000
        for count in [1, 1159, 1160, 1161, 2320, 2321, 9279, 9280] {
            let message = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) }
            let token = network.ask(alice, bob, message)
            #expect(network.run(until: { alice.responses[token] != nil }, limit: .seconds(5)), "\(count)")
            #expect(alice.responses[token] == message && bob.requests.last == message, "\(count)")
        }
        #expect(network.log.allSatisfy { $0.bytes.count <= 1200 })
    }

    @Test func `what does not fit is refused here and there`() {
        let (network, alice, bob) = connected(seed: 31)
        for size in [0, 9281] {
            let token = network.ask(alice, bob, [UInt8](repeating: 1, count: size))
            #expect(alice.failures[token] == .refused(.tooLarge))
        }
        bob.answer = { _ in [UInt8](repeating: 1, count: 9281) }
        let token = network.ask(alice, bob)
        network.run(for: .seconds(1))
        #expect(alice.failures[token] == .refused(.tooLarge))
    }

    @Test func `a request goes out three times and then fails, and a late response is dropped`() {
        let (network, alice, bob) = connected(seed: 32)
        bob.answersLater = true
        let before = network.sent(0x14).count
        let token = network.ask(alice, bob, [7])
        network.run(for: .seconds(4))
        #expect(alice.failures[token] == .timedOut)
        #expect(network.sent(0x14).count - before == 3 && bob.requests.suffix(3) == [[7], [7], [7]])
        bob.answerWaiting(now: network.now, using: &network.rng)
        network.flush(bob)
        network.run(for: .seconds(1))
        #expect(alice.responses[token] == nil)
        let dropped = alice.endpoint.counters.drops(.unknownRequest)
        #expect(dropped == 3)
    }

    @Test func `the wait follows the round-trip time between its bounds`() {
        let (network, alice, bob) = connected(seed: 33)
        for _ in 0..<40 {
            let token = network.ask(alice, bob)
            _ = network.run(until: { alice.responses[token] != nil })
        }
        network.filter = { source, _, _ in source == alice.address }
        let began = network.now
        let before = network.log.count
        let token = network.ask(alice, bob)
        #expect(network.run(until: { alice.failures[token] != nil }))
        // A round trip of 20 ms waits for the least, 100 ms, then twice, then four times as long.
        let took = network.now.duration(since: began)
        #expect(took >= .milliseconds(700) && took < .milliseconds(730), "\(took)")
        #expect(network.log[before...].filter { $0.source == alice.address }.count == 3)
    }

    @Test func `sixteen requests are in flight, sixty-four wait, and the next one fails`() {
        let (network, alice, bob) = connected(seed: 34)
        bob.answersLater = true
        let before = network.sent(0x14).count
        let tokens = (0..<81).map { _ in network.ask(alice, bob) }
        #expect(alice.failures[tokens[80]] == .limit)
        #expect(tokens[..<80].allSatisfy { alice.failures[$0] == nil })
        #expect(network.sent(0x14).count - before == 16)
        bob.answersLater = false
        bob.answer = { $0 }
        network.run(for: .milliseconds(15))
        bob.answerWaiting(now: network.now, using: &network.rng)
        network.flush(bob)
        #expect(network.run(until: { tokens[..<80].allSatisfy { alice.responses[$0] != nil } }))
        #expect(alice.endpoint.requestCount == 0)
    }

    @Test func `the number of unfinished requests is bounded over all peers`() {
        let network = DatagramTestNetwork(seed: 35)
        var configuration = DatagramConfiguration()
        configuration.maximumRequestCount = 8
        configuration.maximumInitiatingCount = 3
        let alice = network.add(1, configuration: configuration)
        let others = (2..<12).map { network.add($0) }
        network.filter = { _, _, _ in false }
        var tokens = others.map { network.ask(alice, $0) }
        #expect(tokens[..<3].allSatisfy { alice.failures[$0] == nil })
        #expect(tokens[3...].allSatisfy { alice.failures[$0] == .limit })
        tokens += (0..<10).map { _ in network.ask(alice, others[0]) }
        #expect(alice.endpoint.requestCount == 8)
        #expect(tokens.suffix(5).allSatisfy { alice.failures[$0] == .limit })
        network.run(for: .seconds(5))
        #expect(tokens.allSatisfy { alice.failures[$0] != nil } && alice.endpoint.requestCount == 0)
    }

    @Test func `a cancelled request tells nothing`() {
        let (network, alice, bob) = connected(seed: 36)
        let token = network.ask(alice, bob)
        alice.endpoint.cancel(RequestToken(token))
        let unknown = network.ask(alice, bob, at: [DatagramTestNetwork.address(70)])
        alice.endpoint.cancel(RequestToken(unknown))
        alice.endpoint.cancel(RequestToken(12345))
        network.run(for: .seconds(10))
        #expect(alice.responses[token] == nil && alice.failures[token] == nil)
        #expect(alice.endpoint.requestCount == 0)
    }

    @Test func `a session over its rate is refused, and then ignored`() {
        var configuration = DatagramConfiguration()
        configuration.requestsPerSession = .init(perSecond: 1, burst: 4)
        configuration.retransmissionCount = 0
        let (network, alice, bob) = connected(seed: 37, configuration: configuration)
        network.run(for: .seconds(10))
        let tokens = (0..<12).map { _ in network.ask(alice, bob) }
        network.run(for: .seconds(3))
        #expect(tokens.count { alice.responses[$0] != nil } == 4)
        #expect(tokens.count { alice.failures[$0] == .refused(.busy) } == 4)
        #expect(tokens.count { alice.failures[$0] == .timedOut } == 4)
        let dropped = bob.endpoint.counters.drops(.requestRate)
        #expect(dropped == 8)
    }

    @Test func `a session is replaced after two minutes without a pause`() {
        let (network, alice, bob) = connected(seed: 38)
        var slowest = Duration.zero
        var tokens: [UInt64] = []
        for _ in 0..<300 {
            let began = network.now
            tokens.append(network.ask(alice, bob))
            let token = tokens[tokens.count - 1]
            #expect(network.run(until: { alice.responses[token] != nil }))
            slowest = max(slowest, network.now.duration(since: began))
            network.run(for: .seconds(1))
        }
        #expect(slowest == .milliseconds(20))
        #expect(network.sent(0x16).count == 2 && network.sent(0x10).count == 1)
        #expect(alice.failures.isEmpty && alice.endpoint.sessionCount <= 2)
    }

    @Test func `a session is replaced when its packets are counted out`() {
        let (network, alice, bob) = connected(seed: 39)
        alice.endpoint.sessions[0].sendCounter = 1 << 20 - 1
        network.ask(alice, bob)
        network.run(for: .seconds(1))
        #expect(network.sent(0x16).isEmpty)
        network.ask(alice, bob)
        network.run(for: .seconds(1))
        #expect(network.sent(0x17).count == 1 && alice.endpoint.sessionCount == 2)
    }

    @Test func `a session of three minutes is refused even while it is used`() {
        let (network, alice, bob) = connected(seed: 40)
        // Bob asks nothing and Alice may not make a new session.
        network.filter = { _, _, bytes in bytes[0] != 0x16 && bytes[0] != 0x10 }
        network.run(for: .seconds(170))
        let good = network.ask(alice, bob)
        network.run(for: .seconds(4))
        #expect(alice.responses[good] != nil)
        network.run(for: .seconds(10))
        let late = network.ask(alice, bob)
        network.run(for: .seconds(5))
        #expect(alice.failures[late] == .timedOut)
        network.run(for: .seconds(10))
        #expect(alice.endpoint.sessionCount == 0 && bob.endpoint.sessionCount == 0)
        #expect(alice.endpoint.nextDeadline == nil && bob.endpoint.nextDeadline == nil)
    }

    @Test func `the least recently used session makes room`() {
        let network = DatagramTestNetwork(seed: 41)
        var configuration = DatagramConfiguration()
        configuration.maximumSessionCount = 3
        let alice = network.add(1, configuration: configuration)
        let others = (2..<6).map { network.add($0) }
        for other in others[..<3] {
            network.ask(alice, other)
            network.run(for: .seconds(1))
        }
        network.ask(alice, others[0])
        network.run(for: .seconds(1))
        network.ask(alice, others[3])
        network.run(for: .seconds(1))
        #expect(alice.endpoint.sessionCount == 3 && alice.endpoint.counters.evictions == 1)
        let kept = others.map { alice.endpoint.hasSession(with: $0.peer) }
        #expect(kept == [true, false, true, true])
        // Who was forgotten is told by a Reset as soon as it asks, and asks anew.
        let token = network.ask(others[1], alice)
        #expect(network.run(until: { others[1].responses[token] != nil }, limit: .milliseconds(90)))
        #expect(network.sent(0x15).count == 1)
    }

    @Test func `a restarted peer resets the session in one round trip`() {
        let (network, alice, bob) = connected(seed: 42)
        bob.restart(using: &network.rng)
        let before = network.log.count
        let began = network.now
        let token = network.ask(alice, bob)
        #expect(network.run(until: { alice.responses[token] != nil }))
        #expect(network.log[before...].map { $0.bytes[0] } == [0x14, 0x15, 0x10, 0x12, 0x13, 0x14])
        #expect(network.now.duration(since: began) == .milliseconds(60))
        #expect(network.log[before + 1].bytes.count < network.log[before].bytes.count)
    }

    @Test func `closing fails what the peer still waits for`() {
        let (network, alice, bob) = connected(seed: 43)
        bob.answersLater = true
        let tokens = (0..<20).map { _ in network.ask(alice, bob) }
        network.run(for: .milliseconds(15))
        bob.endpoint.closeAll(into: &bob.effects)
        network.flush(bob)
        network.run(for: .milliseconds(15))
        #expect(tokens.allSatisfy { alice.failures[$0] == .closed })
        #expect(alice.endpoint.sessionCount == 0 && bob.endpoint.sessionCount == 0)
        #expect(alice.closedCount == 1 && bob.endpoint.nextDeadline == nil)
    }

    @Test(arguments: [50, 51, 52, 53])
    func `under loss, reordering and duplication every request has its one outcome`(seed: UInt64) {
        let network = DatagramTestNetwork(seed: seed)
        network.faults = .init(
            lossPerMille: 100, duplicatePerMille: 100, delay: 5_000_000...80_000_000)
        let nodes = (1..<5).map { network.add($0) }
        for node in nodes { node.answer = { [UInt8](repeating: $0[0], count: 1 + Int($0[0]) * 9) } }
        var asked: [(DatagramTestNode, UInt64, UInt8)] = []
        for round in 0..<150 {
            let from = Int.random(in: 0..<4, using: &network.rng)
            let to = (from + Int.random(in: 1..<4, using: &network.rng)) % 4
            let value = UInt8.random(in: 0...255, using: &network.rng)
            let message = [UInt8](repeating: value, count: Int.random(in: 1...1500, using: &network.rng))
            asked.append((nodes[from], network.ask(nodes[from], nodes[to], message), value))
            network.run(for: .milliseconds(round % 50 == 49 ? 130_000 : 150))
        }
        network.run(for: .seconds(30))
        let answered = asked.count { $0.0.responses[$0.1] != nil }
        // Two packets each way are lost in a third of all attempts; three attempts leave 4 % at most.
        #expect(answered >= 141, "seed \(seed): \(answered) of 150")
        for (node, token, value) in asked {
            if let response = node.responses[token] {
                #expect(response == [UInt8](repeating: value, count: 1 + Int(value) * 9), "seed \(seed)")
            } else {
                #expect(node.failures[token] == .timedOut, "seed \(seed)")
            }
        }
        for node in nodes {
            #expect(node.endpoint.requestCount == 0 && node.endpoint.handshakeCount == 0, "seed \(seed)")
        }
    }
}
