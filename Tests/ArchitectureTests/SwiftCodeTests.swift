import Testing

/// The scanner under the rules.
@Suite struct SwiftCodeTests {
    @Test(arguments: [
        ("let a = 1 // try!", "let a = 1        "),
        ("/* a /* b */ c */ x", "                  x"),
        ("let s = \"try!\" + t", "let s = \"    \" + t"),
        ("let s = \"a\\\"b!\" + t", "let s = \"     \" + t"),
        ("let s = \"n \\(x!) m\"", "let s = \"  \\(x!)  \""),
        ("let s = \"\\(f(\"a!\"))\"", "let s = \"\\(f(\"  \"))\""),
        ("let s = #\"a\"b\\(c!)\"# + t", "let s = #\"        \"# + t"),
        ("let s = #\"\\#(c!)\"#", "let s = #\"\\#(c!)\"#"),
        ("let s = \"\"\"\n  a \"b\" !\n  \"\"\" + t", "let s = \"\"\"\n         \n  \"\"\" + t"),
        ("a\n// b\nc", "a\n    \nc"),
        ("let u = \"http://x\" + y!", "let u = \"        \" + y!"),
    ])
    func `comments and literals are blanked and code is kept`(_ source: String, _ expected: String) {
        #expect(SwiftCode(source).text == expected)
    }

    @Test func `lines keep their numbers`() throws {
        let file = SourceFile(path: "Sources/MeshDHT/A.swift", text: "/*\n\n*/\nlet x = \"\n\nlet y = z!\n")
        let match = try #require(try file.matches(of: "z!").first)
        #expect(file.line(at: match.offset) == 6)
        #expect(file.lineCount == 6)
    }
}
