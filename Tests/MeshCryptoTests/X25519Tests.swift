import MeshCore
import MeshCrypto
import Testing

struct X25519Tests {
    /// RFC 7748, section 6.1.
    @Test func `two sides agree on the secret of RFC 7748`() throws {
        let alice = X25519PrivateKey(
            try bytes32("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"))
        let bob = X25519PrivateKey(
            try bytes32("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"))
        #expect(
            alice.publicKey.description == "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a")
        #expect(
            bob.publicKey.description == "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f")
        let shared = "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"
        #expect(try alice.sharedSecret(with: bob.publicKey).description == shared)
        #expect(try bob.sharedSecret(with: alice.publicKey).description == shared)
    }

    /// The points of order 1, 2, 4 and 8 in canonical form.
    @Test(arguments: [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ])
    func `a point of low order is refused`(point: String) throws {
        let key = X25519PrivateKey(Bytes32(1, 2, 3, 4))
        let peer = try bytes32(point)
        #expect(throws: CryptoError.lowOrderPublicKey) { try key.sharedSecret(with: peer) }
    }

    @Test func `keys are made of the given randomness alone`() {
        var first = SeededGenerator(seed: 7)
        var second = SeededGenerator(seed: 7)
        #expect(X25519PrivateKey(using: &first).publicKey == X25519PrivateKey(using: &second).publicKey)
        #expect(X25519PrivateKey(using: &first).publicKey != X25519PrivateKey(Bytes32.zero).publicKey)
    }
}
