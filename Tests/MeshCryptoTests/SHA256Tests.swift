import MeshCore
import MeshCrypto
import Testing

struct SHA256Tests {
    /// FIPS 180-4 examples (NIST, "SHA_All").
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func `a digest is that of the standard`(text: String, digest: String) {
        #expect(SHA256.hash(Array(text.utf8)).description == digest)
    }

    @Test func `a million letters give the digest of the standard`() {
        let digest = SHA256.hash([UInt8](repeating: 0x61, count: 1_000_000))
        #expect(digest.description == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }

    @Test func `an empty span is hashed like an empty array`() {
        let digest = SHA256.hash(RawSpan())
        #expect(digest == SHA256.hash([]))
    }
}
