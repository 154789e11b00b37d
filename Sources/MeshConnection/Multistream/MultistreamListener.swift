import MeshCore

/// The answering side of one multistream-select negotiation.
///
/// | State | Input | Output | Next state |
/// |---|---|---|---|
/// | awaitingHeader | header | header | awaitingProposal(0) |
/// | awaitingHeader | any other byte | throws | closed |
/// | awaitingProposal(n) | a protocol that is served | its echo; returned | closed |
/// | awaitingProposal(n) | `ls` | the list of protocols | awaitingProposal(n + 1) |
/// | awaitingProposal(n) | any other proposal | `na` | awaitingProposal(n + 1) |
/// | awaitingProposal(limit) | a proposal that is not served | throws | closed |
/// | closed | | takes no bytes | closed |
///
/// `/libp2p/simultaneous-connect` is answered `na` like every unknown proposal: go- and rust-libp2p gave it up,
/// and hole punching fixes the roles instead.
public struct MultistreamListener: Sendable {
    private enum State: Sendable {
        case awaitingHeader(MultistreamHeaderReader)
        case awaitingProposal(MultistreamMessageReader, answeredCount: Int)
        case closed
    }

    /// How many proposals are answered without agreement.
    public let maximumProposalCount: Int
    private var state = State.awaitingHeader(MultistreamHeaderReader())

    /// Creates a negotiation that waits for the peer's header.
    public init(maximumProposalCount: Int = Multistream.maximumProposalCount) {
        self.maximumProposalCount = maximumProposalCount
    }

    /// Takes received bytes from `offset` on; returns the protocol once one of `protocols` is agreed.
    ///
    /// `offset` is moved behind the bytes that belong to the negotiation. What follows them is the next layer's.
    public mutating func receive(
        _ bytes: RawSpan, at offset: inout Int, protocols: [String], into output: inout [UInt8]
    ) throws(MultistreamError) -> String? {
        while true {
            switch state {
            case .closed:
                return nil
            case .awaitingHeader(var reader):
                state = .closed
                let isComplete = try reader.read(bytes, at: &offset)
                guard isComplete else {
                    state = .awaitingHeader(reader)
                    return nil
                }
                output += Multistream.encodedHeader
                state = .awaitingProposal(MultistreamMessageReader(), answeredCount: 0)
            case .awaitingProposal(var reader, let count):
                state = .closed
                guard let proposal = try reader.read(bytes, at: &offset) else {
                    state = .awaitingProposal(reader, answeredCount: count)
                    return nil
                }
                if protocols.contains(proposal) {
                    Multistream.append(proposal, to: &output)
                    return proposal
                }
                guard count < maximumProposalCount else {
                    throw .tooManyProposals(limit: maximumProposalCount)
                }
                refuse(proposal, protocols: protocols, into: &output)
                state = .awaitingProposal(reader, answeredCount: count + 1)
            }
        }
    }

    private func refuse(_ proposal: String, protocols: [String], into output: inout [UInt8]) {
        if proposal == Multistream.list {
            Multistream.appendList(protocols, to: &output)
        } else {
            Multistream.append(Multistream.notAvailable, to: &output)
        }
    }
}
