import MeshCore
import MeshMultiformats
import Testing

@testable import MeshDirectory

struct MeshQueryTests {
    private let key = Fixtures.key(1)

    @Test func `a text is read as a DID, a peer id or a name`() throws {
        #expect(try MeshQuery(mesh: key.did) == .peer(key.peerID))
        #expect(try MeshQuery(mesh: key.peerID.description) == .peer(key.peerID))
        #expect(try MeshQuery(mesh: key.peerID.cidV1) == .peer(key.peerID))
        #expect(try MeshQuery(mesh: " harbour  mesh") == .name(Fixtures.name("harbour mesh")))
        #expect(try MeshQuery(mesh: "11") == .name(Fixtures.name("11")))
        #expect(try MeshQuery(capability: "Text") == .capability(Fixtures.capability("text")))
    }

    @Test func `what is none of them says why`() {
        #expect(throws: MeshQueryError.badDID) { try MeshQuery(mesh: "did:web:example.org") }
        #expect(throws: MeshQueryError.badDID) { try MeshQuery(mesh: "did:key:z6Mkbroken") }
        #expect(throws: MeshQueryError.badName(.empty)) { try MeshQuery(mesh: "") }
        #expect(throws: MeshQueryError.badName(.badCapabilityByte(0x21, offset: 0))) {
            try MeshQuery(capability: "!")
        }
        #expect(throws: MeshQueryError.badName(.looksLikeAddress)) {
            try MeshQuery(mesh: "12D3KooWAwbiQjwUUyhbbEFF6Ez4vfKHA2bSvTupXWoTSn4QGwQ0")
        }
    }

    @Test func `a name or capability is searched by its providers, a peer directly`() {
        #expect(MeshQuery.name(Fixtures.name("a")).providerKey == DirectoryKeys.name(Fixtures.name("A")))
        #expect(
            MeshQuery.capability(Fixtures.capability("a")).providerKey
                == DirectoryKeys.capability(Fixtures.capability("a")))
        #expect(MeshQuery.peer(key.peerID).providerKey == nil)
    }
}

struct MeshSearchTests {
    private let keys = (1...4).map { Fixtures.key(UInt64($0)) }

    @Test func `every claimant whose record has the name is returned, ordered by DID`() throws {
        var search = MeshSearch(.name(Fixtures.name("harbour mesh")))
        for key in keys {
            #expect(search.addClaimant(key.peerID) == MeshRecordKey.bytes(for: key.peerID))
        }
        for key in keys {
            let value = try Fixtures.signed(key, name: "HARBOUR Mesh").envelope
            search.take(value: value, of: key.peerID, at: Fixtures.time)
        }
        #expect(search.isComplete)
        #expect(search.meshes.map(\.record.did) == keys.map(\.did).sorted())
    }

    @Test func `claimants that lie, are silent or expired are told apart`() throws {
        var search = MeshSearch(.name(Fixtures.name("harbour mesh")))
        for key in keys { _ = search.addClaimant(key.peerID) }
        #expect(!search.isComplete)
        let other = try Fixtures.signed(keys[0], name: "Elsewhere")
        #expect(search.take(value: other.envelope, of: keys[0].peerID, at: Fixtures.time) == .unfounded)
        #expect(search.take(value: nil, of: keys[1].peerID, at: Fixtures.time) == .missing)
        let stolen = try Fixtures.signed(keys[0]).envelope
        #expect(
            search.take(value: stolen, of: keys[2].peerID, at: Fixtures.time)
                == .invalid(.wrongKey(expected: keys[2].peerID, actual: keys[0].peerID)))
        let old = try Fixtures.signed(keys[3])
        let late = old.record.expires
        #expect(
            search.take(value: old.envelope, of: keys[3].peerID, at: late) == .invalid(.expired(at: late)))
        #expect(search.meshes.isEmpty)
        #expect(search.isComplete)
        #expect(search.claims.map(\.peer) == keys.map(\.peerID))
    }

    @Test func `a capability is searched in the record and not believed`() throws {
        var search = MeshSearch(.capability(Fixtures.capability("translate")))
        for key in keys.prefix(2) { _ = search.addClaimant(key.peerID) }
        let with = try Fixtures.signed(keys[0], capabilities: ["translate"])
        let without = try Fixtures.signed(keys[1], capabilities: ["translate2"])
        search.take(value: with.envelope, of: keys[0].peerID, at: Fixtures.time)
        search.take(value: without.envelope, of: keys[1].peerID, at: Fixtures.time)
        #expect(search.meshes == [with])
    }

    @Test func `a claimant is fetched once, and those beyond the limit are counted`() {
        var search = MeshSearch(.name(Fixtures.name("a")), claimantLimit: 2)
        #expect(search.addClaimant(keys[0].peerID) != nil)
        #expect(search.addClaimant(keys[0].peerID) == nil)
        #expect(search.addClaimant(keys[1].peerID) != nil)
        #expect(search.droppedClaimantCount == 0)
        #expect(search.addClaimant(keys[2].peerID) == nil)
        #expect(search.droppedClaimantCount == 1)
        #expect(search.claimants.count == 2)
    }

    @Test func `a record of somebody who is no claimant is ignored`() throws {
        var search = MeshSearch(.name(Fixtures.name("Harbour Mesh")))
        let value = try Fixtures.signed(keys[0]).envelope
        #expect(search.take(value: value, of: keys[0].peerID, at: Fixtures.time) == nil)
        #expect(search.meshes.isEmpty)
    }

    @Test func `of several values the best that holds stays`() throws {
        var search = MeshSearch(.peer(keys[0].peerID))
        #expect(search.addClaimant(keys[0].peerID) == MeshRecordKey.bytes(for: keys[0].peerID))
        let old = try Fixtures.signed(keys[0], sequence: 4)
        let new = try Fixtures.signed(keys[0], sequence: 5)
        for value in [old.envelope, new.envelope, old.envelope, [1, 2, 3]] {
            search.take(value: value, of: keys[0].peerID, at: Fixtures.time)
        }
        search.take(value: nil, of: keys[0].peerID, at: Fixtures.time)
        #expect(search.meshes == [new])
    }

    @Test func `a search for a peer takes no other claimants`() {
        var search = MeshSearch(.peer(keys[0].peerID))
        #expect(search.addClaimant(keys[1].peerID) == nil)
        #expect(search.addClaimant(keys[0].peerID) == MeshRecordKey.bytes(for: keys[0].peerID))
        #expect(search.claimants == [keys[0].peerID])
        #expect(search.droppedClaimantCount == 0)
        #expect(!search.isComplete)
    }
}
