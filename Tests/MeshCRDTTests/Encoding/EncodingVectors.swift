import Foundation
import MeshCore
import Testing

@testable import MeshCRDT

/// What lib0 and node made of numbers, texts, values and JSON: `Specs/vectors/crdt/encoding/encoding.json`.
struct EncodingVectors: Decodable {
    struct Number: Decodable {
        let text: String
        let bytes: [UInt8]

        init(from decoder: any Decoder) throws {
            var list = try decoder.unkeyedContainer()
            text = try list.decode(String.self)
            bytes = try EncodingVectors.bytes(list.decode(String.self))
        }
    }

    struct Double: Decodable {
        let number: Swift.Double
        let any: [UInt8]
        let json: String
        let text: String

        init(from decoder: any Decoder) throws {
            var list = try decoder.unkeyedContainer()
            let bits = try #require(UInt64(try list.decode(String.self), radix: 16))
            number = Swift.Double(bitPattern: bits)
            any = try EncodingVectors.bytes(list.decode(String.self))
            json = try list.decode(String.self)
            text = try list.decode(String.self)
        }
    }

    struct Text: Decodable {
        let bytes: [UInt8]
        let utf16Count: Int

        init(from decoder: any Decoder) throws {
            var list = try decoder.unkeyedContainer()
            bytes = try EncodingVectors.bytes(list.decode(String.self))
            utf16Count = try list.decode(Int.self)
        }
    }

    struct Offsets: Decodable {
        struct Place: Decodable {
            let offset: Int
            let cutsPair: Bool

            init(from decoder: any Decoder) throws {
                var list = try decoder.unkeyedContainer()
                offset = try list.decode(Int.self)
                cutsPair = try list.decode(Bool.self)
            }
        }

        let bytes: [UInt8]
        let places: [Place]

        init(from decoder: any Decoder) throws {
            var list = try decoder.unkeyedContainer()
            bytes = try EncodingVectors.bytes(list.decode(String.self))
            places = try list.decode([Place].self)
        }
    }

    struct Value: Decodable {
        let any: [UInt8]
        let json: String?

        init(from decoder: any Decoder) throws {
            var list = try decoder.unkeyedContainer()
            any = try EncodingVectors.bytes(list.decode(String.self))
            json = try list.decodeIfPresent(String.self)
        }
    }

    struct Read: Decodable {
        let bytes: [UInt8]
        let canonical: [UInt8]?
        let byteCount: Int

        init(from decoder: any Decoder) throws {
            var list = try decoder.unkeyedContainer()
            bytes = try EncodingVectors.bytes(list.decode(String.self))
            canonical = try list.decodeIfPresent(String.self).map(EncodingVectors.bytes)
            byteCount = try list.decode(Int.self)
        }
    }

    struct Parsed: Decodable {
        let text: String
        let json: String?
        let any: [UInt8]?

        init(from decoder: any Decoder) throws {
            var list = try decoder.unkeyedContainer()
            text = try list.decode(String.self)
            json = try list.decodeIfPresent(String.self)
            any = try list.decodeIfPresent(String.self).map(EncodingVectors.bytes)
        }
    }

    let varUint: [Number]
    let varInt: [Number]
    let numbers: [Double]
    let utf8: [Text]
    let offsets: [Offsets]
    let values: [Value]
    let read: [Read]
    let parsed: [Parsed]

    static func load(thisFile: String = #filePath) throws -> EncodingVectors {
        let root = URL(filePath: thisFile).resolvingSymlinksInPath().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let data = try Data(contentsOf: root.appending(path: "Specs/vectors/crdt/encoding/encoding.json"))
        return try JSONDecoder().decode(EncodingVectors.self, from: data)
    }

    static func bytes(_ hex: String) throws -> [UInt8] {
        try #require(Hex.decode(hex))
    }
}
