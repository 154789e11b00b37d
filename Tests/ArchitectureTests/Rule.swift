import Testing

/// Something that every file of the product keeps.
///
/// A rule carries texts that break it and texts that keep it, so that a rule that finds nothing is itself tested.
struct Rule: Sendable, CustomTestStringConvertible {
    let name: String
    /// Texts that must be found, as the content of a file of a pure target.
    let bad: [String]
    /// Texts that must pass.
    let good: [String]
    /// What breaks the rule, with the line.
    let violations: @Sendable (SourceFile) throws -> [Violation]

    var testDescription: String { name }
}

/// One place that breaks a rule.
struct Violation: Hashable, Sendable, CustomStringConvertible {
    let path: String
    let line: Int
    let text: String

    var description: String { "\(path):\(line): \(text)" }
}

extension Rule {
    /// A rule that the code of `scope` never matches `pattern`.
    static func never(
        _ name: String, _ pattern: String, in scope: @escaping @Sendable (SourceFile) -> Bool = { _ in true },
        bad: [String], good: [String] = []
    ) -> Rule {
        Rule(name: name, bad: bad, good: good) { file in
            guard scope(file) else { return [] }
            return try file.matches(of: pattern).map { match in
                Violation(path: file.path, line: file.line(at: match.offset), text: match.groups[0])
            }
        }
    }

    /// Whether a file belongs to a target below the I/O line.
    static let isPure: @Sendable (SourceFile) -> Bool = { Layering.pure.contains($0.target) }
}
