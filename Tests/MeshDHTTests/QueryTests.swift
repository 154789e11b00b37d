import MeshCore
import MeshMultiformats
import Testing

@testable import MeshDHT

/// Queries of one machine, its peers played by hand.
@Suite struct QueryTests {
    private let peers = (1...6).map { TestPeers.peer($0) }

    @Test func `findPeer answers from the table without asking anybody`() {
        let harness = makeHarness()
        harness.command { $0.findPeer(peers[2].id, now: $1, using: &$2, into: &$3) }
        #expect(harness.outcomes == [.peer(peers[2])])
        #expect(harness.requests.isEmpty)
        harness.command { $0.findPeer(TestPeers.id(0), now: $1, using: &$2, into: &$3) }
        #expect(harness.outcomes == [.peer(KadPeer(id: TestPeers.id(0), addresses: [TestPeers.address(77)]))])
    }

    @Test func `findPeer ends with the first answer that has the addresses, and asks nobody afterwards`() {
        let harness = makeHarness()
        let target = TestPeers.peer(99)
        harness.command { $0.findPeer(target.id, now: $1, using: &$2, into: &$3) }
        let requests = harness.requests
        #expect(requests.count == 6)
        #expect(requests.allSatisfy { $0.message == KadMessage(kind: .findNode, key: target.id.multihash) })
        harness.answer(requests[0], KadMessage(kind: .findNode, closerPeers: [target.withAddresses([])]))
        #expect(harness.outcomes.isEmpty)
        harness.answer(requests[1], KadMessage(kind: .findNode, closerPeers: [TestPeers.peer(50), target]))
        #expect(harness.outcomes == [.peer(target)])
        #expect(harness.requests.isEmpty && harness.machine.queryCount == 0)
        for request in requests.dropFirst(2) {
            harness.answer(request, KadMessage(kind: .findNode, closerPeers: [TestPeers.peer(51)]))
            #expect(harness.requests.isEmpty && harness.outcomes.isEmpty)
        }
        #expect(harness.machine.pendingRequestCount == 0)
    }

    @Test func `findPeer of a peer that nobody knows says how many were asked`() {
        let harness = makeHarness()
        harness.command { $0.findPeer(TestPeers.id(99), now: $1, using: &$2, into: &$3) }
        let requests = harness.requests
        harness.fail(requests[0])
        for request in requests.dropFirst() { harness.answer(request, KadMessage(kind: .findNode)) }
        #expect(harness.outcomes == [.failed(.notFound(answered: 5, failed: 1))])
    }

    @Test func `a lookup that reaches nobody says so`() {
        let harness = makeHarness()
        harness.command { $0.closestPeers(key: [1], now: $1, using: &$2, into: &$3) }
        let requests = harness.requests.filter { $0.message.key == [1] }
        for request in requests { harness.fail(request) }
        #expect(harness.outcomes == [.failed(.unreachable(failed: 6))])
    }

    @Test func `a node that is named to itself does not ask itself`() {
        let harness = makeHarness()
        harness.command { $0.closestPeers(key: [1], now: $1, using: &$2, into: &$3) }
        let own = KadPeer(id: TestPeers.id(0), addresses: [TestPeers.address(5)])
        harness.answer(harness.requests[0], KadMessage(kind: .findNode, closerPeers: [own]))
        #expect(harness.requests.isEmpty)
        #expect(harness.steps.first?.closerCount == 0)
    }

    @Test func `every request is preceded by the addresses of its peer`() {
        let harness = makeHarness()
        harness.command { $0.closestPeers(key: [1], now: $1, using: &$2, into: &$3) }
        var announced: [PeerID: [Multiaddr]] = [:]
        for effect in harness.effects.list {
            switch effect {
            case .event(.learnedAddresses(let peer, let addresses)): announced[peer] = addresses
            case .request(_, let peer, _):
                #expect(announced[peer] == peers.first { $0.id == peer }?.addresses)
            default: break
            }
        }
        #expect(announced.count == 6)
    }

