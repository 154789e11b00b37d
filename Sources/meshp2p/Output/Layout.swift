/// How output for people is laid out.
struct Layout: Sendable {
    /// Columns of the terminal, 80 when there is none.
    var width = 80
    /// The marks.
    var style = Style(isColoured: false)
    /// Whether ids and addresses are shown whole.
    var isVerbose = false

    /// A line of a block: a label in its column, then the text.
    func row(_ label: String, _ text: String) -> String {
        "  " + style.dim(label.padded(to: Self.labelWidth)) + text
    }

    /// Columns that a row leaves to its text.
    var rowTextWidth: Int { width - Self.labelWidth - 2 }

    /// A peer id or a DID.
    func id(_ text: String) -> String {
        isVerbose ? TerminalText.escaped(text, limit: 256) : Shortened.id(text)
    }

    /// An address, of `peer` if it is named beside it.
    func address(_ text: String, peer: String? = nil, width: Int) -> String {
        isVerbose
            ? TerminalText.escaped(text, limit: 1024) : Shortened.address(text, peer: peer, width: width)
    }

    private static let labelWidth = 16
}

extension String {
    /// The text with spaces behind it up to a number of characters.
    func padded(to width: Int) -> String {
        count >= width ? self : self + String(repeating: " ", count: width - count)
    }

    /// The text with spaces before it up to a number of characters.
    func paddedLeft(to width: Int) -> String {
        count >= width ? self : String(repeating: " ", count: width - count) + self
    }
}
