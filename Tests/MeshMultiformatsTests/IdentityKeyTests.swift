import MeshCore
import MeshCrypto
import MeshMultiformats
import Testing

struct IdentityKeyTests {
    @Test func `the private key of the specification is read and written back`() throws {
        let keys = try Vectors.load("peer_ids/peer_ids.json", as: KeyFile.self).keys
        let entry = try #require(keys.first { $0.type == "ed25519" })
        let stored = try bytes(entry.privatePB)
        let key = try IdentityKey.decode(stored)
        #expect(key.peerID.description == entry.base58)
        #expect(Hex.encode(key.publicKey.protobuf) == entry.publicPB)
        #expect(key.privateKeyProtobuf == stored)
        // The old form repeats the public key.
        let old = [0x08, 0x01, 0x12, 0x60] + stored[4...] + stored[36...]
        #expect(try IdentityKey.decode(old).peerID == key.peerID)
    }

    @Test func `keys of other types are named as unsupported`() throws {
        let keys = try Vectors.load("peer_ids/peer_ids.json", as: KeyFile.self).keys
        for entry in keys where entry.type != "ed25519" {
            #expect(throws: IdentityKeyError.self) { try IdentityKey.decode(bytes(entry.privatePB)) }
        }
        #expect(throws: IdentityKeyError.unsupportedType(2)) { try IdentityKey.decode([8, 2, 0x12, 1, 0]) }
    }

    @Test func `a damaged key is refused`() throws {
        var rng = SeededGenerator(seed: 3)
        let stored = IdentityKey(using: &rng).privateKeyProtobuf
        for position in 4..<68 {
            var damaged = stored
            damaged[position] ^= 1
            #expect(throws: IdentityKeyError.publicKeyMismatch) { try IdentityKey.decode(damaged) }
        }
        for count in 0..<stored.count {
            #expect(throws: IdentityKeyError.self) { try IdentityKey.decode(Array(stored.prefix(count))) }
        }
        var old = [0x08, 0x01, 0x12, 0x60] + stored[4...] + stored[36...]
        old[99] ^= 1
        #expect(throws: IdentityKeyError.publicKeyMismatch) { try IdentityKey.decode(old) }
        #expect(throws: IdentityKeyError.wrongDataLength(byteCount: 32)) {
            try IdentityKey.decode([0x08, 0x01, 0x12, 0x20] + stored[4..<36])
        }
    }

    @Test func `what the key signs verifies by its public half`() {
        var rng = SeededGenerator(seed: 4)
        let key = IdentityKey(using: &rng)
        let signature = key.sign([1, 2, 3])
        #expect(key.publicKey.verify(signature: signature, of: [1, 2, 3]))
        #expect(!key.publicKey.verify(signature: signature, of: [1, 2, 4]))
    }
}
