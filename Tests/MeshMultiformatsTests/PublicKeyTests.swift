import MeshCore
import MeshMultiformats
import Testing

struct KeyFile: Decodable {
    struct Key: Decodable {
        var type: String
        var privatePB: String
        var publicPB: String
        var multihash: String
        var base58: String
        var cid: String
        var kadKey: String

        enum CodingKeys: String, CodingKey {
            case type
            case privatePB = "private_pb"
            case publicPB = "public_pb"
            case multihash = "peer_id_multihash"
            case base58 = "peer_id_base58"
            case cid = "peer_id_cidv1"
            case kadKey = "kad_key_sha256_of_multihash"
        }
    }

    var keys: [Key]
}

struct PublicKeyTests {
    struct SignatureFile: Decodable {
        struct Case: Decodable {
            var name: String
            var publicPB: String
            var message: String
            var signature: String
            var valid: Bool

            enum CodingKeys: String, CodingKey {
                case name, message, signature, valid
                case publicPB = "public_pb"
            }
        }

        var cases: [Case]
    }

    @Test func `the keys of the specification have their peer ids and kad keys`() throws {
        let keys = try Vectors.load("peer_ids/peer_ids.json", as: KeyFile.self).keys
        #expect(keys.map(\.type) == ["ed25519", "secp256k1", "ecdsa", "rsa"])
        for entry in keys {
            let key = try PublicKey(protobuf: bytes(entry.publicPB))
            #expect(Hex.encode(key.protobuf) == entry.publicPB)
            let peer = key.peerID
            #expect(Hex.encode(peer.multihash) == entry.multihash)
            #expect(peer.description == entry.base58)
            #expect(peer.cidV1 == entry.cid)
            #expect(peer.kadKey.description == entry.kadKey)
            #expect(try PeerID(entry.base58) == peer)
            #expect(try PeerID(entry.cid) == peer)
            let isInlined = entry.type == "ed25519" || entry.type == "secp256k1"
            #expect(peer.publicKey == (isInlined ? key : nil))
        }
    }

    @Test func `signatures of a foreign library verify by the key's type`() throws {
        let cases = try Vectors.load("peer_ids/signatures.json", as: SignatureFile.self).cases
        var validCount = 0
        for entry in cases {
            let key = try PublicKey(protobuf: bytes(entry.publicPB))
            let isVerified = try key.verify(signature: bytes(entry.signature), of: bytes(entry.message))
            #expect(isVerified == entry.valid, "\(entry.name)")
            validCount += isVerified ? 1 : 0
        }
        #expect(validCount == 11)
    }

    @Test func `an RSA key without its type zero is refused, it would have another peer id`() throws {
        let keys = try Vectors.load("peer_ids/peer_ids.json", as: KeyFile.self).keys
        let rsa = try bytes(#require(keys.last).publicPB)
        #expect(throws: PublicKeyError.badProtobuf(.missingField(1))) {
            try PublicKey(protobuf: Array(rsa.dropFirst(2)))
        }
    }

    @Test(arguments: [
        ("", PublicKeyError.badProtobuf(.missingField(1))),
        ("0801", .badProtobuf(.missingField(2))),
        ("08041200", .unknownType(4)),
        ("08011200", .wrongDataLength(.ed25519, byteCount: 0)),
        (
            "0802122000112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
            .wrongDataLength(.secp256k1, byteCount: 32)
        ),
        ("080112", .badProtobuf(.truncated(offset: 3))),
        ("0a01011200", .badProtobuf(.unexpectedWireType(field: 1))),
    ])
    func `a broken protobuf is refused with the reason`(hex: String, error: PublicKeyError) throws {
        let broken = try bytes(hex)
        #expect(throws: error) { try PublicKey(protobuf: broken) }
    }

    @Test func `another encoding of the same key is refused`() throws {
        let data = "1ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e"
        #expect(throws: Never.self) { try PublicKey(protobuf: bytes("08011220" + data)) }
        // Fields in the other order, a padded varint, an unknown field, a field twice.
        for other in [
            "1220" + data + "0801", "0881001220" + data, "08011220" + data + "1801", "080108011220" + data,
        ] {
            #expect(throws: PublicKeyError.notCanonical) { try PublicKey(protobuf: bytes(other)) }
        }
    }

    @Test func `only Ed25519 keys have 32 bytes to give`() throws {
        let keys = try Vectors.load("peer_ids/peer_ids.json", as: KeyFile.self).keys
        for entry in keys {
            let key = try PublicKey(protobuf: bytes(entry.publicPB))
            #expect((key.ed25519 != nil) == (entry.type == "ed25519"))
            if let point = key.ed25519 { #expect(PublicKey(ed25519: point) == key) }
        }
    }
}
