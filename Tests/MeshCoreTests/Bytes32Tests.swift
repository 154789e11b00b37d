import MeshCore
import Testing

struct Bytes32Tests {
    @Test(arguments: 0..<8 as Range<UInt64>)
    func `order, distance and leading zeros are those of the bytes`(seed: UInt64) throws {
        var rng = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            let left = Bytes32.random(using: &rng)
            // Often a long common prefix, so that every word decides once.
            var right = left
            let changed = Int.random(in: 0..<256, using: &rng)
            var bytes = left.bytes
            bytes[changed / 8] ^= 0x80 >> UInt8(changed % 8)
            right = try #require(Bytes32(bytes))

            #expect((left < right) == left.bytes.lexicographicallyPrecedes(right.bytes), "seed \(seed)")
            #expect((right < left) != (left < right))
            #expect((left ^ right).leadingZeroBitCount == changed, "seed \(seed)")
            #expect((left ^ right).bytes == zip(left.bytes, right.bytes).map { $0 ^ $1 })
            #expect(left ^ right ^ right == left)
        }
    }

    @Test func `bytes come in and out in their order`() throws {
        let bytes = Array(0..<32 as Range<UInt8>)
        let value = try #require(Bytes32(bytes))
        #expect(value.word0 == 0x0001_0203_0405_0607)
        #expect(value.word3 == 0x1819_1a1b_1c1d_1e1f)
        #expect(value.bytes == bytes)
        #expect(value.withBytes { Array($0) } == bytes)
        #expect(value.description == Hex.encode(bytes))
    }

    @Test(arguments: [0, 31, 33])
    func `another length gives nothing`(byteCount: Int) {
        #expect(Bytes32([UInt8](repeating: 1, count: byteCount)) == nil)
    }

    @Test func `zero has only zero bits`() {
        #expect(Bytes32.zero.leadingZeroBitCount == 256)
        #expect(Bytes32(0, 0, 0, 1).leadingZeroBitCount == 255)
        #expect(Bytes32(0, 0, 1, 0).leadingZeroBitCount == 191)
        #expect(Bytes32(0, 1, 0, 0).leadingZeroBitCount == 127)
        #expect(Bytes32(1, 0, 0, 0).leadingZeroBitCount == 63)
    }

    @Test func `an error of the closure comes out`() {
        #expect(throws: NotHex.self) { try Bytes32.zero.withBytes { _ in throw NotHex(text: "") } }
    }
}
