/// One message of the sync protocol: what a peer has, or what the other one lacks.
///
/// | number | message | content |
/// |---|---|---|
/// | 0 | step 1 | the sender's state vector |
/// | 1 | step 2 | what that state vector lacks, as an update in the first format |
/// | 2 | update | a change that was just made |
///
/// Source: y-protocols 1.0.7, `sync`.
public enum SyncMessage: Hashable, Sendable {
    /// "This is what I have": asks for step 2.
    case step1(stateVector: [UInt8])
    /// "This is what you lack": answers step 1.
    case step2(update: [UInt8])
    /// "This has changed".
    case update([UInt8])

    /// The number that stands for the message on the wire.
    private enum Kind {
        static let step1: UInt64 = 0
        static let step2: UInt64 = 1
        static let update: UInt64 = 2
    }

    /// Reads one message, whose content is at most `limits.contentByteCount` bytes.
    init(from reader: inout ByteReader, limits: ProtocolLimits) throws(UpdateError) {
        let start = reader.offset
        let kind = try reader.varUint()
        guard kind <= Kind.update else { throw .malformed(.message, offset: start) }
        let content = reader.copy(try reader.varBytes())
        switch kind {
        case Kind.step1:
            try limits.check(
                .messageByteCount, content.count, limit: limits.stateVectorByteCount, offset: start)
            self = .step1(stateVector: content)
        case Kind.step2: self = .step2(update: content)
        default: self = .update(content)
        }
    }

    /// Appends the message.
    func append(to output: inout [UInt8]) {
        switch self {
        case .step1(let stateVector):
            output.appendVarUint(Kind.step1)
            output.appendVarBytes(stateVector)
        case .step2(let update):
            output.appendVarUint(Kind.step2)
            output.appendVarBytes(update)
        case .update(let update):
            output.appendVarUint(Kind.update)
            output.appendVarBytes(update)
        }
    }
}
