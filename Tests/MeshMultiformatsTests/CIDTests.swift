import MeshCore
import MeshCrypto
import MeshMultiformats
import Testing

struct CIDTests {
    struct KadFile: Decodable {
        struct Content: Decodable {
            var cid: String
            var multihash: String
            var kadSpec: String

            enum CodingKeys: String, CodingKey {
                case cid, multihash
                case kadSpec = "kad_spec"
            }
        }

        var content: Content
    }

    @Test func `the content example of the DHT specification has its key`() throws {
        let content = try Vectors.load("kad_keys/kad_keys.json", as: KadFile.self).content
        let cid = try CID(content.cid)
        #expect(Hex.encode(cid.multihash.encoded) == content.multihash)
        #expect(SHA256.hash(cid.multihash.encoded).description == content.kadSpec)
        #expect(cid.description == content.cid)
        #expect(cid.codec == CID.dagPB)
    }

    /// multiformats/cid README: the same content in both versions.
    @Test func `both versions name the same digest`() throws {
        let old = try CID("QmdfTbBqBPQ7VNxZEYEj14VmRuZBkqFbiwReogJgS1zR1n")
        let new = try CID("bafybeihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku")
        #expect(old.version == .v0)
        #expect(new.version == .v1)
        #expect(old.multihash == new.multihash)
        #expect(old.codec == new.codec)
        #expect(old.description == "QmdfTbBqBPQ7VNxZEYEj14VmRuZBkqFbiwReogJgS1zR1n")
    }

    @Test(arguments: [Multibase.base16, .base32, .base36, .base58btc, .base64URL])
    func `a CID is read in every base`(base: Multibase) throws {
        let cid = CID(codec: CID.raw, multihash: .sha256(of: [1, 2, 3]))
        #expect(try CID(cid.text(in: base)) == cid)
        #expect(try CID(cid.bytes) == cid)
    }

    @Test func `wrong text and bytes are refused with the reason`() throws {
        #expect(throws: CIDError.badText(.empty)) { try CID("") }
        #expect(throws: CIDError.unknownVersion(2)) { try CID("f02551200") }
        #expect(throws: CIDError.badVarint(.truncated)) { try CID("f01") }
        #expect(throws: CIDError.badMultihash(.wrongLength(announced: 32, present: 0))) {
            try CID("f01551220")
        }
        // Version 0 takes no multibase prefix.
        let v0 = try CID("QmdfTbBqBPQ7VNxZEYEj14VmRuZBkqFbiwReogJgS1zR1n")
        #expect(throws: CIDError.unknownVersion(0)) { try CID(Multibase.base32.encode(v0.bytes)) }
        #expect(throws: CIDError.badText(.invalidDigit(0x6c, offset: 2))) {
            try CID("Qm" + String(repeating: "l", count: 44))
        }
        let long = "f" + String(repeating: "0", count: 512)
        #expect(throws: CIDError.badText(.textTooLong(byteCount: 513, limit: 512))) { try CID(long) }
    }
}
