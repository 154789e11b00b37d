import MeshCore
import Testing

@testable import MeshMultiformats

struct IPTextTests {
    /// RFC 5952, sections 4 and 5, and RFC 4291, section 2.2.
    @Test(arguments: [
        ("2001:0db8:0000:0000:0001:0000:0000:0001", "2001:db8::1:0:0:1"),
        ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"), ("2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
        ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"), ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
        ("2001:DB8::ABCD", "2001:db8::abcd"), ("0:0:0:0:0:0:0:0", "::"), ("::", "::"), ("::1", "::1"),
        ("1::", "1::"), ("fe80::1", "fe80::1"), ("::ffff:192.0.2.1", "::ffff:192.0.2.1"),
        ("::ffff:c000:201", "::ffff:192.0.2.1"), ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"),
        ("::192.0.2.1", "::c000:201"), ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
        ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"),
        ("1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"), ("ff02::fb", "ff02::fb"),
    ])
    func `an IPv6 address has one text`(text: String, canonical: String) throws {
        let packed = try #require(IPText.parseIP6(Array(text.utf8)[...]))
        #expect(IPText.ip6(packed) == canonical)
    }

    @Test(arguments: [
        "", ":", ":::", "1", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", "::1::", "12345::", "g::",
        ":1::",
        "1:", "1:2:3:4:5:6:7:", "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8", "1.2.3.4", "::1.2.3", "::1.2.3.4:5",
        "1:2:3:4:5:6:7:1.2.3.4", "fe80::1%eth0", " ::1", "::1 ", "::01.2.3.4", "::-1", "1:::2",
        "0000:0000:0000:0000:0000:0000:0000:0000:00000000",
    ])
    func `text that is no IPv6 address is refused`(text: String) {
        #expect(IPText.parseIP6(Array(text.utf8)[...]) == nil)
    }

    @Test(arguments: 0..<4 as Range<UInt64>)
    func `every address comes back from its text`(seed: UInt64) {
        var rng = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            var packed: [UInt8] = []
            packed.appendRandom(16, using: &rng)
            // Many zero groups, as real addresses have.
            for group in 0..<8 where Bool.random(using: &rng) {
                packed[2 * group] = 0
                packed[2 * group + 1] = Bool.random(using: &rng) ? 0 : packed[2 * group + 1]
            }
            let text = IPText.ip6(packed)
            #expect(IPText.parseIP6(Array(text.utf8)[...]) == packed, "\(text), seed \(seed)")
            #expect(!text.contains(":::"))
        }
    }
}
