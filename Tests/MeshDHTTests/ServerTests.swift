import MeshCore
import MeshMultiformats
import Testing

@testable import MeshDHT

/// What a server answers, rule by rule.
@Suite struct ServerTests {
    private let requester = TestPeers.peer(500)

    @Test func `FIND_NODE gives the k closest without the node and the requester`() throws {
        let harness = MachineHarness()
        let peers = (1...60).map { TestPeers.peer($0) }
        harness.admit(peers + [requester])
        let key = Array("some key".utf8)
        let answer = try #require(harness.ask(KadMessage(kind: .findNode, key: key), from: requester.id))
        let place = KadKeys.place(of: key)
        let known = harness.machine.table.peers.filter { $0.id != requester.id }
        let expected = known.sorted { ($0.kadKey ^ place) < ($1.kadKey ^ place) }.prefix(20).map(\.id)
        #expect(answer.kind == .findNode && answer.closerPeers.map(\.id) == expected)
    }

    @Test func `FIND_NODE for the node itself and for the requester gives them`() throws {
        let harness = MachineHarness()
        harness.admit([TestPeers.peer(1), requester])
        let own = harness.machine.localPeer
        let about = try #require(
            harness.ask(KadMessage(kind: .findNode, key: own.multihash), from: requester.id))
        #expect(about.closerPeers.first?.id == own)
        #expect(about.closerPeers.first?.addresses == [TestPeers.address(77)])
        let self_ = try #require(
            harness.ask(KadMessage(kind: .findNode, key: requester.id.multihash), from: requester.id))
        #expect(self_.closerPeers.first?.id == requester.id)
    }

    @Test func `FIND_NODE gives a known client, even when twenty servers are closer to others`() throws {
        let harness = MachineHarness()
        harness.admit((1...30).map { TestPeers.peer($0) })
        let client = TestPeers.peer(900)
        harness.identify(client, servesKad: false)
        let answer = try #require(harness.ask(KadMessage(kind: .findNode, key: client.id.multihash)))
        #expect(answer.closerPeers.first == client)
        #expect(answer.closerPeers.count == 20)
        harness.machine.peerDisconnected(client.id, now: harness.now)
        harness.now = Instant(nanoseconds: 1799 * 1_000_000_000)
        #expect(
            harness.ask(KadMessage(kind: .findNode, key: client.id.multihash))?.closerPeers.first == client)
        harness.now = Instant(nanoseconds: 1801 * 1_000_000_000)
        #expect(
            harness.ask(KadMessage(kind: .findNode, key: client.id.multihash))?.closerPeers.first != client)
    }

    @Test func `a client answers nothing`() {
        let harness = MachineHarness(mode: .client)
        harness.admit([TestPeers.peer(1)])
        for kind in KadMessage.Kind.allCases {
            #expect(harness.ask(KadMessage(kind: kind, key: [1])) == nil)
            #expect(harness.events.isEmpty)
        }
    }

    @Test func `PING is echoed and an empty FIND_NODE is refused`() {
        let harness = MachineHarness()
        #expect(harness.ask(KadMessage(kind: .ping)) == KadMessage(kind: .ping))
        #expect(harness.ask(KadMessage(kind: .ping, key: [4])) == KadMessage(kind: .ping, key: [4]))
        #expect(harness.ask(KadMessage(kind: .findNode)) == nil)
    }

    @Test func `PUT_VALUE is persisted before it is acknowledged, and echoed`() {
        let harness = MachineHarness()
        let record = KadRecord(key: [1, 2], value: [3])
        #expect(harness.ask(KadMessage(kind: .putValue, key: [1, 2], record: record))?.record == record)
        var order: [String] = []
        for effect in harness.effects.list {
            switch effect {
            case .event(.persistRecord(let stored, let token)):
                #expect(stored.value == [3] && !stored.isOwn && token != nil)
                #expect(stored.received == MachineHarness.epoch)
                order.append("persist")
            case .respond: order.append("respond")
            default: break
            }
        }
        #expect(order == ["persist", "respond"])
        let read = harness.ask(KadMessage(kind: .getValue, key: [1, 2]))
        #expect(read?.record == KadRecord(key: [1, 2], value: [3], timeReceived: MachineHarness.epoch))
    }

    @Test func `PUT_VALUE with another key, no value, no record or an unknown namespace is refused`() {
        let harness = MachineHarness()
        let refused: [KadMessage] = [
            KadMessage(kind: .putValue, key: [1], record: KadRecord(key: [2], value: [1])),
            KadMessage(kind: .putValue, key: [1], record: KadRecord(key: [1], value: [])),
            KadMessage(kind: .putValue, key: [1]),
            KadMessage(kind: .putValue, key: [], record: KadRecord(key: [], value: [1])),
            put(Array("/nowhere/x".utf8), [1]), put(Array("/".utf8), [1]), put(Array("//x".utf8), [1]),
            put(Array("/versioned/x".utf8), [1]), put(Array("/versioned/x".utf8), [1, 0xff]),
            put([UInt8](repeating: 1, count: 257), [1]), put([1], [UInt8](repeating: 1, count: 10_241)),
        ]
        for message in refused {
            #expect(harness.ask(message) == nil, "\(message)")
            #expect(harness.events.isEmpty)
        }
        #expect(
            harness.ask(put([UInt8](repeating: 1, count: 256), [UInt8](repeating: 1, count: 10_240))) != nil)
    }

    @Test func `PUT_VALUE of a worse value is refused, of a better one accepted`() {
        let harness = MachineHarness()
        let key = Array("/versioned/x".utf8)
        #expect(harness.ask(put(key, [2, 1])) != nil)
        #expect(harness.ask(put(key, [1, 1])) == nil)
        #expect(harness.ask(put(key, [2, 1])) != nil)
        #expect(harness.ask(put(key, [3, 1])) != nil)
        #expect(harness.ask(KadMessage(kind: .getValue, key: key))?.record?.value == [3, 1])
    }

    @Test func `an own record stays own when a peer gives it back, and not when it gives another`() {
        let harness = MachineHarness()
        harness.admit([requester])
        harness.command { $0.putValue(key: [1], value: [1], now: $1, using: &$2, into: &$3) }
        #expect(harness.ask(put([1], [1]), from: requester.id) != nil)
        #expect(harness.machine.records.record(KadKeys.place(of: [1]))?.isOwn == true)
        #expect(harness.ask(put([1], [2]), from: requester.id) != nil)
        #expect(harness.machine.records.record(KadKeys.place(of: [1]))?.isOwn == false)
    }

    @Test func `plain keys are refused where the network does not take them`() {
        let harness = MachineHarness(validators: RecordValidators(acceptsPlainKeys: false))
        #expect(harness.ask(put([1, 2, 3], [1])) == nil)
    }

    @Test func `a public key record belongs under its peer`() {
        let harness = MachineHarness()
        var rng = SeededGenerator(seed: 5)
        let key = PublicKey(ed25519: .random(using: &rng))
        let name = Array("/pk/".utf8) + key.peerID.multihash
        #expect(harness.ask(put(name, key.protobuf)) != nil)
        #expect(harness.ask(put(Array("/pk/".utf8) + TestPeers.id(3).multihash, key.protobuf)) == nil)
        #expect(harness.ask(put(Array("/pk/".utf8), key.protobuf)) == nil)
        #expect(harness.ask(put(name, [1, 2, 3])) == nil)
        #expect(harness.ask(KadMessage(kind: .getValue, key: name))?.record?.value == key.protobuf)
    }

    @Test func `GET_VALUE names closer peers with and without a value`() {
        let harness = MachineHarness()
        harness.admit((1...3).map { TestPeers.peer($0) })
        #expect(harness.ask(KadMessage(kind: .getValue, key: [9]))?.closerPeers.count == 3)
        _ = harness.ask(put([9], [9]))
        let answer = harness.ask(KadMessage(kind: .getValue, key: [9]))
        #expect(answer?.record?.value == [9] && answer?.closerPeers.count == 3)
        #expect(harness.ask(KadMessage(kind: .getValue, key: [])) == nil)
    }

    @Test func `ADD_PROVIDER takes the sender with an address and nobody else`() {
        let harness = MachineHarness()
        let key = [UInt8](repeating: 7, count: 34)
        let other = TestPeers.peer(501)
        #expect(harness.ask(add(key, [other]), from: requester.id) == nil)
        #expect(harness.ask(add(key, [requester.withAddresses([])]), from: requester.id) == nil)
        #expect(harness.ask(add([], [requester]), from: requester.id) == nil)
        #expect(harness.ask(add([UInt8](repeating: 7, count: 81), [requester]), from: requester.id) == nil)
        #expect(harness.machine.providers.count == 0)
        let done = harness.ask(add(key, [other, requester]), from: requester.id)
        #expect(done?.kind == .addProvider && done?.kind.isAnswered == false)
        guard case .event(.persistProvider(let record, let token))? = harness.effects.list.first else {
            Issue.record("not persisted first: \(harness.effects.list)")
            return
        }
        #expect(record.provider == requester && token != nil)
        let answer = harness.ask(KadMessage(kind: .getProviders, key: key), from: other.id)
        #expect(answer?.providerPeers == [requester])
    }

    @Test func `GET_PROVIDERS takes keys of 1 to 80 bytes`() {
        let harness = MachineHarness()
        #expect(harness.ask(KadMessage(kind: .getProviders, key: [])) == nil)
        #expect(harness.ask(KadMessage(kind: .getProviders, key: [UInt8](repeating: 1, count: 80))) != nil)
        #expect(harness.ask(KadMessage(kind: .getProviders, key: [UInt8](repeating: 1, count: 81))) == nil)
    }

    @Test func `a provider keeps its name for 48 hours and its addresses for 24`() {
        let harness = MachineHarness()
        let get = KadMessage(kind: .getProviders, key: [5])
        _ = harness.ask(add([5], [requester]), from: requester.id)
        harness.advance(.seconds(24 * 3600 - 1))
        #expect(harness.ask(get, from: TestPeers.id(1))?.providerPeers == [requester])
        harness.advance(.seconds(1))
        #expect(harness.ask(get, from: TestPeers.id(1))?.providerPeers == [requester.withAddresses([])])
        harness.identify(requester.withAddresses([TestPeers.address(3)]), servesKad: false)
        #expect(
            harness.ask(get, from: TestPeers.id(1))?.providerPeers.first?.addresses == [TestPeers.address(3)])
        harness.advance(.seconds(24 * 3600))
        #expect(harness.ask(get, from: TestPeers.id(1))?.providerPeers.isEmpty == true)
        harness.advance(.seconds(600))
        #expect(harness.machine.providers.count == 0)
    }

    @Test func `a record of others is served for 48 hours, an own one as long as the node runs`() {
        let harness = MachineHarness()
        _ = harness.ask(put([1], [1]))
        let old = UnixTime(seconds: MachineHarness.epoch.seconds - 100 * 3600)
        harness.machine.restore(
            peers: [], records: [StoredRecord(key: [2], value: [2], received: old, isOwn: true)],
            providers: [])
        #expect(harness.ask(KadMessage(kind: .getValue, key: [2]))?.record?.value == [2])
        harness.advance(.seconds(48 * 3600 - 1))
        #expect(harness.ask(KadMessage(kind: .getValue, key: [1]))?.record?.value == [1])
        harness.now = Instant(nanoseconds: 48 * 3600 * 1_000_000_000)
        let late = harness.ask(KadMessage(kind: .getValue, key: [1]))
        #expect(late != nil && late?.record == nil)
    }

    @Test func `a value that is no longer valid is not served for longer than ten minutes`() {
        let harness = MachineHarness(validators: RecordValidators(["fading": FadingValidator()]))
        let key = Array("/fading/x".utf8)
        #expect(harness.ask(put(key, [1])) != nil)
        harness.now = Instant(nanoseconds: 599 * 1_000_000_000)
        #expect(harness.ask(KadMessage(kind: .getValue, key: key))?.record?.value == [1])
        harness.now = Instant(nanoseconds: 601 * 1_000_000_000)
        #expect(harness.ask(KadMessage(kind: .getValue, key: key))?.record == nil)
        let removed = harness.events.contains { event in
            guard case .removeRecord(let gone) = event else { return false }
            return gone == key
        }
        #expect(removed)
    }

    /// Values of tests that are valid for one minute from the start.
    private struct FadingValidator: RecordValidator {
        func validate(key: [UInt8], value: [UInt8], at time: UnixTime) throws(RecordError) {
            let end = MachineHarness.epoch.adding(seconds: 60)
            guard time < end else { throw .expired(end) }
        }

        func select(key: [UInt8], values: [[UInt8]]) -> Int { 0 }
    }

    @Test func `a popular key gives every provider its share of the answers`() {
        let harness = MachineHarness { $0.maximumProvidersPerAnswer = 5 }
        let providers = (1...30).map { TestPeers.peer($0) }
        for provider in providers { _ = harness.ask(add([5], [provider]), from: provider.id) }
        var seen: Set<PeerID> = []
        for _ in 0..<60 {
            let answer = harness.ask(KadMessage(kind: .getProviders, key: [5]))
            #expect(answer?.providerPeers.count == 5)
            for peer in answer?.providerPeers ?? [] { seen.insert(peer.id) }
        }
        #expect(seen.count == 30)
    }

    @Test func `on a public network private addresses are neither handed out nor kept`() {
        let harness = MachineHarness { $0.addressScope = .publicOnly }
        let publicPeer = KadPeer(
            id: TestPeers.id(1),
            addresses: [
                TestPeers.address(text: "/ip4/10.0.0.1/tcp/1"), TestPeers.address(text: "/ip4/8.8.8.8/tcp/1"),
            ])
        harness.admit([publicPeer, TestPeers.peer(2)])
        let answer = harness.ask(KadMessage(kind: .findNode, key: [1]))
        #expect(answer?.closerPeers.map(\.id) == [publicPeer.id])
        #expect(answer?.closerPeers[0].addresses.map(\.description) == ["/ip4/8.8.8.8/tcp/1"])
        _ = harness.ask(add([5], [requester]), from: requester.id)
        let providers = harness.ask(KadMessage(kind: .getProviders, key: [5]))?.providerPeers
        #expect(providers == [requester.withAddresses([])])
    }

    @Test func `addresses of one peer are limited`() {
        let harness = MachineHarness { $0.maximumAddressesPerPeer = 3 }
        harness.admit([KadPeer(id: TestPeers.id(1), addresses: (1...9).map { TestPeers.address($0) })])
        let answer = harness.ask(KadMessage(kind: .findNode, key: [1]))
        #expect(answer?.closerPeers.first?.addresses == (1...3).map { TestPeers.address($0) })
    }

    @Test func `a full answer fits in sixteen kibibytes`() throws {
        let harness = MachineHarness()
        var rng = SeededGenerator(seed: 4)
        let long = (1...10).map {
            TestPeers.address(text: "/dns4/" + String(repeating: "x", count: 90 + $0) + "/tcp/4001")
        }
        harness.admit((0..<40).map { _ in KadPeer(id: TestPeers.id(using: &rng), addresses: long) })
        for number in 0..<40 {
            let provider = KadPeer(id: TestPeers.id(UInt64(number) + 700), addresses: long)
            _ = harness.ask(add([5], [provider]), from: provider.id)
        }
        let answer = try #require(harness.ask(KadMessage(kind: .getProviders, key: [5])))
        #expect(answer.encoded().count <= 16 * 1024)
        #expect(try KadMessage.decode(answer.encoded().span.bytes).providerPeers.count == 32)
    }

    private func put(_ key: [UInt8], _ value: [UInt8]) -> KadMessage {
        KadMessage(kind: .putValue, key: key, record: KadRecord(key: key, value: value))
    }

    private func add(_ key: [UInt8], _ providers: [KadPeer]) -> KadMessage {
        KadMessage(kind: .addProvider, key: key, providerPeers: providers)
    }
}
