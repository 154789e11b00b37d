import MeshCore
import MeshCrypto
import Testing

struct Ed25519Tests {
    struct Standard: Sendable {
        var seed: String
        var publicKey: String
        var message: String
        var signature: String
    }

    /// RFC 8032, section 7.1, tests 1 to 3.
    static let standards = [
        Standard(
            seed: "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            publicKey: "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", message: "",
            signature: "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555"
                + "fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"),
        Standard(
            seed: "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            publicKey: "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", message: "72",
            signature: "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da0"
                + "85ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
        Standard(
            seed: "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            publicKey: "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", message: "af82",
            signature: "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac1"
                + "8ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"),
    ]

    @Test(arguments: standards)
    func `keys and signatures are those of RFC 8032`(standard: Standard) throws {
        let key = Ed25519PrivateKey(seed: try bytes32(standard.seed))
        let message = try bytes(standard.message)
        #expect(key.publicKey.description == standard.publicKey)
        #expect(Hex.encode(key.sign(message)) == standard.signature)
        #expect(key.seed.description == standard.seed)
        let signature = try bytes(standard.signature)
        #expect(Ed25519.verify(signature: signature, of: message, by: key.publicKey))
    }

    @Test(arguments: 0..<4 as Range<UInt64>)
    func `a changed bit of signature, message or key is refused`(seed: UInt64) {
        var rng = SeededGenerator(seed: seed)
        let key = Ed25519PrivateKey(using: &rng)
        var message: [UInt8] = []
        message.appendRandom(Int.random(in: 1...200, using: &rng), using: &rng)
        let signature = key.sign(message)
        #expect(Ed25519.verify(signature: signature, of: message, by: key.publicKey))
        for _ in 0..<16 {
            let bit: UInt8 = 1 << UInt8.random(in: 0..<8, using: &rng)
            var forged = signature
            forged[Int.random(in: 0..<64, using: &rng)] ^= bit
            #expect(!Ed25519.verify(signature: forged, of: message, by: key.publicKey))
            var changed = message
            changed[Int.random(in: changed.indices, using: &rng)] ^= bit
            #expect(
                !Ed25519.verify(signature: signature, of: changed, by: key.publicKey))
            var other = key.publicKey
            other.word2 ^= UInt64(bit)
            #expect(!Ed25519.verify(signature: signature, of: message, by: other))
        }
    }

    @Test func `a signature of another length is refused`() {
        let key = Ed25519PrivateKey(seed: Bytes32(1, 1, 1, 1))
        let signature = key.sign([1])
        let message: [UInt8] = [1]
        for count in [0, 1, 63] {
            let short = Array(signature.prefix(count))
            #expect(!Ed25519.verify(signature: short, of: message, by: key.publicKey))
        }
        let long = signature + [0]
        #expect(!Ed25519.verify(signature: long, of: message, by: key.publicKey))
    }
}
