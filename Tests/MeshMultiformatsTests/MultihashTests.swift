import MeshCore
import MeshMultiformats
import Testing

struct MultihashTests {
    @Test func `a digest is framed by code and length`() throws {
        let hash = Multihash.sha256(of: [])
        let text = "1220e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        #expect(Hex.encode(hash.encoded) == text)
        #expect(try Multihash(bytes(text)) == hash)
    }

    @Test func `a code of several bytes is read`() throws {
        // blake2b-256 is 0xb220.
        let hash = Multihash(code: 0xb220, digest: [UInt8](repeating: 7, count: 32))
        #expect(Hex.encode(hash.encoded).hasPrefix("a0e40220"))
        #expect(try Multihash(hash.encoded) == hash)
    }

    @Test(arguments: [
        ("", MultihashError.badVarint(.truncated)), ("12", .badVarint(.truncated)),
        ("8000", .badVarint(.notMinimal)), ("1220aa", .wrongLength(announced: 32, present: 1)),
        ("1201aabb", .wrongLength(announced: 1, present: 2)),
        ("12ffffffffffffffff7f", .wrongLength(announced: .max >> 1, present: 0)),
    ])
    func `broken bytes are refused with the reason`(hex: String, error: MultihashError) throws {
        let broken = try bytes(hex)
        #expect(throws: error) { try Multihash(broken) }
    }

    @Test func `a digest has at most 128 bytes`() throws {
        let longest = Multihash(code: 0x13, digest: [UInt8](repeating: 1, count: 128))
        #expect(try Multihash(longest.encoded) == longest)
        let tooLong = Multihash(code: 0x13, digest: [UInt8](repeating: 1, count: 129))
        #expect(throws: MultihashError.digestTooLong(byteCount: 129, limit: 128)) {
            try Multihash(tooLong.encoded)
        }
    }
}
