import MeshCore
import MeshMultiformats
import Testing

@testable import MeshDHT

/// What one peer, or one address group, may take of a server.
@Suite struct BudgetTests {
    private func taken(
        _ count: Int, by peer: UInt64, from budgets: inout RequestBudgets, _ now: Instant
    ) -> Int {
        var taken = 0
        for _ in 0..<count where budgets.take(key(peer), now: now) { taken += 1 }
        return taken
    }

    private func key(_ number: UInt64) -> Bytes32 { TestPeers.id(number).kadKey }

    @Test func `a peer gets its burst at once and then its rate`() {
        var budgets = RequestBudgets(perSecond: 10, burst: 30, maximumCount: 64)
        var now = Instant.zero + .seconds(5)
        #expect(taken(100, by: 1, from: &budgets, now) == 30)
        #expect(taken(1, by: 2, from: &budgets, now) == 1)
        now = now + .seconds(2)
        #expect(taken(100, by: 1, from: &budgets, now) == 20)
        now = now + .seconds(60)
        #expect(taken(100, by: 1, from: &budgets, now) == 30)
    }

    @Test func `memory is taken for those that ask now, up to the limit, and given back`() {
        var budgets = RequestBudgets(perSecond: 10, burst: 30, maximumCount: 64)
        #expect(budgets.capacity == 0)
        var now = Instant.zero + .seconds(5)
        for number in 0..<1000 {
            now = now + .seconds(1)
            _ = budgets.take(key(UInt64(number)), now: now)
        }
        #expect(budgets.capacity == 4)
        for number in 0..<1000 { _ = budgets.take(key(UInt64(number)), now: now) }
        #expect(budgets.capacity == 64)
        budgets.removeFull(now: now)
        #expect(budgets.capacity == 64)
        budgets.removeFull(now: now + .seconds(9))
        #expect(budgets.capacity == 0)
        var unlimited = RequestBudgets(perSecond: 0, burst: 1, maximumCount: 64)
        #expect(taken(1000, by: 1, from: &unlimited, now) == 1000)
        #expect(unlimited.capacity == 0)
    }

    @Test func `requests beyond the budget are refused and counted`() {
        let harness = MachineHarness {
            $0.requestsPerSecondPerPeer = 5
            $0.requestBurstPerPeer = 10
        }
        let ping = KadMessage(kind: .ping)
        #expect((0..<50).count { _ in harness.ask(ping) != nil } == 10)
        #expect(harness.machine.refusals.overBudget == 40)
        #expect(harness.ask(ping, from: TestPeers.id(501)) != nil)
    }

    @Test func `one peer cannot fill the store, nor can one address group`() {
        let harness = MachineHarness {
            $0.maximumRecords = 40
            $0.countsPrivateAddresses = true
            $0.diversity = .unlimited
        }
        func store(_ number: Int, from peer: PeerID) -> Bool {
            let key = Array("record \(number)".utf8)
            let message = KadMessage(kind: .putValue, key: key, record: KadRecord(key: key, value: [1]))
            return harness.ask(message, from: peer) != nil
        }
        #expect((0..<30).count { store($0, from: TestPeers.id(500)) } == 10)
        #expect(harness.machine.refusals.overShare == 20)
        // The same records again are no new ones.
        #expect((0..<10).allSatisfy { store($0, from: TestPeers.id(500)) })
        // Three peers of one /16 share half of the store.
        let group = (1...3).map { KadPeer(id: TestPeers.id(UInt64($0)), addresses: [TestPeers.address($0)]) }
        harness.admit(group)
        let counts = group.enumerated().map { index, peer in
            (0..<30).count { store(100 * (index + 1) + $0, from: peer.id) }
        }
        #expect(counts == [10, 10, 0])
        #expect(harness.machine.records.count == 30)
    }

    @Test func `shares are given back with the records`() {
        var shares = StoreShares(
            ofPeer: StoreShares.Limits(percent: 25, count: 8, byteCount: 800),
            ofGroup: StoreShares.Limits(percent: 50, count: 8, byteCount: 800))
        let source = StoreShares.Source(peer: 7, group: 3)
        shares.add(source, byteCount: 150)
        #expect(!shares.allows(source, byteCount: 100) && shares.allows(source, byteCount: 50))
        shares.add(source, byteCount: 50)
        #expect(!shares.allows(source, byteCount: 0))
        #expect(shares.allows(StoreShares.Source(peer: 8, group: 3), byteCount: 100))
        #expect(shares.allows(.nobody, byteCount: 1_000_000))
        shares.remove(source, byteCount: 150)
        #expect(shares.allows(source, byteCount: 100))
    }
}
