import MeshCore
import MeshCrypto
import Testing

struct XSalsa20StreamTests {
    /// NaCl, tests/stream3.c: the first bytes of the stream.
    @Test func `the stream is that of NaCl`() throws {
        let key = try bytes32("1b27556473e985d462cd51197a9a46c76009549eac6474f206c4ee0844f68389")
        let nonce = try bytes("69696ee955b62b73cd62bda875fc73d68219e0036b7a0b37")
        var stream = try #require(XSalsa20Stream(key: key, nonce: nonce))
        var output = [UInt8](repeating: 0, count: 32)
        stream.apply(to: &output)
        #expect(Hex.encode(output) == "eea6a7251c1e72916d11c2cb214d3c252539121d8e234e652d651fa4c8cff880")
    }

    @Test(arguments: 0..<32 as Range<UInt64>)
    func `the stream does not depend on how bytes are cut`(seed: UInt64) throws {
        var rng = SeededGenerator(seed: seed)
        let key = Bytes32.random(using: &rng)
        var nonce: [UInt8] = []
        nonce.appendRandom(XSalsa20Stream.nonceByteCount, using: &rng)
        var bytes: [UInt8] = []
        bytes.appendRandom(Int.random(in: 1...2000, using: &rng), using: &rng)
        let original = bytes
        var whole = try #require(XSalsa20Stream(key: key, nonce: nonce))
        var expected = bytes
        whole.apply(to: &expected)

        var cut = try #require(XSalsa20Stream(key: key, nonce: nonce))
        var offset = 0
        while offset < bytes.count {
            let end = min(offset + Int.random(in: 0...150, using: &rng), bytes.count)
            cut.apply(to: &bytes, in: offset..<end)
            offset = end
        }
        #expect(bytes == expected)

        var back = try #require(XSalsa20Stream(key: key, nonce: nonce))
        back.apply(to: &bytes)
        #expect(bytes == original)
    }

    @Test func `bytes outside the range stay as they are`() throws {
        var stream = try #require(XSalsa20Stream(key: .zero, nonce: [UInt8](repeating: 0, count: 24)))
        var bytes = [UInt8](repeating: 0, count: 100)
        stream.apply(to: &bytes, in: 10..<20)
        #expect(bytes[..<10].allSatisfy { $0 == 0 })
        #expect(bytes[20...].allSatisfy { $0 == 0 })
        #expect(bytes[10..<20].contains { $0 != 0 })
    }

    @Test(arguments: [0, 23, 25])
    func `a nonce of another length gives no stream`(byteCount: Int) {
        #expect(XSalsa20Stream(key: .zero, nonce: [UInt8](repeating: 0, count: byteCount)) == nil)
    }
}
