/// What Package.swift declares, read as text.
struct Manifest {
    /// One target: its kind as spelt in the manifest, its name, what it depends on by name, and its whole text.
    struct Target {
        let kind: String
        let name: String
        let dependencies: [String]
        let text: String
    }

    let targets: [Target]

    init(_ text: String) throws {
        let file = SourceFile(path: "Package.swift", text: text)
        let units = Array(text.utf16)
        targets = try file.matches(
            of: #"\.(target|executableTarget|testTarget|systemLibrary|plugin|macro)\("#
        ).compactMap { match in
            let length = file.parenthesized(from: match.end - 1).utf16.count
            let body = String(decoding: units[(match.end - 1)..<(match.end - 1 + length)], as: UTF16.self)
            guard let name = body.firstMatch(of: /name:\s*"(\w+)"/) else { return nil }
            return Target(
                kind: match.groups[1], name: String(name.1), dependencies: Manifest.ownDependencies(in: body),
                text: body)
        }
    }

    /// The names in the dependency list of a target that are targets too: products of other packages are left out.
    private static func ownDependencies(in body: String) -> [String] {
        guard let list = body.firstMatch(of: /dependencies:\s*\[([^\]]*)\]/) else { return [] }
        let own = list.1.replacing(/\.product\([^)]*\)/, with: "")
        return own.matches(of: /"(\w+)"/).map { String($0.1) }
    }
}
