/// Imports go downward, and only where they are due.
enum ImportRules {
    static let all: [Rule] = [
        Rule(
            name: "a target imports only what its layer may",
            bad: [
                "import NIOCore", "import Foundation", "import Dispatch", "import Glibc", "import GRDB",
                "import MeshTransport", "import MeshConnection", "import MeshDirectory", "import MeshCRDT",
                "import MeshReachability", "public import Foundation", "@_exported import Foundation",
                "import struct Foundation.Date", "#if canImport(Glibc)\nimport Glibc\n#endif",
            ],
            good: [
                "import MeshCore", "import MeshMultiformats", "@testable import MeshCrypto",
                "// import NIOCore",
            ],
            violations: { file in
                let allowed = Layering.imports[file.target] ?? []
                return try file.matches(of: pattern).compactMap { match in
                    let module = match.groups[1]
                    guard module != "Swift", !allowed.contains(module) else { return nil }
                    return Violation(
                        path: file.path, line: file.line(at: match.offset),
                        text: "\(file.target) imports \(module)")
                }
            }),
        .never(
            "nothing is re-exported", #"@_exported\b"#, bad: ["@_exported import MeshCore"],
            good: ["import MeshCore"]),
    ]

    /// An import declaration; group 1 is the module.
    private static let pattern =
        #"^[ \t]*(?:@\w+[ \t]+|public[ \t]+|internal[ \t]+|package[ \t]+|private[ \t]+|fileprivate[ \t]+)*import[ \t]+"#
        + #"(?:(?:struct|class|enum|protocol|func|var|let|typealias)[ \t]+)?(\w+)"#
}
