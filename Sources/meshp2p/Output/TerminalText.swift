/// Text of others made safe for a terminal: nothing in it can move the cursor, colour or reorder a line.
enum TerminalText {
    /// Scalars that are shown of one text when the caller names no limit.
    static let defaultLimit = 120

    /// The text with everything invisible written out as `\u{…}`, cut after `limit` scalars.
    static func escaped(_ text: String, limit: Int = defaultLimit) -> String {
        var output = ""
        var count = 0
        var marks = 0
        for scalar in text.unicodeScalars {
            guard count < limit else { return output + "…" }
            count += 1
            marks = isMark(scalar) ? marks + 1 : 0
            if isVisible(scalar), marks <= maximumMarks {
                output.unicodeScalars.append(scalar)
            } else {
                output += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
            }
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
