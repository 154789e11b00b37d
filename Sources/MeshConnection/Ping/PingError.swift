/// Why a ping failed.
public enum PingError: Error, Hashable, Sendable {
    /// The peer sent other bytes back.
    case wrongEcho
    /// The peer sent bytes although no ping was under way.
    case unexpectedBytes(count: Int)
    /// The peer ended the stream inside an answer or before it.
    case ended
}

extension PingError: CustomStringConvertible {
    /// What happened.
    public var description: String {
        switch self {
        case .wrongEcho: "the peer answered a ping with other bytes"
        case .unexpectedBytes(let count): "the peer sent \(count) bytes on the ping stream without a ping"
        case .ended: "the peer ended the ping stream before its answer"
        }
    }
}
