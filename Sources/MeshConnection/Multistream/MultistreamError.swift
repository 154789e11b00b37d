import MeshCore

/// Why a multistream-select negotiation cannot go on.
public enum MultistreamError: Error, Hashable, Sendable {
    /// The first bytes are no multistream-select header; the case carries the first of them.
    case notMultistream(received: [UInt8])
    /// The length prefix is not a minimal varint.
    case badLength(VarintError)
    /// The length prefix announces more bytes than the limit.
    case messageTooLong(byteCount: UInt64, limit: Int)
    /// A message of `byteCount` bytes does not end with a line feed.
    case missingNewline(byteCount: Int)
    /// A message is not UTF-8.
    case notUTF8(byteCount: Int)
    /// The answer to `proposal` is neither its echo nor `na`.
    case unexpectedAnswer(String, proposal: String)
    /// The dialer made more proposals than one negotiation may have.
    case tooManyProposals(limit: Int)
}

extension MultistreamError: CustomStringConvertible {
    /// What happened, with what, and what to do.
    public var description: String {
        switch self {
        case .notMultistream(let received):
            "the peer sent \(PeerText.quote(received)) where the multistream-select header was due; "
                + "check that the address is a libp2p port and that both sides use the same swarm key or none"
        case .badLength(let error):
            "a multistream-select message has a bad length prefix (\(error)); the negotiation was stopped"
        case .messageTooLong(let byteCount, let limit):
            "a multistream-select message of \(byteCount) bytes exceeds the \(limit)-byte limit; "
                + "the negotiation was stopped"
        case .missingNewline(let byteCount):
            "a multistream-select message of \(byteCount) bytes does not end with a line feed; "
                + "the negotiation was stopped"
        case .notUTF8(let byteCount):
            "a multistream-select message of \(byteCount) bytes is not UTF-8; the negotiation was stopped"
        case .unexpectedAnswer(let answer, let proposal):
            "the peer answered \(PeerText.quote(Array(answer.utf8))) to the proposal \(proposal); "
                + "expected its echo or na"
        case .tooManyProposals(let limit):
            "the peer proposed more than \(limit) protocols in one negotiation; it was stopped"
        }
    }
}

/// Text from a peer, made safe for a log or a terminal.
enum PeerText {
    /// At most 64 of `bytes` in double quotes, with everything but printable ASCII as `\xNN`.
    static func quote(_ bytes: [UInt8]) -> String {
        var text = "\""
        for byte in bytes.prefix(64) {
            if byte == 0x22 || byte == 0x5c {
                text += "\\" + String(UnicodeScalar(byte))
            } else if (0x20...0x7e).contains(byte) {
                text += String(UnicodeScalar(byte))
            } else {
                text += "\\x" + Hex.encode(CollectionOfOne(byte))
            }
        }
        return text + (bytes.count > 64 ? "…\"" : "\"")
    }
}

extension PeerText {
    /// `texts`, each quoted, separated by commas.
    static func list(_ texts: [String]) -> String {
        texts.map { quote(Array($0.utf8)) }.joined(separator: ", ")
    }
}
