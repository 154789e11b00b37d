import Foundation

/// The checkout that these tests were compiled from.
enum Repository {
    static let root: URL = URL(filePath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Every Swift file of the product: Sources and the benchmark library.
    static let sources: [SourceFile] = swiftFiles(below: "Sources") + swiftFiles(below: "Benchmarks")

    /// Every Swift file of the tests.
    static let tests: [SourceFile] = swiftFiles(below: "Tests")

    /// The content of the file at `path` below the root, or an empty text when there is none.
    static func text(_ path: String) -> String {
        (try? String(contentsOf: root.appending(path: path), encoding: .utf8)) ?? ""
    }

    static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: root.appending(path: path).path)
    }

    /// The names of the folders directly in the folder `path`, sorted.
    static func folders(in path: String) -> [String] {
        let folder = root.appending(path: path)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter { name in
            var isFolder: ObjCBool = false
            let exists = FileManager.default.fileExists(
                atPath: folder.appending(path: name).path, isDirectory: &isFolder)
            return exists && isFolder.boolValue
        }.sorted()
    }

    /// The Swift files in the folder `path` and below, sorted by path.
    private static func swiftFiles(below path: String) -> [SourceFile] {
        let folder = root.appending(path: path)
        let found = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
        return found.filter { $0.hasSuffix(".swift") }.sorted().map { name in
            SourceFile(path: path + "/" + name, text: text(path + "/" + name))
        }
    }
}
