import MeshCore
import MeshCrypto
import MeshMultiformats
import Testing

struct DIDKeyTests {
    struct File: Decodable {
        struct Valid: Decodable {
            var did: String
            var multicodec: String
            var publicKey: String
            var seed: String?

            enum CodingKeys: String, CodingKey {
                case did, multicodec
                case publicKey = "pub_hex"
                case seed = "seed_hex"
            }
        }

        struct Invalid: Decodable {
            var did: String
            var why: String
        }

        var valid: [Valid]
        var invalid: [Invalid]
    }

    @Test func `the DIDs of the specification give their keys and come back`() throws {
        let file = try Vectors.load("did-key/did-key.json", as: File.self)
        #expect(file.valid.count == 14)
        for entry in file.valid {
            let key = try DIDKey.parse(entry.did)
            #expect(key.did == entry.did)
            switch entry.multicodec {
            case "0xed":
                #expect(key.type == .ed25519)
                #expect(Hex.encode(key.data) == entry.publicKey)
                if let seed = entry.seed.flatMap({ Hex.decode($0) }).flatMap({ Bytes32($0) }) {
                    #expect(IdentityKey(Ed25519PrivateKey(seed: seed)).did == entry.did)
                }
            case "0xe7":
                #expect(key.type == .secp256k1)
                #expect(Hex.encode(key.data) == entry.publicKey)
            default:
                #expect(entry.multicodec == "0x1200")
                #expect(key.type == .ecdsa)
                let point = ECDSA.compressedP256Point(of: key.data.span.bytes)
                #expect(point.map { Hex.encode($0) } == entry.publicKey)
            }
        }
    }

    @Test func `the negatives are refused`() throws {
        let file = try Vectors.load("did-key/did-key.json", as: File.self)
        #expect(file.invalid.count == 10)
        for entry in file.invalid {
            #expect(throws: DIDKeyError.self, "\(entry.why)") { try DIDKey.parse(entry.did) }
        }
    }

    @Test(arguments: [
        ("", DIDKeyError.notDIDKey), ("did:web:example.org", .notDIDKey), ("DID:KEY:z6Mk", .notDIDKey),
        ("did:key:", .badText(.empty)), ("did:key:u7QE", .badText(.unknownBase(0x75))),
        ("did:key:z6LSfg76x3LLQjPg3AmMPWo7kdWPHeXbnDLDEbYPBESjbxWC", .unsupportedCodec(0xec)),
        (
            "did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp#z6Mk",
            .badText(.invalidDigit(0x23, offset: 48))
        ),
    ])
    func `wrong text is refused with the reason`(did: String, error: DIDKeyError) {
        #expect(throws: error) { try DIDKey.parse(did) }
    }

    @Test func `text beyond the limit is refused before it costs anything`() {
        let did = "did:key:z" + String(repeating: "6", count: 128)
        #expect(throws: DIDKeyError.badText(.textTooLong(byteCount: 129, limit: 128))) {
            try DIDKey.parse(did)
        }
    }

    @Test func `keys without a DID of ours have none`() throws {
        let keys = try Vectors.load("peer_ids/peer_ids.json", as: KeyFile.self).keys
        for entry in keys {
            let key = try PublicKey(protobuf: bytes(entry.publicPB))
            #expect((key.did == nil) == (entry.type == "rsa"))
            if let did = key.did { #expect(try DIDKey.parse(did) == key) }
        }
    }
}
