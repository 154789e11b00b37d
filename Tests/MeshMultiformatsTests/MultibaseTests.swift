import MeshCore
import MeshMultiformats
import Testing

struct MultibaseTests {
    /// multiformats/multibase tests/basic.csv and leading_zero.csv.
    @Test(arguments: [
        ("f796573206d616e692021", "yes mani !"), ("F796573206D616E692021", "yes mani !"),
        ("bpfsxgidnmfxgsibb", "yes mani !"), ("BPFSXGIDNMFXGSIBB", "yes mani !"),
        ("vf5in683dc5n6i811", "yes mani !"), ("VF5IN683DC5N6I811", "yes mani !"),
        ("k2lcpzo5yikidynfl", "yes mani !"), ("K2LCPZO5YIKIDYNFL", "yes mani !"),
        ("z7paNL19xttacUY", "yes mani !"), ("meWVzIG1hbmkgIQ", "yes mani !"),
        ("MeWVzIG1hbmkgIQ==", "yes mani !"), ("ueWVzIG1hbmkgIQ", "yes mani !"),
        ("UeWVzIG1hbmkgIQ==", "yes mani !"), ("f00796573206d616e692021", "\0yes mani !"),
        ("bab4wk4zanvqw42jaee", "\0yes mani !"), ("k02lcpzo5yikidynfl", "\0yes mani !"),
        ("z17paNL19xttacUY", "\0yes mani !"), ("mAHllcyBtYW5pICE", "\0yes mani !"),
        ("uAHllcyBtYW5pICE", "\0yes mani !"),
    ])
    func `text and bytes are those of the multibase table`(text: String, content: String) throws {
        let (base, bytes) = try Multibase.decode(text)
        #expect(bytes == Array(content.utf8))
        #expect(base.encode(bytes) == text)
    }

    @Test(arguments: Multibase.allCases)
    func `every base gives back what it was given`(base: Multibase) throws {
        var rng = SeededGenerator(seed: UInt64(base.rawValue))
        for count in 0..<70 {
            var bytes = [UInt8](repeating: 0, count: count % 5)
            bytes.appendRandom(count, using: &rng)
            let decoded = try Multibase.decode(base.encode(bytes))
            #expect(decoded.base == base)
            #expect(decoded.bytes == bytes, "\(count) bytes")
        }
    }

    @Test func `text of the other case is read in the bases without case`() throws {
        #expect(try Multibase.decode("f4F").bytes == [0x4f])
        #expect(try Multibase.decode("bMFXGI").bytes == Multibase.decode("bmfxgi").bytes)
        #expect(try Multibase.decode("kABC").bytes == Multibase.decode("kabc").bytes)
    }

    @Test(arguments: [
        ("", MultibaseError.empty), ("?abc", .unknownBase(0x3f)), ("1abc", .unknownBase(0x31)),
        ("fab0g", .invalidDigit(0x67, offset: 4)), ("z0", .invalidDigit(0x30, offset: 1)),
        ("zl", .invalidDigit(0x6c, offset: 1)), ("k-", .invalidDigit(0x2d, offset: 1)),
        ("fabc", .notCanonical), ("ba", .notCanonical), ("bmb", .notCanonical), ("mA", .notCanonical),
        ("mAB", .notCanonical), ("uA+==", .invalidDigit(0x2b, offset: 2)), ("MAA", .notCanonical),
        ("MA===", .invalidDigit(0x3d, offset: 2)), ("mAA==", .invalidDigit(0x3d, offset: 3)),
        ("b\u{e9}", .invalidDigit(0xc3, offset: 1)),
    ])
    func `wrong text is refused with the reason and the place`(text: String, error: MultibaseError) {
        #expect(throws: error) { try Multibase.decode(text) }
    }

    @Test func `text beyond the limit is refused before it costs anything`() {
        let long = "z" + String(repeating: "z", count: 4096)
        #expect(throws: MultibaseError.textTooLong(byteCount: 4097, limit: 4096)) {
            try Multibase.decode(long)
        }
        #expect(throws: MultibaseError.textTooLong(byteCount: 11, limit: 10)) {
            try Base58.decode("11111111111", limit: 10)
        }
        #expect(throws: Never.self) { try Base58.decode("1111111111", limit: 10) }
    }

    /// RFC 4648, section 10.
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ])
    func `base 64 is that of RFC 4648`(content: String, text: String) throws {
        #expect(Base64.encode(Array(content.utf8)) == text)
        #expect(try Base64.decode(text) == Array(content.utf8))
        let bare = text.filter { $0 != "=" }
        #expect(Base64.encode(Array(content.utf8), alphabet: .url, padding: false) == bare)
        #expect(try Base64.decode(bare, padding: false) == Array(content.utf8))
    }

    @Test func `the two alphabets of base 64 differ in two digits`() throws {
        #expect(Base64.encode([0xfb, 0xff]) == "+/8=")
        #expect(Base64.encode([0xfb, 0xff], alphabet: .url) == "-_8=")
        #expect(throws: MultibaseError.invalidDigit(0x2d, offset: 0)) { try Base64.decode("-_8=") }
        #expect(throws: MultibaseError.notCanonical) { try Base64.decode("Zg=") }
        #expect(throws: MultibaseError.notCanonical) { try Base64.decode("Zh==") }
    }
}
