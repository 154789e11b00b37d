import Foundation
import Testing

@testable import MeshCRDT

/// Sessions of formatted texts as Yjs 13.6.31 logged them.
struct TextSessionTests {
    static let files: [String] = {
        let root = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        // More of them can be replayed than are kept.
        let path =
            ProcessInfo.processInfo.environment["MESH_TEXT_SESSIONS"]
            ?? root.appending(path: "Specs/vectors/crdt/text").path
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return names.filter { $0.hasSuffix(".jsonl") }.sorted().map { "\(path)/\($0)" }
    }()

    @Test func `there are sessions to replay`() {
        #expect(!Self.files.isEmpty)
    }

    @Test(arguments: files)
    func `every update and every delta is as in Yjs`(file: String) throws {
        let session = try TextSession(lines: String(contentsOfFile: file, encoding: .utf8))
        try session.run()
    }
}
