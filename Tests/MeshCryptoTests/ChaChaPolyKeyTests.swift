import MeshCore
import Testing

@testable import MeshCrypto

struct ChaChaPolyKeyTests {
    /// RFC 8439, appendix A.5, whose nonce has the form of Noise: four zero bytes and a counter.
    private enum Standard {
        static let key = "1c9240a5eb55d38af333888604f6b5f0473917c1402b80099dca5cbc207075c0"
        static let nonce: UInt64 = 0x0807_0605_0403_0201
        static let additionalData = "f33388860000000000004e91"
        static let plaintext = Array(
            ("Internet-Drafts are draft documents valid for a maximum of six months and may be updated, "
                + "replaced, or obsoleted by other documents at any time. It is inappropriate to use "
                + "Internet-Drafts as reference material or to cite them other than as "
                + "/\u{201c}work in progress./\u{201d}").utf8)
        static let ciphertext =
            "64a0861575861af460f062c79be643bd5e805cfd345cf389f108670ac76c8cb24c6cfc18755d43eea09ee94e"
            + "382d26b0bdb7b73c321b0100d4f03b7f355894cf332f830e710b97ce98c8a84abd0b948114ad176e008d33bd"
            + "60f982b1ff37c8559797a06ef4f0ef61c186324e2b3506383606907b6a7c02b0f9f6157b53c867e4b9166c76"
            + "7b804d46a59b5216cde7a4e99040c5a40433225ee282a1b0a06c523eaf4534d7f83fa1155b0047718cbc546a"
            + "0d072b04b3564eea1b422273f548271a0bb2316053fa76991955ebd63159434ecebb4e466dae5a1073a67276"
            + "27097a1049e617d91d361094fa68f0ff77987130305beaba2eda04df997b714d6c6f2c29a6ad5cb4022b0270"
            + "9beead9d67890cbb22392336fea1851f38"
    }

    @Test(arguments: [ChaChaPolyKey.Backend.sodium, .openSSL])
    func `both libraries give the bytes of RFC 8439`(backend: ChaChaPolyKey.Backend) throws {
        let key = ChaChaPolyKey(try bytes32(Standard.key))
        let additionalData = try bytes(Standard.additionalData)
        var sealed: [UInt8] = []
        key.seal(
            Standard.plaintext.span.bytes, nonce: Standard.nonce, additionalData: additionalData.span.bytes,
            backend: backend, appendingTo: &sealed)
        #expect(Hex.encode(sealed) == Standard.ciphertext)
        var opened: [UInt8] = []
        try key.open(
            sealed.span.bytes, nonce: Standard.nonce, additionalData: additionalData.span.bytes,
            backend: backend,
            appendingTo: &opened)
        #expect(opened == Standard.plaintext)
    }

    @Test(arguments: 0..<8 as Range<UInt64>)
    func `both libraries agree at any length around the border`(seed: UInt64) throws {
        var rng = SeededGenerator(seed: seed)
        let key = ChaChaPolyKey(.random(using: &rng))
        for _ in 0..<16 {
            let border = ChaChaPolyKey.bulkByteCount
            try check(key, byteCount: Int.random(in: border - 200...border + 200, using: &rng), using: &rng)
            try check(key, byteCount: Int.random(in: 0...300, using: &rng), using: &rng)
        }
        for byteCount in [0, 1, 15, 16, 17, 63, 64, 65, 4095, 4096, 4097, 65519] {
            try check(key, byteCount: byteCount, using: &rng)
        }
    }

    /// Seals with each library and opens with the other, behind bytes that must stay.
    private func check(
        _ key: ChaChaPolyKey, byteCount: Int, using rng: inout SeededGenerator
    ) throws {
        var plaintext: [UInt8] = []
        plaintext.appendRandom(byteCount, using: &rng)
        var data: [UInt8] = []
        data.appendRandom(Int.random(in: 0...40, using: &rng), using: &rng)
        let nonce = rng.next()
        var results: [[UInt8]] = []
        for backend in [ChaChaPolyKey.Backend.sodium, .openSSL] {
            var output: [UInt8] = [1, 2, 3]
            key.seal(
                plaintext.span.bytes, nonce: nonce, additionalData: data.span.bytes, backend: backend,
                appendingTo: &output)
            results.append(output)
        }
        #expect(results[0] == results[1], "byte count \(byteCount), nonce \(nonce)")
        #expect(results[0].prefix(3) == [1, 2, 3])
        #expect(results[0].count == 3 + byteCount + ChaChaPolyKey.tagByteCount)
        let sealed = results[0]
        var opened: [UInt8] = [9]
        for backend in [ChaChaPolyKey.Backend.openSSL, .sodium] {
            try key.open(
                sealed.span.bytes.extracting(3...), nonce: nonce, additionalData: data.span.bytes,
                backend: backend, appendingTo: &opened)
        }
        #expect(opened == [9] + plaintext + plaintext, "byte count \(byteCount), nonce \(nonce)")
    }

