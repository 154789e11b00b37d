import MeshCore
import Testing

@testable import MeshCRDT

@Suite("Pruning")
struct PruningTests {
    // MARK: Random replicas

    /// Replicas that edit maps, nested maps, attributes, a list and a text.
    private struct Replicas {
        var documents: [Document]
        var rng: SeededGenerator

        init(_ count: Int, seed: UInt64) {
            documents = (0..<count).map { Document(clientID: ClientID([40, 7, 900, 13, 77][$0])) }
            rng = SeededGenerator(seed: seed)
        }

        mutating func edit(_ document: Document) throws {
            let map = document.map("map")
            let key = ["a", "b", "c"].randomElement(using: &rng) ?? ""
            switch Int.random(in: 0..<10, using: &rng) {
            case 0...3: try map.set(key, .any(.number(Double(Int.random(in: 0..<99, using: &rng)))))
            case 4: try map.delete(key)
            case 5: try map.set("nested", .type(.map([("x", 1)])))
            case 6:
                if case .type(.map(let nested))? = map.get("nested") {
                    try nested.set(key, .any(.number(Double(Int.random(in: 0..<99, using: &rng)))))
                }
            case 7:
                let text = document.text("text")
                try text.insert("xyz", at: Int.random(in: 0...text.length, using: &rng))
            case 8:
                let text = document.text("text")
                if text.length > 2 {
                    try text.delete(at: Int.random(in: 0..<text.length - 1, using: &rng), length: 2)
                }
            default:
                let fragment = document.xmlFragment("xml")
                if fragment.count == 0 {
                    try fragment.insert([.xmlElement(name: "p")], at: 0)
                } else if case .type(.xmlElement(let element))? = fragment.get(0) {
                    try element.setAttribute(key, .any(.string("v")))
                }
            }
        }

        mutating func work(_ steps: Int) throws {
            for _ in 0..<steps {
                let document = documents[Int.random(in: 0..<documents.count, using: &rng)]
                try edit(document)
                let other = documents[Int.random(in: 0..<documents.count, using: &rng)]
                if other !== document { try sync(document, to: other) }
            }
        }

        func sync(_ source: Document, to target: Document) throws {
            try target.apply(source.encodeStateAsUpdate(since: target.stateVector))
        }

        func syncAll() throws {
            for _ in 0..<2 {
                for source in documents {
                    for target in documents where target !== source { try sync(source, to: target) }
                }
            }
        }

        func expectEqual(_ seed: UInt64) {
            for document in documents.dropFirst() {
                #expect(document.toJSON() == documents[0].toJSON(), "seed \(seed)")
                #expect(document.stateVector == documents[0].stateVector, "seed \(seed)")
                #expect(document.deleteSet == documents[0].deleteSet, "seed \(seed)")
            }
        }
    }

    @Test(arguments: [UInt64](1...80))
    func `replicas that acknowledged go on as if nothing was pruned, and so do new ones`(seed: UInt64) throws
    {
        var replicas = Replicas(3, seed: seed)
        try replicas.work(80)
        // What each remembers of itself when it is asked; meanwhile they go on.
        let acknowledged = replicas.documents.map(\.stateVector)
        try replicas.work(20)
        // The one who prunes must have what the others had.
        for source in replicas.documents.dropFirst() { try replicas.sync(source, to: replicas.documents[0]) }
        let before = replicas.documents[0].toJSON()
        let state = replicas.documents[0].stateVector
        let floor = try replicas.documents[0].prune(acknowledgedBy: Array(acknowledged.dropFirst()))
        try replicas.documents[0].checkInvariants()
        #expect(replicas.documents[0].toJSON() == before)
        #expect(replicas.documents[0].stateVector == state)
        let newcomer = Document(clientID: 5)
        #expect(floor.verdict(epoch: 0, stateVector: newcomer.stateVector) == .difference)
        try replicas.sync(replicas.documents[0], to: newcomer)
        _ = newcomer.map("map")
        replicas.documents.append(newcomer)
        for _ in 0..<40 {
            let document = replicas.documents[Int.random(in: 0..<4, using: &replicas.rng)]
            try replicas.edit(document)
            let other = replicas.documents[Int.random(in: 0..<4, using: &replicas.rng)]
            guard other !== document else { continue }
            let update = document.encodeStateAsUpdate(since: other.stateVector)
            #expect(floor.verdict(epoch: 0, stateVector: other.stateVector) == .difference, "seed \(seed)")
            #expect(try other.staleChange(in: update, floor: floor) == nil, "seed \(seed)")
            try other.apply(update)
        }
        try replicas.syncAll()
        for document in replicas.documents {
            _ = document.map("map")
            _ = document.text("text")
            _ = document.xmlFragment("xml")
        }
        let contents = replicas.documents.map { document in
            [
                document.map("map").toJSON(), document.text("text").toJSON(),
                document.xmlFragment("xml").toJSON(),
            ]
        }
        for (document, content) in zip(replicas.documents, contents) {
            try document.checkInvariants()
            #expect(document.stateVector == replicas.documents[0].stateVector, "seed \(seed)")
            for (left, right) in zip(content, contents[0]) {
                #expect(left.isDeeplyEqual(to: right), "seed \(seed)")
            }
        }
    }

    // MARK: Effect