    @Test func `a trace names whom was asked, what came of it and how close it was`() {
        let harness = makeHarness()
        harness.command { $0.closestPeers(key: [1], now: $1, using: &$2, into: &$3) }
        let requests = harness.requests
        harness.now = Instant(nanoseconds: 5_000_000)
        harness.answer(requests[0], KadMessage(kind: .findNode, closerPeers: [TestPeers.peer(40)]))
        let step = harness.steps.first
        let place = KadKeys.place(of: [1])
        #expect(step?.round == 1 && step?.peer.id == requests[0].peer && step?.duration == .milliseconds(5))
        #expect(step?.closerCount == 1 && step?.outcome == .answered)
        #expect(step?.sharedBitCount == (requests[0].peer.kadKey ^ place).leadingZeroBitCount)
        let second = harness.requests.first { $0.peer == TestPeers.id(40) }
        if let second { harness.answer(second, KadMessage(kind: .findNode)) }
        #expect(harness.steps.first?.round == 2)
        harness.fail(requests[1])
        #expect(harness.steps.first?.outcome == .failed)
        harness.answer(requests[2], KadMessage(kind: .ping))
        #expect(harness.steps.first?.outcome == .invalid)
        harness.advance(.seconds(2))
        #expect(harness.steps.map(\.outcome).contains(.slow))
    }

    @Test func `getValue ends at its quorum and takes only valid values of the key`() {
        let harness = makeHarness()
        let key = Array("/versioned/x".utf8)
        harness.command { $0.getValue(key: key, quorum: 2, now: $1, using: &$2, into: &$3) }
        let requests = harness.requests
        #expect(requests.allSatisfy { $0.message.kind == .getValue && $0.message.key == key })
        harness.answer(requests[0], value(key, [9, 0xff]))
        harness.answer(requests[1], value([1, 2], [9, 9]))
        harness.answer(requests[2], value(key, [1, 1]))
        harness.answer(requests[3], value(key, [2, 2]))
        #expect(harness.outcomes.isEmpty)
        // Two agree, but the closest that one of the paths knows has not answered.
        harness.answer(requests[4], value(key, [2, 2]))
        #expect(harness.outcomes.isEmpty)
        harness.answer(requests[5], value(key, [2, 2]))
        #expect(harness.outcomes == [.value([2, 2], holders: 3)])
        let correction = harness.requests.filter { $0.message.kind == .putValue }
        // Those of the closest that had none get it too.
        #expect(correction.map(\.peer) == [requests[2].peer, requests[0].peer, requests[1].peer])
        #expect(correction.first?.message.record?.value == [2, 2])
    }

    @Test func `getValue with quorum zero asks all and gives the best value to those without it`() {
        let harness = makeHarness()
        harness.command { $0.getValue(key: [5], quorum: 0, now: $1, using: &$2, into: &$3) }
        let requests = harness.requests
        #expect(requests.count == 6)
        harness.answer(requests[0], value([5], [7]))
        harness.answer(requests[1], KadMessage(kind: .getValue))
        harness.answer(requests[2], value([5], [7]))
        harness.answer(requests[3], value([5], [7]))
        harness.fail(requests[4])
        #expect(harness.outcomes.isEmpty)
        harness.answer(requests[5], value([5], [7]))
        #expect(harness.outcomes == [.value([7], holders: 4)])
        #expect(harness.requests.map(\.peer) == [requests[1].peer])
        #expect(harness.requests.first?.message.kind == .putValue)
    }

    @Test func `a value of the own store counts for one holder, and can be left out`() {
        let harness = makeHarness()
        _ = harness.ask(KadMessage(kind: .putValue, key: [5], record: KadRecord(key: [5], value: [6])))
        harness.command { $0.getValue(key: [5], quorum: 1, now: $1, using: &$2, into: &$3) }
        #expect(harness.outcomes == [.value([6], holders: 1)])
        harness.command { $0.getValue(key: [5], quorum: 1, usesLocal: false, now: $1, using: &$2, into: &$3) }
        #expect(harness.outcomes.isEmpty && harness.requests.count == 6)
    }

    @Test func `a better value of the network replaces the own one and is persisted`() {
        let harness = makeHarness()
        let key = Array("/versioned/x".utf8)
        harness.command { $0.putValue(key: key, value: [1, 1], now: $1, using: &$2, into: &$3) }
        harness.command { $0.getValue(key: key, quorum: 1, usesLocal: false, now: $1, using: &$2, into: &$3) }
        if let request = harness.requests.first { harness.answer(request, value(key, [3, 3])) }
        let persisted = harness.events.contains { event in
            guard case .persistRecord(let record, nil) = event else { return false }
            return record.value == [3, 3] && !record.isOwn
        }
        #expect(persisted)
        #expect(harness.machine.records.record(KadKeys.place(of: key))?.value == [3, 3])
    }

