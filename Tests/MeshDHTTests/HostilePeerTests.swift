import MeshCore
import MeshMultiformats
import Testing

@testable import MeshDHT

/// Peers that send anything: the machine stays within its limits and never traps.
@Suite struct HostilePeerTests {
    @Test(arguments: 0..<30) func `random requests and answers keep every limit`(seed: Int) {
        let harness = MachineHarness(seed: UInt64(seed)) { configuration in
            configuration.maximumRecords = 20
            configuration.maximumProviders = 30
            configuration.maximumProvidersPerKey = 4
            configuration.maximumBookPeers = 10
            configuration.maximumQueries = 8
            configuration.maximumChecks = 4
            configuration.maximumWaitingChecks = 8
            configuration.replication = 4
        }
        var rng = SeededGenerator(seed: UInt64(seed) + 1000)
        harness.admit((1...5).map { TestPeers.peer($0) })
        var open: [MachineHarness.Request] = []
        for _ in 0..<600 {
            let peer = TestPeers.peer(rng.next(upperBound: 60))
            var message = KadMessageTests.randomMessage(using: &rng)
            if Bool.random(using: &rng) { message.providerPeers.append(peer) }
            if Bool.random(using: &rng) { message.key = [UInt8(rng.next(upperBound: UInt32(50)))] }
            let key = message.key
            message.record?.key = key
            switch rng.next(upperBound: UInt32(12)) {
            case 0...3: _ = harness.ask(message, from: peer.id)
            case 4...6:
                guard let index = open.indices.randomElement(using: &rng) else { continue }
                let request = open.remove(at: index)
                if Bool.random(using: &rng) { message.kind = request.message.kind }
                harness.answer(request, message)
            case 7:
                guard let index = open.indices.randomElement(using: &rng) else { continue }
                harness.fail(open.remove(at: index))
            case 8: harness.identify(peer, servesKad: Bool.random(using: &rng))
            case 9: harness.advance(.seconds(Int64(rng.next(upperBound: UInt32(900)))))
            default: start(message, on: harness, using: &rng)
            }
            open += harness.requests
            check(harness, open: open.count, seed: seed)
        }
        #expect(harness.machine.pendingRequestCount == open.count, "seed \(seed)")
        for request in open { harness.fail(request) }
    }

    private func start(_ message: KadMessage, on harness: MachineHarness, using rng: inout SeededGenerator) {
        let peer = TestPeers.id(rng.next(upperBound: 99))
        switch message.kind {
        case .putValue:
            let value = message.record?.value ?? [1]
            harness.command { $0.putValue(key: message.key, value: value, now: $1, using: &$2, into: &$3) }
        case .getValue:
            harness.command { $0.getValue(key: message.key, quorum: 2, now: $1, using: &$2, into: &$3) }
        case .addProvider: harness.command { $0.provide(key: message.key, now: $1, using: &$2, into: &$3) }
        case .getProviders:
            harness.command { $0.findProviders(key: message.key, limit: 3, now: $1, using: &$2, into: &$3) }
        case .findNode: harness.command { $0.findPeer(peer, now: $1, using: &$2, into: &$3) }
        case .ping: harness.command { $0.bootstrap(now: $1, using: &$2, into: &$3) }
        }
    }

    private func check(_ harness: MachineHarness, open: Int, seed: Int) {
        let machine = harness.machine
        #expect(machine.records.count - machine.records.ownCount <= 20, "seed \(seed)")
        #expect(machine.providers.count - machine.providers.ownCount <= 30, "seed \(seed)")
        #expect(machine.book.count <= 10 && machine.checks.waiting.count <= 8, "seed \(seed)")
        #expect(machine.checks.running.count <= 4, "seed \(seed)")
        // Beyond the application's queries run a refresh and republications.
        #expect(machine.queryCount <= 8 + 3 + 4, "seed \(seed)")
        #expect(machine.table.peers.count == machine.table.count, "seed \(seed)")
        for bucket in 0..<machine.table.bucketCount {
            #expect(machine.table.peerCount(inBucket: bucket) <= 4, "seed \(seed)")
        }
    }

    @Test func `a peer that names ten thousand closer peers cannot make a lookup endless`() {
        let harness = MachineHarness()
        harness.admit([TestPeers.peer(1)])
        harness.command { $0.closestPeers(key: [1], now: $1, using: &$2, into: &$3) }
        var rng = SeededGenerator(seed: 3)
        var open = harness.requests
        var count = open.count
        var outcome: QueryOutcome?
        while outcome == nil, let request = open.popLast() {
            // Every answer invents peers, each a little closer than the last.
            let invented = (0..<64).map { _ in TestPeers.peer(using: &rng) }
            harness.answer(request, KadMessage(kind: .findNode, closerPeers: invented))
            open += harness.requests
            count += harness.requests.count
            outcome = harness.outcomes.first
        }
        #expect(outcome != nil)
        #expect(count <= 200)
    }
}
