import MeshCore
import MeshMultiformats

/// The secret that all members of a private network share.
///
/// Source: libp2p/specs pnet/Private-Networks-PSK-V1.md. Never print it; its description shows nothing of it.
public struct PresharedKey: Sendable {
    /// The first line of a swarm key file.
    public static let header = "/key/swarm/psk/1.0.0/"
    /// The length of the key in bytes.
    public static let byteCount = 32

    let key: Bytes32

    /// Creates the key of 32 bytes.
    public init(_ key: Bytes32) {
        self.key = key
    }

    /// Creates a key from the next 32 bytes of `rng`.
    public init(using rng: inout some RandomNumberGenerator) {
        key = .random(using: &rng)
    }

    /// Reads a swarm key file: the header, the encoding and the key, one a line.
    public init(file: [UInt8]) throws(PresharedKeyError) {
        var rest = file[...]
        guard Self.takeLine(&rest) == Self.header else { throw .badHeader }
        let bytes: [UInt8]?
        switch Self.takeLine(&rest) {
        case "/bin/": bytes = Array(rest)
        case "/base16/": bytes = Self.takeLine(&rest).flatMap { Hex.decode($0) }
        case "/base64/": bytes = Self.takeLine(&rest).flatMap { try? Base64.decode($0) }
        default: throw .unknownEncoding
        }
        guard let bytes else { throw .badDigits }
        guard let key = Bytes32(bytes) else { throw .badLength(byteCount: bytes.count) }
        self.key = key
    }

    /// The swarm key file of this key, in base 16.
    public var file: String { "\(Self.header)\n/base16/\n\(Hex.encode(key.bytes))\n" }

    /// Removes the first line, without its line feed and carriage return.
    private static func takeLine(_ rest: inout ArraySlice<UInt8>) -> String? {
        let end = rest.firstIndex(of: 0x0a) ?? rest.endIndex
        var line = rest[rest.startIndex..<end]
        if line.last == 0x0d { line.removeLast() }
        rest = rest[min(end + 1, rest.endIndex)...]
        return String(validating: line, as: UTF8.self)
    }
}

extension PresharedKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Shows that there is a key, and nothing of it.
    public var description: String { "PresharedKey(32 secret bytes)" }

    /// The same as the description.
    public var debugDescription: String { description }

    /// Shows no content.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
