import MeshCore
import MeshMultiformats

/// The text forms of keys on the command line.
enum KeyText {
    /// The longest key, in bytes.
    static let maximumByteCount = 256

    /// `hex:…`, `base64:…`, `/pk/PEERID`, or the text's UTF-8 bytes.
    static func valueKey(_ text: String) throws -> [UInt8] {
        let bytes: [UInt8]
        if let digits = text.dropPrefix("hex:") {
            guard let decoded = Hex.decode(digits) else {
                throw MeshFailure(.badArgument, "the key \(text) is not an even number of hexadecimal digits")
            }
            bytes = decoded
        } else if let encoded = text.dropPrefix("base64:") {
            guard let decoded = try? Base64.decode(String(encoded)) else {
                throw MeshFailure(.badArgument, "the key \(text) is not base64")
            }
            bytes = decoded
        } else if let id = text.dropPrefix("/pk/") {
            guard let peer = try? PeerID(String(id)) else {
                throw MeshFailure(.badArgument, "\(id) in the key \(text) is not a peer id")
            }
            bytes = Array("/pk/".utf8) + peer.multihash
        } else {
            bytes = Array(text.utf8)
        }
        guard !bytes.isEmpty, bytes.count <= maximumByteCount else {
            throw MeshFailure(
                .badArgument, "a key has 1 to \(maximumByteCount) bytes, this one has \(bytes.count)")
        }
        return bytes
    }

    /// The multihash of a CID or a multihash in text form, else the sha2-256 multihash of the key's bytes.
    static func providerKey(_ text: String) throws -> [UInt8] {
        if let cid = try? CID(text) { return cid.multihash.encoded }
        let bytes = try valueKey(text)
        if text.hasPrefix("hex:") || text.hasPrefix("base64:"),
            let multihash = try? Multihash(bytes: bytes.span.bytes), multihash.digest.count <= 64
        {
            return multihash.encoded
        }
        return Multihash.sha256(of: bytes).encoded
    }
}

extension String {
    /// What follows `prefix`, or nil when the text begins otherwise.
    func dropPrefix(_ prefix: String) -> Substring? {
        hasPrefix(prefix) ? dropFirst(prefix.count) : nil
    }
}
