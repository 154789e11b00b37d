import MeshCore

/// Why a rendezvous message cannot be used.
public enum RendezvousError: Error, Hashable, Sendable {
    /// The bytes are not a protobuf of the schema.
    case malformed(ProtobufError)
    /// The message's type is none of the five.
    case unknownType(UInt64)
    /// An answer is of another kind than the request.
    case unexpectedMessage
    /// The point refused.
    case refused(RendezvousStatus, statusText: String)
}

extension RendezvousError: CustomStringConvertible {
    /// One sentence that says what happened; text of the point is escaped.
    public var description: String {
        switch self {
        case .malformed(let error): "malformed rendezvous message: \(error)"
        case .unknownType(let type): "rendezvous message of the unknown type \(type)"
        case .unexpectedMessage: "the rendezvous point answered with another kind of message"
        case .refused(let status, let text):
            "the rendezvous point refused with \(status)\(text.isEmpty ? "" : ": " + DisplayText.safe(text))"
        }
    }
}
