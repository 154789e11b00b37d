import Foundation
import MeshCore

/// The vector files of the repository.
enum Vectors {
    /// Decodes `Specs/vectors/<path>`.
    static func load<Content: Decodable>(
        _ path: String, as type: Content.Type = Content.self
    ) throws -> Content {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let data = try Data(contentsOf: root.appending(path: "Specs/vectors/\(path)"))
        return try JSONDecoder().decode(Content.self, from: data)
    }
}

/// The bytes of hexadecimal digits, in which spaces are ignored.
func bytes(_ hex: String) throws -> [UInt8] {
    guard let bytes = Hex.decode(hex.filter { !$0.isWhitespace }) else { throw NotHex(text: hex) }
    return bytes
}

/// The 32 bytes of hexadecimal digits.
func bytes32(_ hex: String) throws -> Bytes32 {
    guard let value = Bytes32(try bytes(hex)) else { throw NotHex(text: hex) }
    return value
}

struct NotHex: Error {
    let text: String
}
