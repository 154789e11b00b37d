/// One message of a connection that carries a document: the envelope of y-websocket.
///
/// | number | message | content |
/// |---|---|---|
/// | 0 | sync | a ``SyncMessage`` |
/// | 1 | awareness | an awareness update with its byte count in front |
/// | 2 | auth | 0 and the reason of a refusal, a text |
/// | 3 | query awareness | nothing: asks for the states of all clients |
///
/// Source: y-websocket 3.0.0 `messageHandlers`, y-protocols 1.0.7 `auth`.
public enum ProtocolMessage: Hashable, Sendable {
    /// A message of the sync protocol.
    case sync(SyncMessage)
    /// What clients announce about themselves, see ``AwarenessUpdate``.
    case awareness([UInt8])
    /// The peer may not do what it tried.
    case permissionDenied(reason: String)
    /// Asks for what is known of all clients.
    case queryAwareness

    /// The number that stands for the message on the wire.
    private enum Kind {
        static let sync: UInt64 = 0
        static let awareness: UInt64 = 1
        static let auth: UInt64 = 2
        static let queryAwareness: UInt64 = 3
        /// The first number inside auth; y-protocols: `messagePermissionDenied`.
        static let permissionDenied: UInt64 = 0
    }

    /// Reads one message.
    init(from reader: inout ByteReader, limits: ProtocolLimits) throws(UpdateError) {
        let start = reader.offset
        switch try reader.varUint() {
        case Kind.sync: self = .sync(try SyncMessage(from: &reader, limits: limits))
        case Kind.awareness: self = .awareness(reader.copy(try reader.varBytes()))
        case Kind.auth:
            guard try reader.varUint() == Kind.permissionDenied else {
                throw .malformed(.message, offset: start)
            }
            let (range, _) = try reader.varString()
            try limits.check(.messageByteCount, range.count, limit: limits.reasonByteCount, offset: start)
            self = .permissionDenied(reason: reader.string(range))
        case Kind.queryAwareness: self = .queryAwareness
        default: throw .malformed(.message, offset: start)
        }
    }

    /// Reads the messages of one frame, of which y-websocket sends one and yrs may send several.
    ///
    /// Throws at the first message that is malformed, unknown or beyond `limits`; then none of them counts.
    public static func decode(
        _ frame: [UInt8], limits: ProtocolLimits = ProtocolLimits()
    ) throws(UpdateError) -> [ProtocolMessage] {
        try limits.check(.messageByteCount, frame.count, limit: limits.messageByteCount, offset: 0)
        var reader = ByteReader(frame)
        var messages: [ProtocolMessage] = []
        repeat {
            try limits.check(
                .messageCount, messages.count + 1, limit: limits.messageCount, offset: reader.offset)
            messages.append(try ProtocolMessage(from: &reader, limits: limits))
        } while !reader.isAtEnd
        return messages
    }

    /// The frame of this message alone.
    public func encode() -> [UInt8] {
        var output: [UInt8] = []
        switch self {
        case .sync(let message):
            output.appendVarUint(Kind.sync)
            message.append(to: &output)
        case .awareness(let update):
            output.appendVarUint(Kind.awareness)
            output.appendVarBytes(update)
        case .permissionDenied(let reason):
            output.appendVarUint(Kind.auth)
            output.appendVarUint(Kind.permissionDenied)
            output.appendVarString(reason)
        case .queryAwareness:
            output.appendVarUint(Kind.queryAwareness)
        }
        return output
    }
}
