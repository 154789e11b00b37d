import Testing

/// The texts and the files around the code.
@Suite struct HouseTests {
    @Test func `the commands of the README are in the Makefile`() {
        let targets = HouseTests.makeTargets(Repository.text("Makefile"))
        let named = HouseTests.makeCommands(Repository.text("README.md"))
        #expect(named.isSuperset(of: ["run", "test"]))
        #expect(named.subtracting(targets) == [])
        #expect(HouseTests.makeCommands("do `make stray`\n\n    make run\n") == ["stray", "run"])
        #expect(!targets.contains("stray"))
    }

    @Test func `continuous integration runs the README's test command`() {
        #expect(Repository.text(".ci/run").contains("make test"))
        #expect(Repository.text("README.md").contains("make test"))
    }

    @Test func `the files that the README and the architecture name exist`() {
        for text in ["README.md", "Specs/architecture.md"] {
            #expect(HouseTests.missing(in: Repository.text(text)) == [], "\(text)")
        }
        #expect(HouseTests.missing(in: "see `Specs/nowhere.md` and [x](LICENSE)") == ["Specs/nowhere.md"])
    }

    @Test func `what was copied says where it came from and under which licence`() {
        let vectors = Repository.folders(in: "Specs/vectors").map { "Specs/vectors/\($0)" }
        #expect(!vectors.isEmpty)
        for folder in vectors + ["Tests/InteropTests/peers"] {
            #expect(HouseTests.hasOrigin(Repository.text("\(folder)/README.md")), "\(folder)/README.md")
        }
        #expect(!HouseTests.hasOrigin(""))
        #expect(!HouseTests.hasOrigin("some files"))
    }

    @Test func `the licence is whole`() {
        let licence = Repository.text("LICENSE")
        #expect(licence.contains("Apache License"))
        #expect(licence.contains("END OF TERMS AND CONDITIONS"))
    }

    /// The targets that a Makefile defines.
    private static func makeTargets(_ text: String) -> Set<String> {
        Set(text.matches(of: /(?m)^([a-z][a-z-]*):/).map { String($0.1) })
    }

    /// What a text tells the reader to make: in code spans and in indented or fenced code.
    private static func makeCommands(_ text: String) -> Set<String> {
        Set(text.matches(of: /(?m)(?:`|^ {4}|^\$ |^)make ([a-z][a-z-]*)/).map { String($0.1) })
    }

    /// Paths in code spans or links of `text`, with a folder of the project in front, that do not exist.
    private static func missing(in text: String) -> [String] {
        let pattern = /[`(]((?:Sources|Tests|Specs|Bootstrap|Benchmarks|\.ci)\/[\w.\/-]*\w)\/?[`)]/
        return text.matches(of: pattern).map { String($0.1) }.filter { !Repository.exists($0) }
    }

    private static func hasOrigin(_ text: String) -> Bool {
        let words = text.lowercased()
        return ["origin", "from", "source", "own"].contains { words.contains($0) }
            && ["licen", "apache", "mit", "cc0", "public domain"].contains { words.contains($0) }
    }
}