    @Test func `putValue persists first, stores at the closest and counts the echoes`() {
        let harness = makeHarness()
        harness.command { $0.putValue(key: [5], value: [6], now: $1, using: &$2, into: &$3) }
        guard case .event(.persistRecord(let record, nil))? = harness.effects.list.first else {
            Issue.record("not persisted first")
            return
        }
        #expect(record.isOwn)
        for request in harness.requests.prefix(3) { harness.answer(request, KadMessage(kind: .findNode)) }
        let stores = harness.requests
        #expect(stores.count == 6 && stores.allSatisfy { $0.message.kind == .putValue })
        for store in stores.prefix(3) { harness.answer(store, store.message) }
        harness.answer(stores[3], KadMessage(kind: .putValue))
        let other = KadMessage(kind: .putValue, record: KadRecord(key: [5], value: [9]))
        harness.answer(stores[4], other)
        #expect(harness.outcomes.isEmpty)
        harness.fail(stores[5])
        #expect(harness.outcomes == [.stored(acknowledged: 4, attempted: 6)])
    }

    @Test func `a store does not wait for a silent peer longer than its patience`() {
        let harness = makeHarness()
        harness.command { $0.putValue(key: [5], value: [6], now: $1, using: &$2, into: &$3) }
        for request in harness.requests.prefix(3) { harness.answer(request, KadMessage(kind: .findNode)) }
        for store in harness.requests.dropLast() { harness.answer(store, store.message) }
        harness.advance(.milliseconds(2999))
        #expect(harness.outcomes.isEmpty)
        harness.advance(.milliseconds(1))
        #expect(harness.outcomes == [.stored(acknowledged: 5, attempted: 6)])
    }

    @Test func `a store at silent peers only waits for the first of them`() {
        let harness = makeHarness()
        harness.command { $0.putValue(key: [5], value: [6], now: $1, using: &$2, into: &$3) }
        for request in harness.requests.prefix(3) { harness.answer(request, KadMessage(kind: .findNode)) }
        let stores = harness.requests
        harness.advance(.seconds(9))
        #expect(harness.outcomes.isEmpty)
        harness.answer(stores[0], stores[0].message)
        #expect(harness.outcomes == [.stored(acknowledged: 1, attempted: 6)])
    }

    @Test func `a publication that reached nobody is tried again soon, any other after 22 hours`() {
        let harness = makeHarness()
        harness.command { $0.putValue(key: [5], value: [6], now: $1, using: &$2, into: &$3) }
        // The peers live but refuse the record.
        func refuse() -> Int {
            var refused = 0
            var open = harness.requests
            while let request = open.popLast() {
                if request.message.kind == .putValue {
                    refused += 1
                    harness.fail(request)
                } else {
                    harness.answer(request, KadMessage(kind: request.message.kind))
                }
                open += harness.requests
            }
            return refused
        }
        #expect(refuse() == 6)
        harness.advance(.seconds(29))
        #expect(refuse() == 0)
        harness.advance(.seconds(1))
        for request in harness.requests.prefix(3) { harness.answer(request, KadMessage(kind: .findNode)) }
        let stores = harness.requests.filter { $0.message.kind == .putValue }
        #expect(stores.count == 6)
        for store in stores { harness.answer(store, store.message) }
        harness.advance(.seconds(60))
        #expect(refuse() == 0)
    }

    @Test func `putValue refuses what a server would refuse`() {
        let harness = makeHarness()
        func put(_ key: [UInt8], _ value: [UInt8]) -> QueryOutcome? {
            harness.command { $0.putValue(key: key, value: value, now: $1, using: &$2, into: &$3) }
            return harness.outcomes.first
        }
        let nowhere = Array("/nowhere/x".utf8)
        #expect(put(nowhere, [1]) == .failed(.invalidRecord(.unknownNamespace("nowhere"))))
        #expect(put([], [1]) == .failed(.invalidKey(byteCount: 0, limit: 256)))
        #expect(put([1], []) == .failed(.invalidRecord(.emptyValue)))
        let tooLong = RecordError.valueTooLong(byteCount: 10_241, limit: 10_240)
        #expect(put([1], [UInt8](repeating: 0, count: 10_241)) == .failed(.invalidRecord(tooLong)))
        #expect(harness.requests.isEmpty)
    }

    @Test func `provide tells only peers that have answered`() {
        let harness = makeHarness()
        harness.command { $0.provide(key: [5], now: $1, using: &$2, into: &$3) }
        let lookups = harness.requests
        for request in lookups.prefix(3) { harness.answer(request, KadMessage(kind: .findNode)) }
        // The three that have answered are told at once; the lookup's other requests serve as their checks.
        #expect(Set(harness.sends.map(\.peer)) == Set(lookups.prefix(3).map(\.peer)))
        #expect(harness.requests.isEmpty)
        let message = harness.sends.first?.message
        #expect(message?.kind == .addProvider && message?.key == [5])
        #expect(message?.providerPeers == [KadPeer(id: TestPeers.id(0), addresses: [TestPeers.address(77)])])
        harness.answer(lookups[3], KadMessage(kind: .findNode))
        #expect(harness.sends.map(\.peer) == [lookups[3].peer])
        harness.fail(lookups[4])
        #expect(harness.outcomes.isEmpty)
        harness.answer(lookups[5], KadMessage(kind: .findNode))
        #expect(harness.outcomes == [.provided(sent: 5)])
    }