    @Test func `overwritten values of a map shrink to bare clocks`() throws {
        let document = Document(clientID: 1)
        let map = document.map("m")
        for round in 0..<1_000 {
            for key in ["a", "b", "c"] { try map.set(key, .any(.number(Double(round)))) }
        }
        let before = document.encodeStateAsUpdate().count
        let count = document.store.items.count
        let floor = try document.prune(acknowledgedBy: [])
        #expect(document.store.items.count == 4)
        try document.checkInvariants()
        #expect(count == 3_000)
        #expect(document.encodeStateAsUpdate().count < 60)
        #expect(before > 14_000)
        #expect(floor.pruned.ranges(of: 1) == [ClockRange(clock: 0, length: 2_997)])
        #expect(try SyncFloor(decoding: floor.encoded()) == floor)
        try map.set("a", "new")
        let fresh = Document(clientID: 2)
        try fresh.apply(document.encodeStateAsUpdate())
        #expect(fresh.map("m").toJSON().isDeeplyEqual(to: map.toJSON()))
    }

    @Test func `content of deleted text is dropped from a document that kept it`() throws {
        var options = DocumentOptions()
        options.collectsGarbage = false
        let document = Document(clientID: 1, options: options)
        try document.text("t").insert(String(repeating: "x", count: 1_000), at: 0)
        try document.text("t").delete(at: 10, length: 980)
        let nested = try document.map("m").set("n", .type(.text(String(repeating: "y", count: 1_000))))
        #expect(nested.type != nil)
        try document.map("m").delete("n")
        let known = document.stateVector
        _ = try document.prune(acknowledgedBy: [known])
        #expect(document.text("t").length == 20)
        #expect(document.store.content.usedByteCount == 20)
        #expect(document.encodeStateAsUpdate().count < 120)
    }

    // MARK: Refusals

    @Test func `who is below the floor is told to start over`() throws {
        let document = Document(clientID: 40)
        let stale = Document(clientID: 7)
        try document.map("m").set("a", 1)
        try stale.apply(document.encodeStateAsUpdate())
        let early = Document(clientID: 13)
        try document.map("m").set("a", 2)
        try document.map("m").set("a", 3)
        let floor = try document.prune(acknowledgedBy: [])
        #expect(floor.verdict(epoch: 0, stateVector: stale.stateVector) == .reset)
        #expect(floor.verdict(epoch: 1, stateVector: document.stateVector) == .reset)
        #expect(floor.verdict(epoch: 0, stateVector: document.stateVector) == .difference)
        try stale.map("m").set("a", "stale")
        let late = stale.encodeStateAsUpdate()
        #expect(try document.staleChange(in: late, floor: floor) == ID(client: 7, clock: 0))
        // It never saw the key at all and names nobody.
        try early.map("m").set("a", "early")
        let first = early.encodeStateAsUpdate(.v2)
        #expect(try document.staleChange(in: first, format: .v2, floor: floor) == ID(client: 13, clock: 0))
        try early.map("m").set("other", "fine")
        let other = Document(clientID: 14)
        try other.map("m").set("other", 1)
        #expect(try document.staleChange(in: other.encodeStateAsUpdate(), floor: floor) == nil)
    }

    @Test func `pruning waits for what peers know and for missing updates`() throws {
        let document = Document(clientID: 1)
        let peer = Document(clientID: 2)
        try peer.map("m").set("a", 1)
        let first = peer.encodeStateAsUpdate()
        #expect(throws: PruneError.peerIsAhead(client: 2, known: 0, peer: 1)) {
            try document.prune(acknowledgedBy: [peer.stateVector])
        }
        try peer.map("m").set("a", 2)
        let second = try Updates.diff(peer.encodeStateAsUpdate(), since: StateVector([(2, 1)]))
        try document.apply(second)
        #expect(throws: PruneError.updatesArePending(byteCount: document.pendingByteCount)) {
            try document.prune(acknowledgedBy: [])
        }
        try document.apply(first)
        _ = try document.prune(acknowledgedBy: [])
        document.transact { _ in
            #expect(throws: PruneError.transactionIsRunning) { try document.prune(acknowledgedBy: []) }
        }
    }

    @Test func `keys above the floor and values that an undo needs stay`() throws {
        let document = Document(clientID: 1)
        let map = document.map("m")
        try map.set("a", 1)
        try map.set("a", 2)
        let known = document.stateVector
        try map.set("a", 3)
        #expect(try document.prune(acknowledgedBy: [known]) == SyncFloor())
        let manager = UndoManager(document, types: [map]) { .zero }
        try map.set("a", 4)
        #expect(try document.prune(acknowledgedBy: []) == SyncFloor())
        manager.undo()
        #expect(map.get("a") == .any(3))
    }

    // MARK: A new epoch

    @Test(arguments: [UInt64](1...20))
    func `a compacted document has the same content and no history`(seed: UInt64) throws {
        var replicas = Replicas(3, seed: seed)
        try replicas.work(80)
        try replicas.syncAll()
        let old = replicas.documents[0]
        let new = try old.compacted(as: 1)
        #expect(new.toJSON().isDeeplyEqual(to: old.toJSON()), "seed \(seed)")
        #expect(new.deleteSet.isEmpty)
        try new.checkInvariants()
        #expect(new.stateVector.entries.map(\.client) == [1])
        #expect(new.encodeStateAsUpdate().count < old.encodeStateAsUpdate().count)
        #expect(throws: PruneError.clientIsKnown(40)) { try old.compacted(as: 40) }
        let loaded = Document(clientID: 2)
        try loaded.apply(new.encodeStateAsUpdate(.v2), format: .v2)
        #expect(loaded.text("text").string == old.text("text").string)
        try new.text("text").insert("more", at: 0)
        try loaded.apply(new.encodeStateAsUpdate(since: loaded.stateVector))
        #expect(loaded.text("text").string == new.text("text").string)
    }
}
