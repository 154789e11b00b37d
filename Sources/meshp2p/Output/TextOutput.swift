/// A text that a person saves in a file.
struct TextOutput: CommandOutput {
    /// Its key in JSON.
    let key: String
    let text: String

    var json: [any Encodable] { [[key: text]] }

    func lines(_ layout: Layout) -> [String] { [text] }
}
