/// Why a text is not a swarm key file.
public enum PresharedKeyError: Error, Hashable, Sendable {
    /// The first line is not ``PresharedKey/header``.
    case badHeader
    /// The second line names no encoding of keys.
    case unknownEncoding
    /// The third line does not decode in the encoding that the second names.
    case badDigits
    /// The key has another length than 32 bytes.
    case badLength(byteCount: Int)
}

extension PresharedKeyError: CustomStringConvertible {
    /// What is wrong and what is expected.
    public var description: String {
        switch self {
        case .badHeader:
            "the swarm key does not start with the line \(PresharedKey.header)"
        case .unknownEncoding:
            "the second line of the swarm key must be /base16/, /base64/ or /bin/"
        case .badDigits:
            "the third line of the swarm key does not decode as its second line says"
        case .badLength(let byteCount):
            "the swarm key has \(byteCount) bytes; expected 32 (64 hexadecimal digits)"
        }
    }
}
