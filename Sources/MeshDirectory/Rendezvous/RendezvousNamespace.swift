/// A rendezvous namespace: UTF-8 that is compared by its bytes.
///
/// A `String` as a key would treat the composed and decomposed forms of a letter as equal; other implementations do not.
public struct RendezvousNamespace: Hashable, Sendable {
    /// The bytes, valid UTF-8.
    public let utf8: [UInt8]

    /// Creates the namespace of a text.
    public init(_ text: String) {
        utf8 = Array(text.utf8)
    }

    /// The namespace as text.
    public var text: String { String(decoding: utf8, as: UTF8.self) }
}

extension RendezvousNamespace: ExpressibleByStringLiteral, CustomStringConvertible {
    /// Creates the namespace of a literal.
    public init(stringLiteral text: String) {
        self.init(text)
    }

    /// The namespace, safe to show.
    public var description: String { DisplayText.safe(text) }
}
