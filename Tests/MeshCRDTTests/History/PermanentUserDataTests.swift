import MeshCore
import Testing

@testable import MeshCRDT

@Suite("Users of a document")
struct PermanentUserDataTests {
    @Test func `who wrote and deleted what is read from the updates of Yjs`() throws {
        let vector = try HistoryVectors.shared.get().users
        let watching = Document(clientID: 50)
        let watched = PermanentUserData(watching)
        let late = Document(clientID: 51)
        for update in vector.updates {
            try watching.apply(Array(update.v1))
            try late.apply(Array(update.v1))
        }
        for data in [watched, PermanentUserData(late)] {
            #expect([1, 2, 3].map { data.user(of: $0) } == vector.clients)
            let answers = (0..<8).map { data.user(deleting: ID(client: 1, clock: vector.textClock + $0)) }
            #expect(answers == vector.deleted)
        }
    }

    @Test func `users and deletions are written with the bytes of Yjs`() throws {
        let vector = try HistoryVectors.shared.get().users
        let alice = Document(clientID: 1)
        let bob = Document(clientID: 2)
        let data = [PermanentUserData(alice), PermanentUserData(bob)]
        var sent: [[UInt8]] = []
        let remote = AnyHashable("remote")
        let subscriptions = [(alice, bob), (bob, alice)].map { source, target in
            source.onUpdate { event in
                guard event.origin != remote else { return }
                sent.append(event.update)
                #expect(throws: Never.self) { try target.apply(event.update, origin: remote) }
            }
        }
        try data[0].setUserMapping(client: 1, user: "alice")
        try data[1].setUserMapping(client: 2, user: "bob")
        try alice.text("text").insert("abcdefgh", at: 0)
        try bob.text("text").delete(at: 1, length: 2)
        try alice.text("text").delete(at: 0, length: 1)
        #expect(sent == vector.updates.prefix(9).map { Array($0.v1) })
        #expect(data[0].user(deleting: ID(client: 1, clock: vector.textClock + 1)) == "bob")
        subscriptions.forEach { $0.cancel() }
    }

    @Test func `a user map that is replaced by another client's gets what is known`() throws {
        let documents = [Document(clientID: 1), Document(clientID: 2)]
        let data = documents.map { PermanentUserData($0) }
        try data[0].setUserMapping(client: 1, user: "carol")
        try data[1].setUserMapping(client: 2, user: "carol")
        for _ in 0..<3 {
            try documents[1].apply(documents[0].encodeStateAsUpdate(since: documents[1].stateVector))
            try documents[0].apply(documents[1].encodeStateAsUpdate(since: documents[0].stateVector))
        }
        for (document, data) in zip(documents, data) {
            #expect(data.user(of: 1) == "carol")
            #expect(data.user(of: 2) == "carol")
            let fresh = Document(clientID: 3)
            try fresh.apply(document.encodeStateAsUpdate())
            let reader = PermanentUserData(fresh)
            #expect(reader.user(of: 1) == "carol")
            #expect(reader.user(of: 2) == "carol")
        }
    }

    @Test func `a filtered deletion and damaged entries tell nothing`() throws {
        let document = Document(clientID: 1)
        let data = PermanentUserData(document)
        try data.setUserMapping(client: 1, user: "dave") { transaction, _ in
            transaction.origin != AnyHashable("quiet")
        }
        let text = document.text("t")
        try text.insert("abc", at: 0)
        let first = try #require(try text.relativePosition(at: 0).item)
        try document.transact(origin: "quiet") { _ in try text.delete(at: 0, length: 1) }
        #expect(data.user(deleting: first) == nil)
        guard case .type(.map(let map))? = data.users.get("dave"),
            case .type(.array(let list))? = map.get("ds")
        else {
            Issue.record("the user's map is there")
            return
        }
        try list.append([.binary([1, 2, 3]), "text", nil])
        try text.delete(at: 0, length: 1)
        #expect(data.user(deleting: ID(client: 1, clock: first.clock + 1)) == "dave")
    }
}
