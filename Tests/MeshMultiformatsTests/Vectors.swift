import Foundation
import MeshCore

/// The vector files of the repository.
enum Vectors {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Specs/vectors")

    /// Decodes `Specs/vectors/<path>`.
    static func load<Content: Decodable>(
        _ path: String, as type: Content.Type = Content.self
    ) throws -> Content {
        let data = try Data(contentsOf: folder.appending(path: path))
        return try JSONDecoder().decode(Content.self, from: data)
    }

    /// The text of `Specs/vectors/<path>`.
    static func text(_ path: String) throws -> String {
        try String(contentsOf: folder.appending(path: path), encoding: .utf8)
    }
}

/// The bytes of hexadecimal digits, in which spaces are ignored.
func bytes(_ hex: String) throws -> [UInt8] {
    guard let bytes = Hex.decode(hex.filter { !$0.isWhitespace }) else { throw NotHex(text: hex) }
    return bytes
}

struct NotHex: Error {
    let text: String
}
