import MeshCore
import MeshMultiformats
import Testing

@testable import MeshDirectory

struct RegistryListingTests {
    private let keys = (1...8).map { Fixtures.key(UInt64($0)) }

    @Test func `an entry says what the mesh said`() throws {
        var registry = Registry()
        _ = try registry.send(keys[0], name: "Harbour", capabilities: ["a", "b"], members: 12, bots: 3)
        _ = registry.wait(5)
        let entry = try #require(registry.table.listing(RegistryQuery(), now: registry.now).entries.first)
        let expected = RegistryEntry(
            did: keys[0].did, name: Fixtures.name("Harbour"), status: .online, memberCount: 12, botCount: 3,
            lastSeen: Fixtures.time, peer: keys[0].peerID, addresses: [Fixtures.address()],
            capabilities: [Fixtures.capability("a"), Fixtures.capability("b")], version: "meshp2p/0.1.0")
        #expect(entry == expected)
    }

    @Test func `a mesh that is not public is in no page, no count and no filter`() throws {
        var registry = Registry()
        _ = try registry.send(keys[0], name: "Open")
        _ = try registry.send(keys[1], name: "Hidden", isPublic: false)
        for query in [
            RegistryQuery(), RegistryQuery(status: .online), RegistryQuery(name: Fixtures.name("hidden")),
            RegistryQuery(capability: Fixtures.capability("text")),
        ] {
            let page = registry.table.listing(query, now: registry.now)
            #expect(!page.entries.contains { $0.name.text == "Hidden" })
            #expect(page.totalCount == page.entries.count)
        }
        #expect(registry.table.count == 2)
        #expect(registry.table.entry(keys[1].peerID, now: registry.now) != nil)
    }

    @Test func `entries are ordered by normalised name and then by DID`() throws {
        var registry = Registry()
        let names = ["beta", "Alpha", "alpha", "ALPHA", "École", "zebra", "b", "Beta"]
        for (key, name) in zip(keys, names) { _ = try registry.send(key, name: name) }
        let entries = registry.table.listing(RegistryQuery(), now: registry.now).entries
        let normalized = entries.map { String(decoding: $0.name.normalizedUTF8, as: UTF8.self) }
        #expect(normalized == ["alpha", "alpha", "alpha", "b", "beta", "beta", "zebra", "École"])
        #expect(entries.prefix(3).map(\.did) == keys[1...3].map(\.did).sorted())
    }

    @Test func `filters are combined`() throws {
        var registry = Registry()
        _ = try registry.send(keys[0], name: "One", capabilities: ["text"])
        _ = try registry.send(keys[1], name: "ONE", capabilities: ["text", "voice"], status: .degraded)
        _ = try registry.send(keys[2], name: "Two", capabilities: ["voice"])
        #expect(registry.names(RegistryQuery(name: Fixtures.name("one"))).count == 2)
        #expect(registry.names(RegistryQuery(capability: Fixtures.capability("voice"))) == ["ONE", "Two"])
        #expect(registry.names(RegistryQuery(status: .degraded)) == ["ONE"])
        #expect(registry.names(RegistryQuery(status: .offline)) == [])
        let both = RegistryQuery(
            name: Fixtures.name("one"), capability: Fixtures.capability("text"), status: .online)
        #expect(registry.names(both) == ["One"])
    }

    @Test func `pages give every entry once, in order, with the whole count`() throws {
        var registry = Registry()
        for key in keys { _ = try registry.send(key, name: "Same") }
        var cursor: RegistryCursor?
        var dids: [String] = []
        var pages = 0
        repeat {
            let page = registry.table.listing(RegistryQuery(limit: 3, cursor: cursor), now: registry.now)
            #expect(page.totalCount == 8)
            dids += page.entries.map(\.did)
            cursor = page.next
            pages += 1
        } while cursor != nil && pages < 10
        #expect(dids == keys.map(\.did).sorted())
        #expect(pages == 3)
    }

    @Test func `the last page has no next, also when it is full`() throws {
        var registry = Registry()
        for key in keys.prefix(4) { _ = try registry.send(key) }
        #expect(registry.table.listing(RegistryQuery(limit: 4), now: registry.now).next == nil)
        #expect(registry.table.listing(RegistryQuery(limit: 3), now: registry.now).next != nil)
    }

    @Test func `a page continues though the entry at the cursor is gone`() throws {
        var registry = Registry()
        for (key, name) in zip(keys, ["a", "b", "c"]) { _ = try registry.send(key, name: name, interval: 30) }
        let next = registry.table.listing(RegistryQuery(limit: 2), now: registry.now).next
        _ = registry.wait(1)
        _ = try registry.send(keys[1], name: "b", isPublic: false)
        #expect(registry.names(RegistryQuery(cursor: next)) == ["c"])
    }

    @Test func `the limit is 1 to 1000`() {
        #expect(RegistryQuery(limit: 0).limit == 1)
        #expect(RegistryQuery(limit: .min).limit == 1)
        #expect(RegistryQuery(limit: .max).limit == 1_000)
        #expect(RegistryQuery().limit == 100)
    }

    @Test func `a question as texts is read whole or refused`() throws {
        let query = try RegistryQuery(
            name: " One ", capability: "TEXT", status: "degraded", limit: 5, cursor: "61.did:key:z6Mk")
        #expect(
            query
                == RegistryQuery(
                    name: Fixtures.name("One"), capability: Fixtures.capability("text"), status: .degraded,
                    limit: 5, cursor: RegistryCursor("61.did:key:z6Mk")))
        func read(
            name: String? = nil, capability: String? = nil, status: String? = nil, limit: Int = 1,
            cursor: String? = nil
        ) throws -> RegistryQuery {
            try RegistryQuery(
                name: name, capability: capability, status: status, limit: limit, cursor: cursor)
        }
        #expect(try read() == RegistryQuery(limit: 1))
        #expect(throws: RegistryQueryError.badName(.empty)) { try read(name: "") }
        #expect(throws: RegistryQueryError.badCapability(.empty)) { try read(capability: " ") }
        #expect(throws: RegistryQueryError.badStatus("ONLINE")) { try read(status: "ONLINE") }
        #expect(throws: RegistryQueryError.badLimit(0)) { try read(limit: 0) }
        #expect(throws: RegistryQueryError.badLimit(1_001)) { try read(limit: 1_001) }
        #expect(throws: RegistryQueryError.badCursor("x")) { try read(cursor: "x") }
    }

    @Test func `a cursor survives its text form, and other texts are none`() throws {
        var registry = Registry()
        _ = try registry.send(keys[0], name: "Été 2.0")
        let page = registry.table.listing(RegistryQuery(), now: registry.now)
        let cursor = RegistryCursor(try #require(page.entries.first))
        #expect(RegistryCursor(cursor.description) == cursor)
        for text in ["", "zz.did", "abc.did", "61", String(repeating: "a", count: 300)] {
            #expect(RegistryCursor(text) == nil, "\(text)")
        }
    }
}
