/// What a command says: one value, shown as lines for people or as JSON for scripts.
protocol CommandOutput: Sendable {
    /// The JSON objects, one line each; most outputs are one.
    var json: [any Encodable] { get }
    /// The lines for people.
    func lines(_ layout: Layout) -> [String]
}

/// A report with the keys that are null in it written out, so that a script finds every key of the contract.
struct WithNulls: Encodable {
    private struct Key: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    private let base: any Encodable
    private let nulls: [String]
    private let replaced: [(key: String, value: any Encodable)]

    /// Wraps `base`; a key of `keys` whose value is nil becomes `null`, `replacing` puts other values in.
    init(
        _ base: some Encodable, _ keys: [String: Any?] = [:],
        replacing: [(key: String, value: any Encodable)] = []
    ) {
        self.base = base
        self.nulls = keys.filter { $0.value == nil }.map(\.key).sorted()
        self.replaced = replacing
    }

    func encode(to encoder: any Encoder) throws {
        try base.encode(to: encoder)
        var container = encoder.container(keyedBy: Key.self)
        for key in nulls { try container.encodeNil(forKey: Key(stringValue: key)) }
        for (key, value) in replaced {
            try value.encode(to: container.superEncoder(forKey: Key(stringValue: key)))
        }
    }
}
