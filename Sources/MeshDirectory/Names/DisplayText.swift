/// Makes text of a peer fit for a terminal, a log line or a page.
///
/// Controls (escape sequences, line ends), invisible scalars and those that change the direction of text become
/// `\u{HEX}`, a backslash becomes `\\`, and an ill-formed byte becomes `\x{HEX}`, so no two texts look alike for it.
/// Source: Specs/directory.md, "Showing peer-supplied text".
public enum DisplayText {
    /// The number of scalars that are shown when the caller does not say.
    public static let defaultLimit = 256

    /// The safe form of `text`; beyond `limit` scalars it is cut and ends with `…`.
    public static func safe(_ text: String, limit: Int = defaultLimit) -> String {
        var output = String.UnicodeScalarView()
        var count = 0
        for scalar in text.unicodeScalars {
            guard count < limit else {
                output.append("…")
                break
            }
            append(scalar, to: &output)
            count += 1
        }
        return String(output)
    }

    /// The safe form of bytes that should be UTF-8; beyond `limit` scalars it is cut and ends with `…`.
    public static func safe(utf8 bytes: [UInt8], limit: Int = defaultLimit) -> String {
        var output = String.UnicodeScalarView()
        var decoder = UTF8.ForwardParser()
        var iterator = bytes.makeIterator()
        var offset = 0
        var count = 0
        while true {
            let result = decoder.parseScalar(from: &iterator)
            if case .emptyInput = result { break }
            guard count < limit else {
                output.append("…")
                break
            }
            count += 1
            switch result {
            case .valid(let encoded):
                append(UTF8.decode(encoded), to: &output)
                offset += encoded.count
            case .error(let length):
                for index in offset..<min(offset + length, bytes.count) {
                    output.append(contentsOf: "\\x{\(hex(UInt32(bytes[index]), digits: 2))}".unicodeScalars)
                }
                offset += length
            case .emptyInput: break
            }
        }
        return String(output)
    }

    /// `value` in upper-case hexadecimal with at least `digits` digits.
    static func hex(_ value: UInt32, digits: Int) -> String {
        let text = String(value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
    }

    private static func append(_ scalar: Unicode.Scalar, to output: inout String.UnicodeScalarView) {
        if scalar == "\\" {
            output.append(contentsOf: "\\\\".unicodeScalars)
        } else if HiddenScalars.contains(scalar) {
            output.append(contentsOf: "\\u{\(hex(scalar.value, digits: 1))}".unicodeScalars)
        } else {
            output.append(scalar)
        }
    }
}
