/// Swift text with the content of comments and string literals blanked, so that a search meets code only.
///
/// Lines keep their numbers and lengths. Code inside string interpolations is kept.
struct SwiftCode {
    let text: String

    init(_ source: String) {
        var blanker = Blanker(bytes: Array(source.utf8))
        text = String(decoding: blanker.run(), as: UTF8.self)
    }
}

/// A scanner over the bytes of one Swift file.
private struct Blanker {
    let bytes: [UInt8]
    var output: [UInt8] = []
    var position = 0

    init(bytes: [UInt8]) {
        self.bytes = bytes
        output.reserveCapacity(bytes.count)
    }

    mutating func run() -> [UInt8] {
        code(untilClosingParenthesis: false)
        return output
    }

    /// Copies code up to the end of the file, or past the parenthesis that ends an interpolation.
    private mutating func code(untilClosingParenthesis interpolation: Bool) {
        var depth = 1
        while position < bytes.count {
            if starts(with: "//") {
                blank { $0 == UInt8(ascii: "\n") }
            } else if starts(with: "/*") {
                blockComment()
            } else if let pounds = stringStart() {
                string(pounds: pounds)
            } else {
                let byte = bytes[position]
                if interpolation, byte == UInt8(ascii: "(") { depth += 1 }
                if interpolation, byte == UInt8(ascii: ")") { depth -= 1 }
                copy(1)
                if depth == 0 { return }
            }
        }
    }

    /// Blanks a block comment, which may hold others.
    private mutating func blockComment() {
        var depth = 0
        repeat {
            if starts(with: "/*") {
                depth += 1
                blank(2)
            } else if starts(with: "*/") {
                depth -= 1
                blank(2)
            } else {
                blank(1)
            }
        } while depth > 0 && position < bytes.count
    }

    /// The count of `#` before a string literal that starts here, or nil when none does.
    private func stringStart() -> Int? {
        var end = position
        while end < bytes.count, bytes[end] == UInt8(ascii: "#") { end += 1 }
        guard end < bytes.count, bytes[end] == UInt8(ascii: "\"") else { return nil }
        return end - position
    }

    /// Keeps the quotes of a literal and blanks what is between them, interpolations aside.
    private mutating func string(pounds: Int) {
        copy(pounds)
        let quote = starts(with: "\"\"\"") ? "\"\"\"" : "\""
        let marks = String(repeating: "#", count: pounds)
        copy(quote.utf8.count)
        while position < bytes.count {
            if starts(with: quote + marks) {
                return copy(quote.utf8.count + pounds)
            }
            if starts(with: "\\" + marks + "(") {
                copy(2 + pounds)
                code(untilClosingParenthesis: true)
            } else if starts(with: "\\" + marks) {
                blank(2 + pounds)
            } else if quote.utf8.count == 1, bytes[position] == UInt8(ascii: "\n") {
                return  // not a string after all, or one that does not compile
            } else {
                blank(1)
            }
        }
    }

    private func starts(with text: String) -> Bool {
        guard position + text.utf8.count <= bytes.count else { return false }
        return text.utf8.elementsEqual(bytes[position..<position + text.utf8.count])
    }

    private mutating func copy(_ count: Int) {
        let end = min(position + count, bytes.count)
        output.append(contentsOf: bytes[position..<end])
        position = end
    }

    private mutating func blank(_ count: Int) {
        for _ in 0..<count where position < bytes.count {
            output.append(bytes[position] == UInt8(ascii: "\n") ? UInt8(ascii: "\n") : UInt8(ascii: " "))
            position += 1
        }
    }

    private mutating func blank(until isEnd: (UInt8) -> Bool) {
        while position < bytes.count, !isEnd(bytes[position]) { blank(1) }
    }
}
