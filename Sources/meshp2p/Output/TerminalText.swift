/// Text of others made safe for a terminal: nothing in it can move the cursor, colour or reorder a line.
enum TerminalText {
    /// Columns that one text takes when the caller names no limit.
    static let defaultLimit = 120

    /// The text with everything invisible written out as `\u{…}`, cut after about `limit` columns.
    static func escaped(_ text: String, limit: Int = defaultLimit) -> String {
        var output = ""
        var columns = 0
        var marks = 0
        for scalar in text.unicodeScalars {
            marks = isMark(scalar) ? marks + 1 : 0
            let isShown = isVisible(scalar) && marks <= maximumMarks
            let shown = isShown ? String(scalar) : "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
            columns += isMark(scalar) && isShown ? 0 : shown.count
            guard columns <= limit else { return output + "…" }
            output += shown
        }
        return output
    }

    /// The text in quotation marks; the ones inside are escaped, so that the end is where it seems.
    static func quoted(_ text: String, limit: Int = defaultLimit) -> String {
        var inner = ""
        for character in escaped(text, limit: limit) {
            if character == "\"" { inner.append("\\") }
            inner.append(character)
        }
        return "\"\(inner)\""
    }

    /// Whether a text could be shown whole as it is, line breaks and tabs aside.
    static func isPrintable(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { isVisible($0) || $0 == "\n" || $0 == "\t" }
    }

    /// Marks on one letter; more of them would climb over the lines around.
    private static let maximumMarks = 2

    private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark: true
        default: false
        }
    }

    private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return scalar.value >= 0x20 && scalar.value != 0x7f }
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
            .spaceSeparator:
            return false
        default:
            return true
        }
    }
}
