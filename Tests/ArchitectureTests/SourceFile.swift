import Foundation

/// One Swift file as the rules see it.
struct SourceFile: Sendable {
    /// The path from the repository's root, with `/`.
    let path: String
    /// The text as written.
    let text: String
    /// The text without the content of comments and string literals.
    let code: String

    init(path: String, text: String) {
        self.path = path
        self.text = text
        code = SwiftCode(text).text
    }

    /// The folder below Sources, which is the target; `MeshBenchmarks` lies below Benchmarks.
    var target: String {
        let parts = path.split(separator: "/")
        return parts.count > 2 ? String(parts[1]) : ""
    }

    var name: String { String(path.split(separator: "/").last ?? "") }

    /// Lines of the file, a last line without a newline included.
    var lineCount: Int {
        text.utf8.count(where: { $0 == UInt8(ascii: "\n") }) + (text.hasSuffix("\n") || text.isEmpty ? 0 : 1)
    }

    /// Generated from a schema, hence exempt from limits of shape.
    var isGenerated: Bool { name.hasSuffix(".pb.swift") }

    /// The number of the line that holds the UTF-16 offset `offset` of `code`.
    func line(at offset: Int) -> Int {
        let prefix = code.utf16.prefix(offset)
        return prefix.count(where: { $0 == 0x0A }) + 1
    }

    /// Where `pattern` occurs in the code.
    func matches(of pattern: String) throws -> [Match] {
        let expression = try NSRegularExpression(pattern: pattern, options: [.anchorsMatchLines])
        let whole = NSRange(code.startIndex..., in: code)
        return expression.matches(in: code, range: whole).map { result in
            let groups = (0..<result.numberOfRanges).map { group in
                Range(result.range(at: group), in: code).map { String(code[$0]) } ?? ""
            }
            return Match(groups: groups, offset: result.range.location, end: NSMaxRange(result.range))
        }
    }

    /// What `pattern` found: the whole match and its groups, and where in UTF-16 units of `code`.
    struct Match {
        let groups: [String]
        let offset: Int
        let end: Int
    }
}
