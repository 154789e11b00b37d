import MeshCore
import MeshCrypto
import Testing

struct ForeignSignatureTests {
    struct File: Decodable {
        var cases: [Case]
    }

    struct Case: Decodable {
        var name: String
        var type: Int
        var publicPB: String
        var message: String
        var signature: String
        var valid: Bool

        enum CodingKeys: String, CodingKey {
            case name, type, message, signature, valid
            case publicPB = "public_pb"
        }
    }

    /// The key data behind the type and length of the protobuf: `08 type 12 length data`.
    private func keyData(_ entry: Case) throws -> [UInt8] {
        let protobuf = try bytes(entry.publicPB)
        var offset = 3
        _ = try Varint.read(protobuf.span.bytes, at: &offset)
        return Array(protobuf[offset...])
    }

    private func isVerified(_ entry: Case) throws -> Bool {
        let key = try keyData(entry)
        let signature = try bytes(entry.signature)
        let message = try bytes(entry.message)
        switch entry.type {
        case 0:
            return RSA.verify(
                signature: signature.span.bytes, of: message.span.bytes, publicKey: key.span.bytes)
        case 1:
            let point = try #require(Bytes32(key))
            return Ed25519.verify(signature: signature.span.bytes, of: message.span.bytes, by: point)
        case 2:
            return Secp256k1.verify(
                signature: signature.span.bytes, of: message.span.bytes, publicKey: key.span.bytes)
        default:
            return ECDSA.verify(
                signature: signature.span.bytes, of: message.span.bytes, publicKey: key.span.bytes)
        }
    }

    @Test func `signatures of a foreign library verify, and its negatives do not`() throws {
        let file: File = try Vectors.load("peer_ids/signatures.json")
        #expect(file.cases.count >= 26)
        for entry in file.cases {
            #expect(try isVerified(entry) == entry.valid, "\(entry.name)")
        }
    }

    @Test(arguments: 0..<3 as Range<UInt64>)
    func `a changed bit anywhere is refused`(seed: UInt64) throws {
        var rng = SeededGenerator(seed: seed)
        let file: File = try Vectors.load("peer_ids/signatures.json")
        for entry in file.cases where entry.valid {
            var forged = entry
            var signature = try bytes(entry.signature)
            // The high bytes of DER lengths and of the last RSA byte count as much as any other.
            signature[Int.random(in: signature.indices, using: &rng)] ^=
                1 << UInt8.random(in: 0..<8, using: &rng)
            forged.signature = Hex.encode(signature)
            #expect(try !isVerified(forged), "\(entry.name), seed \(seed)")
        }
    }

    @Test func `keys that are none are refused before they cost anything`() throws {
        let nothing: [UInt8] = []
        let noise = [UInt8](repeating: 0x30, count: 91)
        for key in [nothing, noise] {
            #expect(!RSA.isValid(publicKey: key))
            #expect(!ECDSA.isValid(publicKey: key))
            #expect(!Secp256k1.isValid(publicKey: key))
        }
        let file: File = try Vectors.load("peer_ids/signatures.json")
        for entry in file.cases where entry.name == "rsa-1024" {
            #expect(!RSA.isValid(publicKey: try keyData(entry)))
        }
    }

    @Test func `P-256 points compress and come back`() throws {
        let file: File = try Vectors.load("peer_ids/signatures.json")
        let entry = try #require(file.cases.first { $0.name == "ecdsa-p256" })
        let der = try keyData(entry)
        let point = try #require(ECDSA.compressedP256Point(of: der))
        #expect(point.count == 33)
        #expect(ECDSA.publicKey(compressedP256Point: point) == der)
        let other = try #require(file.cases.first { $0.name == "ecdsa-p384" })
        #expect(ECDSA.compressedP256Point(of: try keyData(other)) == nil)
    }
}
