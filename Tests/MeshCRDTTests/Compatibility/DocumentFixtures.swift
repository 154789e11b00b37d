import Foundation

/// The files of `Specs/vectors/crdt`.
enum DocumentFixtures {
    static let folder: URL = URL(filePath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Specs/vectors/crdt")

    /// The value of one JSON file.
    static func json(_ name: String) throws -> OrderedJSON {
        try OrderedJSON(parsing: Array(Data(contentsOf: folder.appending(path: name))))
    }

    /// The values of a file of JSON lines, unpacked.
    static func lines(_ name: String) throws -> [OrderedJSON] {
        try unpacked(folder.appending(path: name)).split(separator: UInt8(ascii: "\n")).map {
            try OrderedJSON(parsing: Array($0))
        }
    }

    /// The names of the recorded sessions, in order.
    static let sessionNames: [String] = {
        let names = try? FileManager.default.contentsOfDirectory(
            atPath: folder.appending(path: "sessions").path)
        return (names ?? []).filter { $0.hasSuffix(".jsonl.gz") }.map { String($0.dropLast(9)) }.sorted()
    }()

    /// The content of a gzip file; the system's `gzip` unpacks it.
    private static func unpacked(_ file: URL) throws -> [UInt8] {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/gzip")
        process.arguments = ["-dc", file.path]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let content = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw BrokenFixture(name: file.lastPathComponent) }
        return Array(content)
    }
}

/// A fixture that cannot be read.
struct BrokenFixture: Error, CustomStringConvertible {
    let name: String

    var description: String { "the fixture \(name) cannot be read" }
}

extension OrderedJSON {
    /// The bytes of a base64 text.
    func base64() throws -> [UInt8] {
        guard let data = string.flatMap({ Data(base64Encoded: $0) }) else {
            throw BrokenFixture(name: description)
        }
        return Array(data)
    }
}
