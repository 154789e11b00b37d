/// The size and the names of files and functions.
enum ShapeRules {
    /// Lines that a file may have: one concept a file.
    static let fileLines = 400
    /// Lines that a function may have, from its signature to its closing brace.
    static let functionLines = 50

    static let all: [Rule] = [
        Rule(
            name: "no file is longer than \(fileLines) lines",
            bad: [String(repeating: "// line\n", count: fileLines + 1)],
            good: [String(repeating: "// line\n", count: fileLines)],
            violations: { file in
                guard !file.isGenerated, file.lineCount > fileLines else { return [] }
                return [Violation(path: file.path, line: file.lineCount, text: "\(file.lineCount) lines")]
            }),
        Rule(
            name: "no function is longer than \(functionLines) lines",
            bad: ["func f() {\n" + String(repeating: "    g()\n", count: functionLines - 1) + "}\n"],
            good: [
                "func f() {\n" + String(repeating: "    g()\n", count: functionLines - 2) + "}\n",
                "protocol P {\n    func f()\n}\n" + String(repeating: "let x = 1\n", count: functionLines),
            ],
            violations: longFunctions),
        .never(
            "no type is a bag of things",
            // `UndoManager` is the name that every user of Yjs knows it by.
            #"\b(struct|class|enum|actor|protocol)\s+(?!UndoManager\b)\w*(Utils?|Utilities|Helpers?|Manager|Common)\b"#,
            bad: ["struct ByteUtils {}", "final class PeerManager {}", "enum Common {}"],
            good: ["struct CommonPrefix {}", "// class Manager", "final class UndoManager {}"]),
        Rule(
            name: "no file is a bag of things",
            bad: [], good: ["let x = 1"],
            violations: { file in
                let stem = String(file.name.dropLast(".swift".count))
                let words = ["Util", "Utils", "Utilities", "Helper", "Helpers", "Manager", "Common", "Misc"]
                guard stem != "UndoManager", words.contains(where: { stem.hasSuffix($0) }) else { return [] }
                return [Violation(path: file.path, line: 1, text: file.name)]
            }),
    ]

    /// Functions and initialisers whose text is too long, found by matching braces.
    @Sendable private static func longFunctions(in file: SourceFile) throws -> [Violation] {
        guard !file.isGenerated else { return [] }
        let units = Array(file.code.utf16)
        return try file.matches(of: #"^[ \t]*([\w@()]+[ \t]+)*(func[ \t]+[\w`<>=+\-*/&|^~]|init[?<(])"#)
            .compactMap { match in
                guard let body = bodyEnd(in: units, from: match.end - 1) else { return nil }
                let count = units[match.offset..<body].count(where: { $0 == 0x0A }) + 1
                guard count > functionLines else { return nil }
                return Violation(
                    path: file.path, line: file.line(at: match.offset), text: "a function of \(count) lines")
            }
    }

    /// The offset of the brace that closes the body of the declaration at `start`, or nil when it has no body.
    private static func bodyEnd(in units: [UInt16], from start: Int) -> Int? {
        var depth = 0
        var parentheses = 0
        for offset in start..<units.count {
            switch UnicodeScalar(units[offset]) {
            case "(", "[": parentheses += 1
            case ")", "]": parentheses -= 1
            case "{" where parentheses == 0: depth += 1
            case "}" where parentheses == 0:
                depth -= 1
                if depth == 0 { return offset }
                if depth < 0 { return nil }
            case "\n" where depth == 0 && parentheses == 0:
                if !continues(units, after: offset) { return nil }
            default: break
            }
        }
        return nil
    }

    /// Whether a signature goes on after the line break at `offset`: with its result, its constraints or its body.
    private static func continues(_ units: [UInt16], after offset: Int) -> Bool {
        let rest = String(decoding: units[offset...].prefix(200), as: UTF16.self)
        let next = rest.drop(while: \.isWhitespace)
        return ["->", "where", "{", "throws", "async", "rethrows"].contains { next.hasPrefix($0) }
    }
}