    @Test(arguments: [0, 1, 100, 4095, 4096, 70_000])
    func `a changed bit anywhere is refused and leaves the output as it was`(byteCount: Int) throws {
        var rng = SeededGenerator(seed: UInt64(byteCount))
        let key = ChaChaPolyKey(.random(using: &rng))
        var plaintext: [UInt8] = []
        plaintext.appendRandom(byteCount, using: &rng)
        var sealed: [UInt8] = []
        key.seal(plaintext.span.bytes, nonce: 5, additionalData: RawSpan(), appendingTo: &sealed)
        var positions = [0, sealed.count - 1, sealed.count - 16]
        for _ in 0..<5 { positions.append(Int.random(in: 0..<sealed.count, using: &rng)) }
        for position in positions {
            var forged = sealed
            forged[position] ^= 1 << UInt8.random(in: 0..<8, using: &rng)
            var output: [UInt8] = [7, 8]
            #expect(throws: CryptoError.authenticationFailed(byteCount: sealed.count)) {
                try key.open(forged.span.bytes, nonce: 5, additionalData: RawSpan(), appendingTo: &output)
            }
            #expect(output == [7, 8])
        }
        // A failure does not spoil the key for what follows.
        var output: [UInt8] = []
        try key.open(sealed.span.bytes, nonce: 5, additionalData: RawSpan(), appendingTo: &output)
        #expect(output == plaintext)
    }

    @Test(arguments: [10, 5000])
    func `another nonce, other additional data and another key are refused`(byteCount: Int) {
        let plaintext = [UInt8](repeating: 1, count: byteCount)
        let key = ChaChaPolyKey(Bytes32(1, 2, 3, 4))
        let other = ChaChaPolyKey(Bytes32(1, 2, 3, 5))
        let data: [UInt8] = [1]
        var sealed: [UInt8] = []
        key.seal(plaintext.span.bytes, nonce: 1, additionalData: data.span.bytes, appendingTo: &sealed)
        var output: [UInt8] = []
        let refusal = CryptoError.authenticationFailed(byteCount: sealed.count)
        #expect(throws: refusal) {
            try key.open(sealed.span.bytes, nonce: 2, additionalData: data.span.bytes, appendingTo: &output)
        }
        #expect(throws: refusal) {
            try key.open(sealed.span.bytes, nonce: 1, additionalData: RawSpan(), appendingTo: &output)
        }
        #expect(throws: refusal) {
            try other.open(sealed.span.bytes, nonce: 1, additionalData: data.span.bytes, appendingTo: &output)
        }
        #expect(output.isEmpty)
    }

    @Test func `a message shorter than its tag is named as such`() {
        let key = ChaChaPolyKey(.zero)
        var output: [UInt8] = []
        for byteCount in 0..<16 {
            let short = [UInt8](repeating: 0, count: byteCount)
            #expect(throws: CryptoError.ciphertextTooShort(byteCount: byteCount, minimum: 16)) {
                try key.open(short.span.bytes, nonce: 0, additionalData: RawSpan(), appendingTo: &output)
            }
        }
    }

    @Test func `appending many messages grows the output seldom`() {
        let key = ChaChaPolyKey(Bytes32(4, 3, 2, 1))
        let plaintext = [UInt8](repeating: 1, count: 100)
        var output: [UInt8] = []
        var capacities: Set<Int> = []
        for nonce in 0..<2000 as Range<UInt64> {
            key.seal(plaintext.span.bytes, nonce: nonce, additionalData: RawSpan(), appendingTo: &output)
            capacities.insert(output.capacity)
        }
        #expect(output.count == 2000 * 116)
        #expect(capacities.count < 24)
    }
}
