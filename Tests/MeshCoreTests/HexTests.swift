import MeshCore
import Testing

struct HexTests {
    @Test func `bytes and digits are those of RFC 4648`() {
        let all = Array(0...255 as ClosedRange<UInt8>)
        #expect(Hex.encode([0x00, 0x0f, 0xa0, 0xff]) == "000fa0ff")
        #expect(Hex.decode(Hex.encode(all)) == all)
        #expect(Hex.decode(Hex.encode(all).uppercased()) == all)
        #expect(Hex.encode([UInt8]()) == "")
        #expect(Hex.decode("") == [])
    }

    @Test(arguments: [
        "0", "abc", "0g", "g0", " 0", "0 ", "-1", "+1", "\u{0660}0", "0x00", "/0", ":0", "@0", "`0",
    ])
    func `other text is refused`(text: String) {
        #expect(Hex.decode(text) == nil)
    }
}
