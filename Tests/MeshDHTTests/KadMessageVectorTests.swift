import MeshCore
import MeshMultiformats
import Testing

@testable import MeshDHT

/// Messages that go-libp2p and py-libp2p sent over the wire.
@Suite struct KadMessageVectorTests {
    @Test func `requests of go-libp2p are read`() throws {
        let vectors = try KadVectors.load("go-libp2p")
        let own = try vectors.id("go")
        let key = Array("/pk/".utf8) + own.multihash

        let find = try decode(vectors.request("put", 0))
        #expect(find.kind == .findNode && find.key == key && find.record == nil && find.closerPeers.isEmpty)

        let put = try decode(vectors.request("put", 1))
        #expect(put.kind == .putValue && put.key == key && put.record?.key == key)
        let value = try #require(put.record?.value)
        #expect(try PublicKey(protobuf: value.span.bytes).peerID == own)
        let year2026 = UnixTime(seconds: 1_767_225_600)
        #expect(try #require(put.record?.timeReceived) > year2026)

        #expect(try decode(vectors.request("get", 0)).kind == .getValue)
        #expect(try decode(vectors.request("closest", 0)).key == Array("some key".utf8))
        #expect(try decode(vectors.request("findprov", 0)).kind == .getProviders)

        let provide = try decode(vectors.request("provide", 1))
        #expect(provide.kind == .addProvider && provide.key.count == 34)
        #expect(provide.providerPeers.map(\.id) == [own])
        #expect(
            provide.providerPeers[0].addresses.map(\.description).first?.hasPrefix("/ip4/127.0.0.1/tcp/")
                == true)

        let peer = try PeerID("12D3KooWLU2znyJMtDiHArqAGbZn8CgUGp92kxDBtefftEEaHSZS")
        #expect(
            try decode(vectors.request("findpeer", 0)) == KadMessage(kind: .findNode, key: peer.multihash))
    }

    @Test func `responses of go-libp2p are read`() throws {
        let vectors = try KadVectors.load("go-libp2p")
        let other = try vectors.id("other")
        let fake = try vectors.id("fake")

        let found = try decode(vectors.response("find_node"))
        #expect(found.kind == .findNode && found.key.isEmpty && found.closerPeers.map(\.id) == [other])
        #expect(found.closerPeers[0].addresses.count == 1)

        let stored = try decode(vectors.response("put_value"))
        #expect(stored.kind == .putValue && stored.record?.key == Array("/pk/".utf8) + fake.multihash)
        #expect(try decode(vectors.response("get_value")).record?.value == stored.record?.value)

        let missing = try decode(vectors.response("get_value_missing"))
        #expect(missing.record == nil && missing.closerPeers.map(\.id) == [other])

        let providers = try decode(vectors.response("get_providers"))
        #expect(providers.providerPeers.map(\.id) == [fake] && providers.closerPeers.map(\.id) == [other])

        #expect(try decode(vectors.response("ping")) == KadMessage(kind: .ping))
    }

    @Test func `requests of py-libp2p are read with its unknown fields and named addresses`() throws {
        let vectors = try KadVectors.load("py-libp2p")
        let own = try vectors.id("py")
        let put = try decode(vectors.request("put", 3))
        #expect(put.kind == .putValue && put.key == Array("plain key".utf8))
        #expect(put.record == KadRecord(key: Array("plain key".utf8), value: Array("hello".utf8)))

        let provide = try decode(vectors.request("provide", 1))
        #expect(provide.kind == .addProvider && provide.providerPeers.map(\.id) == [own])
        let addresses = provide.providerPeers[0].addresses
        #expect(!addresses.isEmpty && addresses.allSatisfy { $0.peerID == nil })

        let find = try decode(vectors.request("provide", 0))
        #expect(find.kind == .findNode && find.key == provide.key)
    }

    @Test func `responses of py-libp2p are read`() throws {
        let vectors = try KadVectors.load("py-libp2p")
        let stored = try decode(vectors.response("put_value"))
        #expect(stored.kind == .putValue && stored.key == Array("plain two".utf8))
        #expect(stored.record?.value == Array("hi".utf8))
        let providers = try decode(vectors.response("get_providers"))
        #expect(providers.providerPeers.map(\.id) == [try vectors.id("fake")])
        #expect(providers.providerPeers[0].addresses.map(\.description) == ["/ip4/127.0.0.1/tcp/9"])
        #expect(providers.providerPeers[0].connection == .connected)
        #expect(try decode(vectors.response("get_value_missing")).record == nil)
    }

    @Test func `a request of ours is the request of go-libp2p but for its cluster level`() throws {
        let vectors = try KadVectors.load("go-libp2p")
        for (operation, index) in [("put", 0), ("get", 0), ("closest", 0), ("findprov", 0), ("findpeer", 0)] {
            let foreign = try vectors.request(operation, index)
            #expect(try decode(foreign).encoded() == Array(foreign.dropLast(2)), "\(operation)")
        }
        let provide = try vectors.request("provide", 1)
        #expect(try decode(provide).encoded() == Array(provide.dropLast(2)))
    }

    private func decode(_ bytes: [UInt8]) throws -> KadMessage { try KadMessage.decode(bytes.span.bytes) }
}