    @Test func `provide without an address of the own says so`() {
        let harness = makeHarness()
        harness.machine.setLocalAddresses([])
        harness.command { $0.provide(key: [5], now: $1, using: &$2, into: &$3) }
        #expect(harness.outcomes == [.failed(.invalidRecord(.noAddresses))])
        #expect(harness.machine.providers.count == 0)
    }

    @Test func `findProviders stops at its limit and reports providers as they come`() {
        let harness = makeHarness()
        harness.command { $0.findProviders(key: [5], limit: 3, now: $1, using: &$2, into: &$3) }
        let requests = harness.requests
        let found = (60...64).map { TestPeers.peer($0) }
        harness.answer(
            requests[0], KadMessage(kind: .getProviders, providerPeers: [found[0].withAddresses([])]))
        harness.answer(requests[1], KadMessage(kind: .getProviders, providerPeers: [found[0], found[1]]))
        let progress = harness.events.compactMap { event -> [KadPeer]? in
            guard case .queryProgress(_, .providers(let peers)) = event else { return nil }
            return peers
        }
        #expect(progress == [[found[1]]])
        harness.answer(requests[2], KadMessage(kind: .getProviders, providerPeers: found))
        #expect(harness.outcomes == [.providers([found[0], found[1], found[2]])])
    }

    @Test func `queries are limited in number`() {
        let harness = makeHarness { $0.maximumQueries = 2 }
        for _ in 0..<2 {
            harness.command { $0.closestPeers(key: [1], now: $1, using: &$2, into: &$3) }
            #expect(harness.outcomes.isEmpty)
        }
        harness.command { $0.closestPeers(key: [1], now: $1, using: &$2, into: &$3) }
        #expect(harness.outcomes == [.failed(.tooManyQueries(limit: 2))])
    }

    @Test func `a query ends at its deadline with what it has`() {
        let harness = makeHarness { $0.queryTimeout = .seconds(5) }
        harness.command { $0.findProviders(key: [5], limit: 9, now: $1, using: &$2, into: &$3) }
        let first = harness.requests[0]
        harness.answer(first, KadMessage(kind: .getProviders, providerPeers: [TestPeers.peer(60)]))
        harness.command { $0.closestPeers(key: [1], now: $1, using: &$2, into: &$3) }
        harness.advance(.seconds(5))
        #expect(harness.outcomes.contains(.providers([TestPeers.peer(60)])))
        #expect(harness.outcomes.contains(.failed(.timedOut(.seconds(5)))))
        #expect(harness.machine.queryCount == 0)
    }

    @Test func `a cancelled query is over at once`() {
        let harness = makeHarness()
        let id = harness.command { $0.closestPeers(key: [1], now: $1, using: &$2, into: &$3) }
        let requests = harness.requests
        harness.command {
            $0.cancel(id, now: $1, into: &$3)
            return id
        }
        #expect(harness.outcomes == [.failed(.cancelled)])
        harness.answer(requests[0], KadMessage(kind: .findNode, closerPeers: [TestPeers.peer(90)]))
        #expect(harness.requests.isEmpty && harness.outcomes.isEmpty)
    }

    @Test func `answers that nobody asked for change nothing`() {
        let harness = makeHarness()
        harness.command { $0.closestPeers(key: [1], now: $1, using: &$2, into: &$3) }
        let request = harness.requests[0]
        harness.handle(.response(KadMessage(kind: .findNode), from: TestPeers.id(70), token: request.token))
        harness.handle(
            .response(KadMessage(kind: .findNode), from: request.peer, token: RequestToken(999_999)))
        harness.handle(.failure(RequestToken(999_998), from: request.peer))
        #expect(harness.machine.pendingRequestCount == 6)
        harness.answer(request, KadMessage(kind: .findNode))
        harness.answer(request, KadMessage(kind: .findNode))
        #expect(harness.machine.pendingRequestCount == 5)
    }

    private func makeHarness(
        configure: (inout KademliaConfiguration) -> Void = { _ in }
    ) -> MachineHarness {
        let harness = MachineHarness(configure: configure)
        harness.admit(peers)
        return harness
    }

    private func value(_ key: [UInt8], _ value: [UInt8]) -> KadMessage {
        KadMessage(kind: .getValue, key: key, record: KadRecord(key: key, value: value))
    }
}
