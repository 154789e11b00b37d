/// A text as an XML node, with attributes.
///
/// Its text is edited through ``text``, which is the same text with all its methods. Source: Yjs 13.6 `Y.XmlText`.
public struct XmlText: TypeHandle, AttributedType, XmlNode, Equatable {
    /// The document that the text is in.
    public let document: Document
    let branch: BranchIndex

    /// The type, told by its kind.
    public var type: SharedType { .xmlText(self) }

    /// The text, to be read and edited.
    public var text: SharedText { SharedText(document: document, branch: branch) }

    /// The text as XML, as `toString` of Yjs writes it: each format is an element around what it covers, nothing is escaped.
    public var string: String { document.xml(of: self) }

    /// Whether both are the same text of the same document.
    public static func == (left: XmlText, right: XmlText) -> Bool {
        left.document === right.document && left.branch == right.branch
    }
}
