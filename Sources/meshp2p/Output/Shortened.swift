/// Long identifiers cut in the middle for people; `-v` and `--json` show them whole.
enum Shortened {
    /// A peer id or a DID: enough of both ends to tell two apart at a glance.
    static func id(_ text: String) -> String {
        let head = text.hasPrefix("did:key:") ? 13 : 9
        return cut(TerminalText.escaped(text), head: head, tail: 4)
    }

    /// An address without the peer id that is named beside it, at most `width` characters.
    static func address(_ text: String, peer: String?, width: Int) -> String {
        var text = text
        if let peer, text.hasSuffix("/p2p/\(peer)") { text.removeLast("/p2p/\(peer)".count) }
        let safe = TerminalText.escaped(text, limit: 1024)
        guard safe.count > width, width > 8 else { return safe }
        let tail = (width - 1) / 2
        return cut(safe, head: width - 1 - tail, tail: tail)
    }

    /// A sentence with the ids in it shortened.
    static func sentence(_ text: String) -> String {
        text.split(separator: " ", omittingEmptySubsequences: false)
            .map { $0.count >= 40 && !$0.contains("/") ? id(String($0)) : String($0) }
            .joined(separator: " ")
    }

    private static func cut(_ text: String, head: Int, tail: Int) -> String {
        text.count <= head + tail + 1 ? text : "\(text.prefix(head))…\(text.suffix(tail))"
    }
}
