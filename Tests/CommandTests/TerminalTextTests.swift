import Testing

@testable import meshp2p

@Suite struct TerminalTextTests {
    @Test(arguments: [
        ("\u{1b}[2J\u{1b}[31mred", #"\u{1B}[2J\u{1B}[31mred"#),
        ("a\r\nb\tc\u{7f}\u{0}", #"a\u{D}\u{A}b\u{9}c\u{7F}\u{0}"#),
        ("\u{202e}gpj.exe\u{202c}", #"\u{202E}gpj.exe\u{202C}"#),
        ("\u{9b}31m", #"\u{9B}31m"#),
        ("a\u{200b}\u{feff}\u{2066}b", #"a\u{200B}\u{FEFF}\u{2066}b"#),
        ("a\u{a0}b\u{2028}c", #"a\u{A0}b\u{2028}c"#),
        ("\u{e000}\u{f0000}", #"\u{E000}\u{F0000}"#),
    ])
    func `what could move the cursor or the words is written out`(text: String, shown: String) {
        #expect(TerminalText.escaped(text) == shown)
    }

    @Test(arguments: ["harbour", "Hafen Köln", "港", "naïve café", "e\u{301}", "ميناء", "🚢 ok"])
    func `ordinary names stay as they are`(text: String) {
        #expect(TerminalText.escaped(text) == text)
    }

    @Test func `marks do not climb over other lines`() {
        let tower = "a" + String(repeating: "\u{301}", count: 50)
        let shown = TerminalText.escaped(tower)
        #expect(shown.unicodeScalars.filter { $0 == "\u{301}" }.count == 2)
    }

    @Test func `long text ends at the limit`() {
        #expect(TerminalText.escaped(String(repeating: "x", count: 10), limit: 10) == "xxxxxxxxxx")
        #expect(TerminalText.escaped(String(repeating: "x", count: 11), limit: 10) == "xxxxxxxxxx…")
        #expect(
            TerminalText.escaped(String(repeating: "\u{1b}", count: 1_000_000), limit: 13)
                == #"\u{1B}\u{1B}…"#)
    }

    @Test func `a quoted name cannot end its own quotation`() {
        #expect(TerminalText.quoted("a\" did:key:fake \"b") == #""a\" did:key:fake \"b""#)
    }

    @Test func `ids are cut in the middle and short ones stay`() {
        #expect(Shortened.id("12D3KooWGCVGN4rY8hGBCXV5oB6eTQ8MUJ4mm2WgsqZmcLMjBXYf") == "12D3KooWG…BXYf")
        #expect(
            Shortened.id("did:key:z6MkpTHR8VNsBxYAAWHut2Geadd9jSwuBV8xRoAnwWsdvktH") == "did:key:z6Mkp…vktH")
        #expect(Shortened.id("short") == "short")
        #expect(Shortened.id("") == "")
    }

    @Test(arguments: [9, 20, 44, 200])
    func `addresses fit their column`(width: Int) {
        let long = "/ip6/2001:db8:1234:5678:9abc:def0:1234:5678/tcp/4101/p2p/12D3"
        #expect(Shortened.address(long, peer: "12D3", width: width).count <= max(width, 9))
        #expect(!Shortened.address(long, peer: "12D3", width: 200).contains("p2p"))
    }
}
