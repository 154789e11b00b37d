import MeshCore
import MeshCrypto
import Testing

struct HKDFTests {
    /// RFC 4231, section 4.2; HMAC fills a short key with zeros, so 32 bytes hold the same key.
    @Test func `a code is that of RFC 4231`() throws {
        let key = try bytes32(String(repeating: "0b", count: 20) + String(repeating: "00", count: 12))
        let code = HMACSHA256.code(of: Array("Hi There".utf8).span.bytes, key: key)
        #expect(code.description == "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")
    }

    /// RFC 5869, section A.3: no salt (which is 32 zero bytes), no info, 42 bytes.
    @Test func `the outputs are those of RFC 5869`() throws {
        let input = [UInt8](repeating: 0x0b, count: 22)
        let (first, second) = HKDF.expand2(chainingKey: .zero, input: input.span.bytes)
        #expect(first.description == "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d")
        #expect(second.description.hasPrefix("9d201395faa4b61a96c8"))
    }

    @Test func `the third output continues the first two`() {
        let input: [UInt8] = [1, 2, 3]
        let two = HKDF.expand2(chainingKey: Bytes32(1, 2, 3, 4), input: input.span.bytes)
        let three = HKDF.expand3(chainingKey: Bytes32(1, 2, 3, 4), input: input.span.bytes)
        #expect(two.0 == three.0)
        #expect(two.1 == three.1)
        // RFC 5869, section 2.3: T(3) = HMAC(PRK, T(2) | 0x03).
        let key = HMACSHA256.code(of: input.span.bytes, key: Bytes32(1, 2, 3, 4))
        let last = HMACSHA256.code(of: two.1.bytes + [3], key: key)
        #expect(three.2 == last)
    }

    @Test func `an empty input is allowed, as in the last step of a handshake`() {
        let (first, second) = HKDF.expand2(chainingKey: Bytes32(1, 0, 0, 0), input: RawSpan())
        #expect(first != second)
    }
}
