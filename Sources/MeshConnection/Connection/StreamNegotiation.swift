import MeshCore

/// A stream whose protocol is not agreed yet.
///
/// | State | Input | Output | Next state |
/// |---|---|---|---|
/// | inbound | header, a served protocol | header, echo, `.streamOpened` | agreed |
/// | inbound | violation, end, deadline | reset; no event, the driver never knew it | gone |
/// | lazy | write, finish | sent at once behind the proposal | lazy |
/// | lazy, waiting | header, echo | `.streamNegotiated` | agreed |
/// | lazy, waiting | last `na` | reset, `.streamRefused` | gone |
/// | lazy, waiting | violation, end, deadline | reset, `.reset` | gone |
/// | waiting | write, finish | kept until it is agreed | waiting |
/// | waiting | header, echo | what was kept; `.streamNegotiated`, `.writable` if something was | agreed |
///
/// A stream that is agreed has no negotiation any more, so its data pays nothing for it.
enum StreamNegotiation: Sendable {
    /// The peer opened the stream.
    case inbound(MultistreamListener)
    /// We opened it with one proposal and send without waiting for the answer.
    case lazy(MultistreamDialer)
    /// We opened it with several proposals; what is written waits.
    case waiting(MultistreamDialer, kept: KeptWrites)

    /// What was written to a stream before its protocol was agreed.
    struct KeptWrites: Sendable {
        var bytes: [UInt8] = []
        var isFinished = false
    }

    /// What received bytes brought.
    enum Outcome: Sendable {
        case opened(String)
        case negotiated(String, kept: KeptWrites?)
        case refused
    }

    /// Whether the peer opened the stream.
    var isInbound: Bool {
        switch self {
        case .inbound: true
        case .lazy, .waiting: false
        }
    }

    /// Takes received bytes from `offset` on; what follows the negotiation stays.
    mutating func receive(
        _ bytes: RawSpan, at offset: inout Int, protocols: [String], into output: inout [UInt8]
    ) throws(MultistreamError) -> Outcome? {
        switch self {
        case .inbound(var listener):
            let agreed = try listener.receive(bytes, at: &offset, protocols: protocols, into: &output)
            self = .inbound(listener)
            return agreed.map { .opened($0) }
        case .lazy(var dialer):
            let outcome = try dialer.receive(bytes, at: &offset, into: &output)
            self = .lazy(dialer)
            return Self.outcome(outcome, kept: nil)
        case .waiting(var dialer, let kept):
            let outcome = try dialer.receive(bytes, at: &offset, into: &output)
            self = .waiting(dialer, kept: kept)
            return Self.outcome(outcome, kept: kept)
        }
    }

    private static func outcome(_ outcome: MultistreamDialer.Outcome?, kept: KeptWrites?) -> Outcome? {
        switch outcome {
        case nil: nil
        case .agreed(let protocolID): .negotiated(protocolID, kept: kept)
        case .refused: .refused
        }
    }
}
