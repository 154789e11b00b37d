/// What is exchanged on a heartbeat stream, each behind a varint length.
public enum HeartbeatMessage: Hashable, Sendable {
    /// A heartbeat's envelope, to a registry.
    case heartbeat([UInt8])
    /// A registry's answer.
    case response(HeartbeatResponse)

    /// The bytes behind the length prefix.
    public var encoded: [UInt8] {
        switch self {
        case .heartbeat(let envelope): envelope
        case .response(let response): response.encoded
        }
    }
}
