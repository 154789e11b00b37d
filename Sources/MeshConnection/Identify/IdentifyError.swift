import MeshCore

/// Why received bytes are no identify message.
public enum IdentifyError: Error, Hashable, Sendable {
    /// The length prefix of a part is wrong or too large.
    case badLength(DelimitedError)
    /// A part is not a protobuf message of the schema.
    case malformed(ProtobufError)
    /// More parts than allowed.
    case tooManyParts(limit: Int)
    /// The stream ended without a message.
    case empty
    /// The stream ended inside a part, of which `byteCount` bytes had come.
    case truncated(byteCount: Int)
    /// The message names a public key that is not the one of the connection.
    case wrongPublicKey
}

extension IdentifyError: CustomStringConvertible {
    /// What is wrong with the message.
    public var description: String {
        switch self {
        case .badLength(let error): "the length of an identify message is wrong (\(error))"
        case .malformed(let error): "an identify message is malformed (\(error))"
        case .tooManyParts(let limit): "an identify message has more than \(limit) parts"
        case .empty: "the peer ended the identify stream without a message"
        case .truncated(let byteCount):
            "the peer ended the identify stream inside a message, after \(byteCount) bytes"
        case .wrongPublicKey: "the identify message names another public key than the connection's"
        }
    }
}
