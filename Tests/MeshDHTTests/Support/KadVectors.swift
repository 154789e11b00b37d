import Foundation
import MeshCore
import MeshMultiformats

/// Messages that other implementations sent, from `Specs/vectors/kad`.
struct KadVectors: Decodable {
    struct Exchange: Decodable {
        var request: String
        var response: String?
    }

    var requests: [String: [String]]
    var responses: [String: Exchange]
    var ids: [String: String]

    /// `filePath` is that of the calling test, three levels below the root.
    static func load(_ name: String, filePath: String = #filePath) throws -> KadVectors {
        var root = URL(filePath: filePath)
        for _ in 0..<3 { root.deleteLastPathComponent() }
        let data = try Data(contentsOf: root.appending(path: "Specs/vectors/kad/\(name).json"))
        return try JSONDecoder().decode(KadVectors.self, from: data)
    }

    func request(_ operation: String, _ index: Int) throws -> [UInt8] {
        let all = requests[operation] ?? []
        guard index < all.count, let bytes = Hex.decode(all[index]) else {
            throw VectorError.missing(operation)
        }
        return bytes
    }

    func response(_ name: String) throws -> [UInt8] {
        guard let bytes = responses[name]?.response.flatMap({ Hex.decode($0) }) else {
            throw VectorError.missing(name)
        }
        return bytes
    }

    func id(_ name: String) throws -> PeerID { try PeerID(ids[name] ?? "") }
}

enum VectorError: Error {
    case missing(String)
}
