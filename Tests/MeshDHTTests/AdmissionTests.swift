import MeshCore
import MeshMultiformats
import Testing

@testable import MeshDHT

/// How peers come into the table of a machine and leave it.
@Suite struct AdmissionTests {
    @Test func `a peer enters the table when it has answered, not before`() {
        let harness = MachineHarness()
        let peer = TestPeers.peer(1)
        harness.identify(peer)
        #expect(harness.machine.table.count == 0)
        let check = harness.requests.first { $0.peer == peer.id }
        #expect(check?.message.kind == .findNode && check?.message.key == harness.machine.localPeer.multihash)
        guard case .learnedAddresses(let id, let addresses)? = harness.events.first else {
            Issue.record("no addresses before the request")
            return
        }
        #expect(id == peer.id && addresses == peer.addresses)
        if let check { harness.answer(check, KadMessage(kind: .findNode)) }
        #expect(harness.machine.table.contains(peer.kadKey))
        #expect(
            harness.events.contains { event in
                guard case .routingTableChanged(let added, let removed) = event else { return false }
                return added == [peer] && removed.isEmpty
            })
    }

    @Test func `a peer that does not answer its check stays out`() {
        let harness = MachineHarness()
        harness.identify(TestPeers.peer(1))
        while let request = harness.requests.first { harness.fail(request) }
        #expect(harness.machine.table.count == 0)
        #expect(harness.machine.pendingRequestCount == 0)
    }

    @Test func `an answer of another kind is a failure`() {
        let harness = MachineHarness()
        harness.identify(TestPeers.peer(1))
        for request in harness.requests { harness.answer(request, KadMessage(kind: .ping)) }
        #expect(harness.machine.table.count == 0)
    }

    @Test func `a client is not asked and leaves the table when it stops serving`() {
        let harness = MachineHarness()
        let peer = TestPeers.peer(1)
        harness.identify(peer, servesKad: false)
        #expect(harness.requests.isEmpty)
        harness.admit([peer])
        #expect(harness.machine.table.contains(peer.kadKey))
        harness.identify(peer, servesKad: false)
        #expect(!harness.machine.table.contains(peer.kadKey))
    }

    @Test func `peers of answers do not enter the table unasked`() {
        let harness = MachineHarness()
        harness.admit([TestPeers.peer(1)])
        harness.command { $0.closestPeers(key: [1], now: $1, using: &$2, into: &$3) }
        let strangers = (50...60).map { TestPeers.peer($0) }
        for request in harness.requests {
            harness.answer(request, KadMessage(kind: .findNode, closerPeers: strangers))
        }
        #expect(harness.machine.table.count == 1)
        for request in harness.requests { harness.answer(request, KadMessage(kind: .findNode)) }
        #expect(harness.machine.table.count > 1)
    }

    @Test func `repeated failures cost a peer its place, one failure its recommendation`() {
        let harness = MachineHarness()
        let peer = TestPeers.peer(1)
        harness.admit([peer, TestPeers.peer(2)])
        harness.command { $0.closestPeers(key: peer.id.multihash, now: $1, using: &$2, into: &$3) }
        guard var request = harness.requests.first(where: { $0.peer == peer.id }) else {
            Issue.record("the peer was not asked")
            return
        }
        for failure in 1...3 {
            harness.fail(request)
            let recheck = harness.requests.first { $0.peer == peer.id }
            let recommended = harness.ask(KadMessage(kind: .findNode, key: [1]))?.closerPeers ?? []
            #expect(recommended.map(\.id) == [TestPeers.id(2)], "failure \(failure)")
            // Whoever asks for the peer itself still gets what is known.
            let named = harness.ask(KadMessage(kind: .findNode, key: peer.id.multihash))?.closerPeers ?? []
            #expect(named.contains { $0.id == peer.id } == (failure < 3), "failure \(failure)")
            #expect(harness.machine.table.contains(peer.kadKey) == (failure < 3), "failure \(failure)")
            #expect((recheck != nil) == (failure < 3), "failure \(failure)")
            if let recheck { request = recheck }
        }
    }

    @Test func `a refused record costs a peer nothing but a check`() {
        let harness = MachineHarness()
        let peer = TestPeers.peer(1)
        harness.admit([peer])
        for _ in 0..<5 {
            harness.command { $0.putValue(key: [1], value: [1], now: $1, using: &$2, into: &$3) }
            for request in harness.requests { harness.answer(request, KadMessage(kind: .findNode)) }
            for request in harness.requests { harness.fail(request) }
            #expect(harness.outcomes == [.stored(acknowledged: 0, attempted: 1)])
            let check = harness.requests
            #expect(check.map(\.peer) == [peer.id] && check.first?.message.kind == .findNode)
            #expect(harness.machine.table.closestPeers(to: .zero, count: 1, onlyHealthy: true).count == 1)
            for request in check { harness.answer(request, KadMessage(kind: .findNode)) }
            #expect(harness.machine.table.closestPeers(to: .zero, count: 1, onlyHealthy: true).count == 1)
        }
    }

    @Test func `a peer that lost its place is asked once more at the next refresh`() {
        let harness = MachineHarness()
        let peer = TestPeers.peer(1)
        harness.admit([peer, TestPeers.peer(2)])
        harness.command { $0.closestPeers(key: [1], now: $1, using: &$2, into: &$3) }
        for _ in 0..<3 {
            guard let request = harness.requests.first(where: { $0.peer == peer.id }) else { break }
            harness.fail(request)
        }
        #expect(!harness.machine.table.contains(peer.kadKey))
        harness.machine.peerDisconnected(peer.id, now: harness.now)
        harness.advance(.seconds(700))
        guard let request = harness.requests.first(where: { $0.peer == peer.id }) else {
            Issue.record("not asked again")
            return
        }
        harness.answer(request, KadMessage(kind: request.message.kind))
        #expect(harness.machine.table.contains(peer.kadKey))
    }

    @Test func `an outage of our own does not empty the table`() {
        let harness = MachineHarness { $0.outageFailures = 8 }
        harness.admit((1...12).map { TestPeers.peer($0) })
        harness.command { $0.closestPeers(key: [1], now: $1, using: &$2, into: &$3) }
        var requests = harness.requests
        var rounds = 0
        while let request = requests.popLast(), rounds < 1000 {
            harness.fail(request)
            requests += harness.requests
            rounds += 1
        }
        #expect(rounds < 1000)
        #expect(harness.machine.table.count >= 5)
    }

    @Test func `a silent peer of a full bucket is asked when another wants its place`() {
        let harness = MachineHarness { $0.replication = 2 }
        let bucket = peersOfBucketZero(3, harness.machine.localKey)
        let deep = (1...40).map { TestPeers.peer($0) }.filter { peer in
            (peer.kadKey ^ harness.machine.localKey).leadingZeroBitCount > 0
        }
        harness.admit(Array(bucket.prefix(2)) + deep.prefix(5))
        harness.advance(.seconds(30))
        harness.identify(bucket[2])
        #expect(harness.requests.isEmpty)
        harness.advance(.seconds(31))
        harness.identify(bucket[2])
        guard var check = harness.requests.first else {
            Issue.record("nobody was asked")
            return
        }
        let doubted = check.peer
        #expect(doubted == bucket[0].id || doubted == bucket[1].id)
        for _ in 0..<3 {
            harness.fail(check)
            if let next = harness.requests.first { check = next }
        }
        #expect(check.peer == bucket[2].id)
        harness.answer(check, KadMessage(kind: .findNode))
        #expect(harness.machine.table.contains(bucket[2].kadKey))
        #expect(!harness.machine.table.contains(doubted.kadKey))
    }

    @Test func `checks are limited, running and waiting`() {
        let harness = MachineHarness {
            $0.maximumChecks = 4
            $0.maximumWaitingChecks = 6
        }
        var count = 0
        for number in 1...40 {
            harness.identify(TestPeers.peer(UInt64(number)))
            count +=
                harness.requests.filter { request in
                    harness.machine.pending[request.token]?.purpose == .check
                }.count
        }
        #expect(count == 4)
        #expect(harness.machine.checks.waiting.count == 6)
    }

    @Test func `the book of clients is limited and forgets the disconnected first`() {
        let harness = MachineHarness { $0.maximumBookPeers = 3 }
        for number in UInt64(1)...3 { harness.identify(TestPeers.peer(number), servesKad: false) }
        harness.machine.peerDisconnected(TestPeers.id(2), now: harness.now)
        harness.identify(TestPeers.peer(4), servesKad: false)
        #expect(harness.machine.book.count == 3)
        #expect(harness.machine.book.peer(TestPeers.id(2).kadKey, now: harness.now) == nil)
        #expect(harness.machine.book.peer(TestPeers.id(1).kadKey, now: harness.now) != nil)
    }

    private func peersOfBucketZero(_ count: Int, _ local: Bytes32) -> [KadPeer] {
        (1...200).map { TestPeers.peer($0) }.filter { ($0.kadKey ^ local).leadingZeroBitCount == 0 }
            .prefix(count).map { $0 }
    }
}
