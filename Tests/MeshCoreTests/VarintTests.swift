import MeshCore
import Testing

struct VarintTests {
    /// multiformats/unsigned-varint README.
    @Test(
        arguments: [
            (0, "00"), (1, "01"), (127, "7f"), (128, "8001"), (255, "ff01"), (300, "ac02"), (16384, "808001"),
            (UInt64.max >> 1, "ffffffffffffffff7f"),
        ] as [(UInt64, String)])
    func `numbers have the bytes of the specification`(value: UInt64, hex: String) throws {
        var encoded: [UInt8] = []
        Varint.append(value, to: &encoded)
        #expect(Hex.encode(encoded) == hex)
        #expect(Varint.byteCount(of: value) == encoded.count)
        var offset = 0
        #expect(try Varint.read(encoded, at: &offset) == value)
        #expect(offset == encoded.count)
    }

    @Test(arguments: [
        ("", VarintError.truncated), ("80", .truncated), ("ffffff", .truncated), ("8000", .notMinimal),
        ("ff8000", .notMinimal), ("80808080808080808001", .tooLong(limit: 9)),
        ("ffffffffffffffffff01", .tooLong(limit: 9)), ("808080808080808080", .tooLong(limit: 9)),
    ])
    func `wrong bytes are refused and the place is kept`(hex: String, error: VarintError) throws {
        let encoded = [0xaa] + (try bytes(hex))
        var offset = 1
        #expect(throws: error) { try Varint.read(encoded, at: &offset) }
        #expect(offset == 1)
    }

    @Test func `every number that is written is read again`() throws {
        var rng = SeededGenerator(seed: 1)
        for shift in 1..<64 as Range<UInt64> {
            for _ in 0..<20 {
                let value = rng.next() >> shift
                var encoded: [UInt8] = [9, 9]
                Varint.append(value, to: &encoded)
                encoded.append(0x55)
                var offset = 2
                #expect(try Varint.read(encoded, at: &offset) == value)
                #expect(offset == encoded.count - 1)
                #expect(Varint.byteCount(of: value) == offset - 2)
            }
        }
    }
}
