import MeshCore
import MeshMultiformats
import Testing

@testable import MeshDHT

/// The stores at their limits.
@Suite struct RecordStoreTests {
    private let local = TestPeers.id(0).kadKey

    @Test func `a full store gives up its farthest record for a closer one only`() {
        var store = RecordStore(localKey: local, maximumCount: 3, maximumByteCount: 1000)
        let keys = keysByDistance(5)
        for key in keys[1...3] { #expect(insert(key, into: &store) == .stored(evicted: [])) }
        #expect(insert(keys[4], into: &store) == .full)
        #expect(insert(keys[0], into: &store) == .stored(evicted: [record(keys[3])]))
        #expect(store.records.map(\.key) == Array(keys[0...2]))
        #expect(insert(keys[2], into: &store) == .stored(evicted: []))
        #expect(store.count == 3)
    }

    @Test func `bytes are limited as well as records`() {
        var store = RecordStore(localKey: local, maximumCount: 100, maximumByteCount: 30)
        let keys = keysByDistance(4)
        for key in keys[1...3] { #expect(insert(key, byteCount: 8, into: &store) == .stored(evicted: [])) }
        #expect(store.byteCount == 27)
        #expect(insert(keys[0], byteCount: 20, into: &store).evictedCount == 2)
        #expect(store.byteCount == 30)
        #expect(insert(keys[0], byteCount: 2, into: &store).evictedCount == 0)
        #expect(store.byteCount == 12)
        #expect(insert(keys[0], byteCount: 40, into: &store) == .full)
        #expect(store.byteCount == 12 && store.count == 2)
    }

    @Test func `records of our own have a limit of their own and are never evicted`() {
        var store = RecordStore(
            localKey: local, maximumCount: 1, maximumByteCount: 1000, maximumOwnCount: 2)
        let keys = keysByDistance(4)
        #expect(insert(keys[3], isOwn: true, into: &store) == .stored(evicted: []))
        #expect(insert(keys[0], into: &store) == .stored(evicted: []))
        #expect(insert(keys[2], isOwn: true, into: &store).evictedCount == 0)
        #expect(insert(keys[1], into: &store) == .full)
        #expect(insert(keys[1], isOwn: true, into: &store) == .full)
        #expect(store.count == 3 && store.ownCount == 2)
        // A better value of somebody else takes the place of an own one, and back.
        #expect(insert(keys[3], into: &store) == .full)
        #expect(store.remove(KadKeys.place(of: keys[0])) != nil)
        #expect(insert(keys[3], into: &store) == .stored(evicted: []))
        #expect(store.ownCount == 1 && store.byteCount == 2)
        #expect(insert(keys[3], isOwn: true, into: &store) == .stored(evicted: []))
        #expect(store.ownCount == 2 && store.byteCount == 0)
    }

    @Test(arguments: 0..<20) func `any history keeps the limits and the order`(seed: Int) {
        var rng = SeededGenerator(seed: UInt64(seed))
        var store = RecordStore(localKey: local, maximumCount: 12, maximumByteCount: 300)
        var expected: [[UInt8]: Int] = [:]
        for step in 0..<400 {
            let key = [UInt8(rng.next(upperBound: UInt32(40)))]
            if rng.next(upperBound: UInt32(4)) == 0 {
                #expect((store.remove(KadKeys.place(of: key)) != nil) == (expected[key] != nil))
                expected[key] = nil
            } else {
                let byteCount = Int(rng.next(upperBound: UInt32(60))) + 1
                if case .stored(let evicted) = insert(key, byteCount: byteCount, into: &store) {
                    for record in evicted { expected[record.key] = nil }
                    expected[key] = byteCount
                }
            }
            #expect(store.count == expected.count && store.count <= 12, "seed \(seed), step \(step)")
            let byteCount = expected.values.reduce(0) { $0 + $1 + 1 }
            #expect(store.byteCount == byteCount && byteCount <= 300, "seed \(seed), step \(step)")
            let distances = store.records.map { KadKeys.place(of: $0.key) ^ local }
            #expect(distances == distances.sorted() && distances.count == store.count)
        }
    }

    @Test func `a full key keeps its providers and a full store its closest keys`() {
        var store = ProviderStore(localKey: local, maximumPerKey: 2, maximumCount: 3)
        let keys = keysByDistance(4)
        func add(_ key: [UInt8], _ peer: UInt64, isOwn: Bool = false) -> ProviderInsertion {
            let record = ProviderRecord(
                key: key, provider: TestPeers.peer(peer), received: UnixTime(seconds: 5), isOwn: isOwn)
            return store.insert(record, at: KadKeys.place(of: key))
        }
        #expect(add(keys[1], 1) == .stored(evicted: []))
        #expect(add(keys[1], 2) == .stored(evicted: []))
        #expect(add(keys[1], 3) == .keyFull)
        #expect(add(keys[1], 2) == .stored(evicted: []))
        #expect(add(keys[1], 9, isOwn: true) == .stored(evicted: []))
        #expect(add(keys[2], 4) == .stored(evicted: []))
        #expect(add(keys[3], 5) == .storeFull)
        guard case .stored(let evicted) = add(keys[0], 6) else {
            Issue.record("the closest key was refused")
            return
        }
        #expect(evicted.map(\.key) == [keys[2]])
        #expect(store.count == 4 && store.keyCount == 2)
        #expect(store.providers(KadKeys.place(of: keys[1])).count == 3)
    }

    @Test func `old providers are removed and the own stay`() {
        var store = ProviderStore(localKey: local, maximumPerKey: 9, maximumCount: 9)
        for (peer, seconds, isOwn) in [(UInt64(1), UInt64(10), false), (2, 20, false), (3, 10, true)] {
            let record = ProviderRecord(
                key: [1], provider: TestPeers.peer(peer), received: UnixTime(seconds: seconds), isOwn: isOwn)
            _ = store.insert(record, at: KadKeys.place(of: [1]))
        }
        let removed = store.removeReceived(before: UnixTime(seconds: 15))
        #expect(removed.map(\.provider.id) == [TestPeers.id(1)])
        #expect(store.count == 2)
        #expect(store.remove(KadKeys.place(of: [1]), provider: TestPeers.id(2)) != nil)
        #expect(store.remove(KadKeys.place(of: [1]), provider: TestPeers.id(3)) != nil)
        #expect(store.keyCount == 0 && store.count == 0 && store.records.isEmpty)
    }

    private func keysByDistance(_ count: UInt8) -> [[UInt8]] {
        (0..<count).map { [$0] }.sorted { (KadKeys.place(of: $0) ^ local) < (KadKeys.place(of: $1) ^ local) }
    }

    private func record(_ key: [UInt8], byteCount: Int = 1, isOwn: Bool = false) -> StoredRecord {
        StoredRecord(
            key: key, value: [UInt8](repeating: 1, count: byteCount), received: UnixTime(seconds: 1),
            isOwn: isOwn)
    }

    private func insert(
        _ key: [UInt8], byteCount: Int = 1, isOwn: Bool = false, into store: inout RecordStore
    ) -> RecordInsertion {
        store.insert(
            record(key, byteCount: byteCount, isOwn: isOwn), at: KadKeys.place(of: key), validated: nil)
    }
}

extension RecordInsertion {
    fileprivate var evictedCount: Int {
        guard case .stored(let evicted) = self else { return -1 }
        return evicted.count
    }
}
