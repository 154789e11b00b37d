import Foundation
import Testing

/// A folder of update files that goes away with the test.
final class DocFolder: Sendable {
    let path: String

    init() throws {
        path = CommandProcess.temporaryPath()
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Writes the bytes that base64 stands for.
    func write(_ name: String, _ base64: String) throws -> String {
        try write(name, data: try bytes(base64))
    }

    func write(_ name: String, text: String) throws -> String {
        try write(name, data: Data(text.utf8))
    }

    func write(_ name: String, data: Data) throws -> String {
        let file = path + "/" + name
        try data.write(to: URL(fileURLWithPath: file))
        return file
    }

    func read(_ name: String) throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: path + "/" + name))
    }

    func bytes(_ base64: String) throws -> Data {
        try #require(Data(base64Encoded: base64))
    }

    func hex(_ base64: String) throws -> String {
        try bytes(base64).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
