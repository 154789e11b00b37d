import ArgumentParser
import MeshCRDT

extension UpdateFormat: ExpressibleByArgument {
    /// Reads `v1` or `v2`.
    public init?(argument: String) {
        switch argument {
        case "v1", "1": self = .v1
        case "v2", "2": self = .v2
        default: return nil
        }
    }

    /// What the help lists.
    public static var allValueStrings: [String] { ["v1", "v2"] }

    /// The name as the command prints it.
    var name: String { "v\(rawValue)" }
}

/// How the files of a `doc` command are read.
struct DocInputOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Read every file in this format instead of finding it out: v1 or v2.", valueName: "format"))
    var format: UpdateFormat?
}

/// Roots with the kinds that a person gives them: `text:Text,array:Array`.
struct DocRootList: ExpressibleByArgument {
    let roots: [(name: String, kind: DocRootKind)]

    init?(argument: String) {
        var roots: [(name: String, kind: DocRootKind)] = []
        for part in argument.split(separator: ",") {
            // A name may hold colons, a kind may not.
            guard let colon = part.lastIndex(of: ":"),
                let kind = DocRootKind(rawValue: String(part[part.index(after: colon)...]))
            else { return nil }
            roots.append((String(part[..<colon]), kind))
        }
        guard !roots.isEmpty else { return nil }
        self.roots = roots
    }
}

/// The kinds of roots by their names in Yjs.
enum DocRootKind: String, CaseIterable, Sendable {
    case text = "Text"
    case array = "Array"
    case map = "Map"
    case xmlFragment = "XmlFragment"
    case xmlElement = "XmlElement"
    case xmlText = "XmlText"
}
