import FoundationEssentials

/// The code blocks of a file in Specs.
enum SpecBlocks {
    /// The `sql` blocks of `name`, in order.
    static func sql(of name: String, thisFile: String = #filePath) throws -> [String] {
        let root = thisFile.split(separator: "/").dropLast(3).joined(separator: "/")
        let text = try String(contentsOfFile: "/\(root)/Specs/\(name)", encoding: .utf8)
        return text.split(separator: "```sql\n").dropFirst().compactMap { rest in
            rest.split(separator: "\n```").first.map(String.init)
        }
    }
}
