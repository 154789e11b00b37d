import MeshCore
import MeshCrypto
import MeshMultiformats
import Testing

struct PeerIDTests {
    struct KadFile: Decodable {
        struct Peer: Decodable {
            var b58: String
            var cid: String
            var multihash: String
            var kad: String

            enum CodingKeys: String, CodingKey {
                case b58, multihash, kad
                case cid = "cid_b32"
            }
        }

        var peer: Peer
    }

    private static let ed25519 = "12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq"

    @Test func `the peer of the DHT specification has its key`() throws {
        let entry = try Vectors.load("kad_keys/kad_keys.json", as: KadFile.self).peer
        for peer in try [PeerID(entry.b58), PeerID(entry.cid), PeerID(multihash: bytes(entry.multihash))] {
            #expect(peer.kadKey.description == entry.kad)
            #expect(peer.description == entry.b58)
            #expect(peer.cidV1 == entry.cid)
        }
    }

    @Test(arguments: Multibase.allCases)
    func `a CID is read in every base`(base: Multibase) throws {
        let peer = try PeerID(Self.ed25519)
        #expect(try PeerID(peer.cid.text(in: base)) == peer)
    }

    @Test func `ids made of digests and of short keys are told apart`() throws {
        let long = try PeerID("QmVMT29id3TUASyfZZ6k9hmNyc2nYabCo4uMSpDw4zrgDk")
        #expect(long.publicKey == nil)
        #expect(try PeerID(Self.ed25519).publicKey?.type == .ed25519)
        // An identity that holds no key is an id all the same.
        #expect(try PeerID(multihash: [0, 3, 1, 2, 3]).publicKey == nil)
    }

    @Test func `a CID of something else than a key is refused`() {
        #expect(throws: PeerIDError.wrongCodec(0x70)) {
            try PeerID("bafybeihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku")
        }
    }

    @Test(arguments: [
        ("", PeerIDError.badText(.empty)),
        ("12D3KooW0", .badText(.invalidDigit(0x30, offset: 8))),
        ("?unknown", .badText(.unknownBase(0x3f))),
        ("1", .badMultihash(.badVarint(.truncated))),
        ("11", .unsupportedMultihash(code: 0, digestByteCount: 0)),
        ("f0172", .badCID(.badMultihash(.badVarint(.truncated)))),
        ("f01721100", .unsupportedMultihash(code: 0x11, digestByteCount: 0)),
        ("f0172120101", .unsupportedMultihash(code: 0x12, digestByteCount: 1)),
    ])
    func `wrong text is refused with the reason`(text: String, error: PeerIDError) {
        #expect(throws: error) { try PeerID(text) }
    }

    @Test func `an id has at most 64 bytes, and its text a limit too`() throws {
        let longest = [UInt8](repeating: 1, count: 62)
        #expect(try PeerID(multihash: [0, 62] + longest).multihash.count == 64)
        #expect(throws: PeerIDError.unsupportedMultihash(code: 0, digestByteCount: 63)) {
            try PeerID(multihash: [0, 63] + longest + [1])
        }
        let text = "1" + String(repeating: "2", count: 140)
        #expect(throws: PeerIDError.badText(.textTooLong(byteCount: 141, limit: 140))) { try PeerID(text) }
        let cid = "f" + String(repeating: "0", count: 140)
        #expect(throws: PeerIDError.badText(.textTooLong(byteCount: 141, limit: 140))) { try PeerID(cid) }
    }

    @Test func `every id in its longest text is read back`() throws {
        let peer = try PeerID(multihash: [0, 62] + [UInt8](repeating: 0xff, count: 62))
        for base in Multibase.allCases { #expect(try PeerID(peer.cid.text(in: base)) == peer) }
        #expect(try PeerID(peer.description) == peer)
    }

    @Test func `ids are ordered by their bytes and equal by them`() throws {
        var rng = SeededGenerator(seed: 11)
        var ids: [PeerID] = []
        for _ in 0..<50 { ids.append(IdentityKey(using: &rng).peerID) }
        let sorted = ids.sorted()
        for (left, right) in zip(sorted, sorted.dropFirst()) {
            #expect(left.multihash.lexicographicallyPrecedes(right.multihash))
        }
        #expect(Set(ids + ids).count == 50)
        for peer in ids { #expect(peer.kadKey == SHA256.hash(peer.multihash)) }
    }
}
