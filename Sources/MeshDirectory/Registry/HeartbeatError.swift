import MeshCore
import MeshMultiformats

/// Why a heartbeat or its answer is not valid.
public enum HeartbeatError: Error, Hashable, Sendable {
    /// The bytes are more than the limit.
    case tooLarge(byteCount: Int, limit: Int)
    /// The envelope is not one, or its signature, domain or type is wrong.
    case badEnvelope(SignedEnvelopeError)
    /// The payload or answer is not a protobuf of the schema.
    case malformed(ProtobufError)
    /// A singular field occurs twice.
    case repeatedField(Int)
    /// The status is none of the three.
    case badStatus(UInt64)
    /// A count is beyond the limit.
    case badCount(UInt64)
    /// The interval is beyond its limits.
    case badInterval(seconds: UInt64)
    /// The mesh record is not valid.
    case badRecord(MeshRecordError)
    /// The mesh record is of another peer than the one that signed the heartbeat.
    case recordOfAnotherPeer(PeerID)
    /// Another peer signed the heartbeat than the one that sent it.
    case notTheSender(PeerID)
    /// The registry refused.
    case refused(HeartbeatStatus, statusText: String, sequence: UInt64)
}

extension HeartbeatError: CustomStringConvertible {
    /// One sentence that says what is wrong with what; text of the registry is escaped.
    public var description: String {
        switch self {
        case .tooLarge(let byteCount, let limit): "heartbeat of \(byteCount) bytes exceeds \(limit)"
        case .badEnvelope(let error): "the heartbeat's envelope is not valid: \(error)"
        case .malformed(let error): "malformed heartbeat message: \(error)"
        case .repeatedField(let field): "field \(field) of the heartbeat occurs twice"
        case .badStatus(let status): "the heartbeat has the unknown status \(status)"
        case .badCount(let count):
            "the heartbeat counts \(count); at most \(HeartbeatLimits.count) are allowed"
        case .badInterval(let seconds):
            "the heartbeat's interval of \(seconds) s is outside \(HeartbeatLimits.minimumIntervalSeconds) to "
                + "\(HeartbeatLimits.maximumIntervalSeconds) s"
        case .badRecord(let error): error.description
        case .recordOfAnotherPeer(let peer): "the heartbeat carries the mesh record of another peer, \(peer)"
        case .notTheSender(let peer): "the heartbeat is signed by \(peer), not by its sender"
        case .refused(let status, let text, _):
            "the registry refused the heartbeat with \(status)\(text.isEmpty ? "" : ": " + DisplayText.safe(text))"
        }
    }
}
