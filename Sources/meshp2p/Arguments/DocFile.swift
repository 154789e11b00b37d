import MeshAPI
import MeshCRDT
import MeshCore
import MeshNode

/// One update out of a file.
struct DocUpdate: Sendable {
    var bytes: [UInt8]
    var format: UpdateFormat
}

/// A file of updates, with what was found out about it.
struct DocFile: Sendable {
    /// How a file holds its bytes.
    enum Packing: String, Sendable {
        case binary, hex, base64, jsonLines
    }

    let path: String
    let packing: Packing
    let byteCount: Int
    let updates: [DocUpdate]

    /// Bytes of one file at most: base64 of the largest update, and JSON around it.
    static let maximumByteCount = 512 << 20

    /// Reads the file; without `format` each update's own is found out.
    init(_ path: String, format: UpdateFormat?) throws(MeshFailure) {
        let content = try FileBytes.read(path, limit: Self.maximumByteCount)
        self.path = path
        byteCount = content.count
        if Self.isJSONLines(path, content) {
            packing = .jsonLines
            updates = try Self.lines(content, path, format)
        } else if let (bytes, packing) = Self.unpackedText(content) {
            self.packing = packing
            updates = [DocUpdate(bytes: bytes, format: format ?? Self.format(of: bytes))]
        } else {
            packing = .binary
            updates = [DocUpdate(bytes: content, format: format ?? Self.format(of: content))]
        }
    }

    /// The bytes that a text of hexadecimal digits or base64 stands for; nil when it is neither.
    static func unpackedText(_ content: [UInt8]) -> ([UInt8], Packing)? {
        let text = content.filter { ![0x20, 0x0a, 0x0d, 0x09].contains($0) }
        guard !text.isEmpty, text.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else { return nil }
        let string = String(decoding: text, as: UTF8.self)
        if let bytes = Hex.decode(string) { return (bytes, .hex) }
        return Base64Text.decode(string).map { ($0, .base64) }
    }

    /// Which format an update is in.
    ///
    /// The second one starts with a zero, the first one only when it has no structs: then what parses counts.
    static func format(of bytes: [UInt8]) -> UpdateFormat {
        guard bytes.first == 0 else { return .v1 }
        if (try? Updates.decode(bytes, format: .v2)) != nil { return .v2 }
        return (try? Updates.decode(bytes, format: .v1)) != nil ? .v1 : .v2
    }

    private static func isJSONLines(_ path: String, _ content: [UInt8]) -> Bool {
        path.hasSuffix(".jsonl") || content.first == UInt8(ascii: "{")
    }

    private struct Line: Decodable {
        var update: String
        var v: Int?

        /// What follows the update in lines as ``DocFile/jsonLines(_:_:)`` writes them, with the format it names.
        static let endings: [([UInt8], Int?)] = [
            (Array(#"","v":1}"#.utf8), 1), (Array(#"","v":2}"#.utf8), 2), (Array(#""}"#.utf8), nil),
        ]

        /// Reads one line; a long log is nearly all lines that need no JSON parser.
        init?(_ line: ArraySlice<UInt8>) {
            let start = Array(#"{"update":""#.utf8)
            let rest = line.dropFirst(start.count)
            if line.starts(with: start), let end = rest.firstIndex(of: UInt8(ascii: "\"")),
                let ending = Self.endings.first(where: { rest[end...].elementsEqual($0.0) })
            {
                update = String(decoding: rest[..<end], as: UTF8.self)
                v = ending.1
            } else if let decoded = try? JSONText.decode(Line.self, from: Array(line)) {
                self = decoded
            } else {
                return nil
            }
        }
    }

    private static func lines(
        _ content: [UInt8], _ path: String, _ format: UpdateFormat?
    ) throws(MeshFailure) -> [DocUpdate] {
        var updates: [DocUpdate] = []
        for (index, line) in content.split(separator: 0x0a, omittingEmptySubsequences: false).enumerated()
        where line.contains(where: { $0 > 0x20 }) {
            guard let decoded = Line(line), let bytes = Base64Text.decode(decoded.update) else {
                throw MeshFailure(
                    .malformed, "line \(index + 1) of \(FileBytes.name(path)) holds no update",
                    next: #"a line reads {"update":"BASE64","v":1}"#)
            }
            let named = decoded.v.flatMap { UInt8(exactly: $0) }.flatMap(UpdateFormat.init(rawValue:))
            updates.append(DocUpdate(bytes: bytes, format: format ?? named ?? Self.format(of: bytes)))
        }
        return updates
    }

    /// The text of a log of `updates`, a line each.
    static func jsonLines(_ updates: [[UInt8]], _ format: UpdateFormat) -> [UInt8] {
        var text: [UInt8] = []
        for update in updates {
            text += #"{"update":"\#(Base64Text.encode(update))","v":\#(format.rawValue)}"#.utf8
            text.append(0x0a)
        }
        return text
    }
}

extension DocFile {
    /// What a person is told when the file's update number `index` is not one.
    func failure(_ error: UpdateError, update index: Int) -> MeshFailure {
        let update = updates[index]
        let which = updates.count > 1 ? "update \(index + 1) of " : ""
        let place = which + FileBytes.name(path)
        if case .limitExceeded = error {
            return MeshFailure(
                .limit, "\(place) is refused: \(error)",
                next: "it was not applied; ask whoever made it for a smaller one")
        }
        let other: UpdateFormat = update.format == .v1 ? .v2 : .v1
        return MeshFailure(
            .malformed, "\(place) is no \(update.format.name) update: \(error)",
            next: "it may be cut off or of another kind; --format \(other.name) reads it in the other format")
    }
}
