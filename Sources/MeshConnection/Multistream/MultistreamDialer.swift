import MeshCore

/// The proposing side of one multistream-select negotiation.
///
/// The header and the first proposal leave together; what follows is sent when the one before was refused.
/// With a single proposal the caller may send its own bytes right behind it without waiting (lazy negotiation).
///
/// | State | Input | Output | Next state |
/// |---|---|---|---|
/// | idle | `start` | header, first proposal | awaitingHeader |
/// | awaitingHeader | header | | awaitingAnswer(0) |
/// | awaitingHeader | any other byte | throws | closed |
/// | awaitingAnswer(i) | echo of proposal i | `.agreed` | closed |
/// | awaitingAnswer(i) | `na`, more proposals | proposal i + 1 | awaitingAnswer(i + 1) |
/// | awaitingAnswer(i) | `na`, no more proposals | `.refused` | closed |
/// | awaitingAnswer(i) | any other message | throws | closed |
/// | closed | | takes no bytes | closed |
public struct MultistreamDialer: Sendable {
    /// How a negotiation ended.
    public enum Outcome: Hashable, Sendable {
        /// The peer speaks this proposal.
        case agreed(String)
        /// The peer speaks none of the proposals.
        case refused
    }

    private enum State: Sendable {
        case idle
        case awaitingHeader(MultistreamHeaderReader)
        case awaitingAnswer(MultistreamMessageReader, proposal: Int)
        case closed
    }

    /// The protocols in order of preference.
    public let proposals: [String]
    private var state = State.idle

    /// Creates a negotiation for `proposals`, which must be valid by ``Multistream/isValid(_:)``.
    public init(proposals: [String]) {
        self.proposals = proposals
    }

    /// Appends the header and the first proposal to `output`.
    public mutating func start(into output: inout [UInt8]) {
        guard case .idle = state else { return }
        output += Multistream.encodedHeader
        if let first = proposals.first { Multistream.append(first, to: &output) }
        state = .awaitingHeader(MultistreamHeaderReader())
    }

    /// Takes received bytes from `offset` on; returns the outcome once it is known.
    ///
    /// `offset` is moved behind the bytes that belong to the negotiation. What follows them is the next layer's.
    public mutating func receive(
        _ bytes: RawSpan, at offset: inout Int, into output: inout [UInt8]
    ) throws(MultistreamError) -> Outcome? {
        while true {
            switch state {
            case .idle, .closed:
                return nil
            case .awaitingHeader(var reader):
                state = .closed
                let isComplete = try reader.read(bytes, at: &offset)
                guard isComplete else {
                    state = .awaitingHeader(reader)
                    return nil
                }
                guard !proposals.isEmpty else { return .refused }
                state = .awaitingAnswer(MultistreamMessageReader(), proposal: 0)
            case .awaitingAnswer(var reader, let index):
                state = .closed
                guard let answer = try reader.read(bytes, at: &offset) else {
                    state = .awaitingAnswer(reader, proposal: index)
                    return nil
                }
                if let outcome = try handle(answer, to: index, into: &output) { return outcome }
                state = .awaitingAnswer(reader, proposal: index + 1)
            }
        }
    }

    /// The outcome that `answer` brings, or nil when the next proposal was sent.
    private func handle(
        _ answer: String, to index: Int, into output: inout [UInt8]
    ) throws(MultistreamError) -> Outcome? {
        let proposal = proposals[index]
        if answer == proposal { return .agreed(proposal) }
        guard answer == Multistream.notAvailable else {
            throw .unexpectedAnswer(answer, proposal: proposal)
        }
        guard index + 1 < proposals.count else { return .refused }
        Multistream.append(proposals[index + 1], to: &output)
        return nil
    }
}
