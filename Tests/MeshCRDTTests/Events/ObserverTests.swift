import Testing

@testable import MeshCRDT

/// When observers are called, and what events say.
struct ObserverTests {
    @Test func `whoever is cancelled is not told of later changes`() throws {
        let document = Document(clientID: 1)
        let array = document.array("a")
        var told: [Int] = []
        var second: Subscription?
        let first = array.observe { _ in
            told.append(1)
            second?.cancel()
        }
        second = array.observe { _ in told.append(2) }
        try array.append([1])
        try array.append([2])
        #expect(told == [1, 2, 1])
        first.cancel()
        first.cancel()
        try array.append([3])
        #expect(told == [1, 2, 1])
        #expect(document.observers.isEmpty)
    }

    @Test func `what observers write is a transaction of its own, after all observers`() throws {
        let document = Document(clientID: 1)
        let array = document.array("a")
        try array.append([1, 2, 3])
        var log: [String] = []
        var updates: [[UInt8]] = []
        let subscriptions = [
            array.observe { event in
                log.append("first \(event.delta.count)")
                guard array.count == 2 else { return }
                _ = try? array.append([4])
            },
            array.observe { _ in log.append("second") },
            document.onUpdate { updates.append($0.update) },
        ]
        try array.delete(at: 0)
        // Before the second round the new element was joined with those before it; Yjs 13.6.31, too, tells no step then.
        #expect(log == ["first 1", "second", "first 0", "second"])
        // The update of the deletion has what its observer wrote, too, as in Yjs.
        let replica = Document(clientID: 2)
        try replica.apply(document.encodeStateAsUpdate())
        #expect(updates.count == 2)
        let decoded = try Updates.decode(updates[0])
        #expect(decoded.structs.count == 1)
        subscriptions.forEach { $0.cancel() }
    }

    @Test func `an event tells where and what, during the call only`() throws {
        let document = Document(clientID: 1)
        let map = document.map("m")
        try map.set("list", .type(.array([0, .type(.map([("k", 1)]))])))
        var paths: [[PathStep]] = []
        var keys: [(key: String, change: KeyChange)] = []
        var kept: TypeEvent?
        let subscription = map.observeDeep { events in
            paths += events.map(\.path)
            keys += events.flatMap(\.keys)
            kept = kept ?? events.first
        }
        guard case .type(.array(let list))? = map.get("list"), case .type(.map(let inner))? = list.get(1)
        else {
            Issue.record("not there")
            return
        }
        try document.transact { _ in
            try list.prepend([.any("new")])
            try inner.set("k", 2)
            try inner.set("l", 3)
            try inner.set("n", 4)
            try inner.delete("n")
            try map.set("top", true)
        }
        #expect(paths == [[], [.key("list")], [.key("list"), .index(2)]])
        #expect(keys.map(\.key) == ["top", "k", "l"])
        #expect(keys.map(\.change) == [.add, .update(old: .any(1)), .add])
        #expect(kept?.delta == [])
        #expect(kept?.keysChanged == ["top"])
        subscription.cancel()
    }

    @Test func `a type that went with the change is not told of`() throws {
        let document = Document(clientID: 1)
        let array = document.array("a")
        try array.append([.type(.map())])
        guard case .type(.map(let inner))? = array.get(0) else {
            Issue.record("no map")
            return
        }
        var told = 0
        let subscriptions = [inner.observe { _ in told += 1 }, inner.observeDeep { _ in told += 1 }]
        try document.transact { _ in
            try inner.set("k", 1)
            try array.delete(at: 0)
        }
        #expect(told == 0)
        subscriptions.forEach { $0.cancel() }
    }

    @Test func `events of many writers take no more time each`() throws {
        let document = Document(clientID: 1)
        var updates: [[UInt8]] = []
        for client in 0..<2000 as Range<ClientID> {
            let writer = Document(clientID: 1000 + client)
            try writer.array("a").append([.any(.number(Double(client)))])
            updates.append(writer.encodeStateAsUpdate())
        }
        var count = 0
        let subscription = document.array("a").observe { count += $0.added.count }
        try document.apply(Updates.merge(updates))
        #expect(count == 2000)
        subscription.cancel()
    }
}
