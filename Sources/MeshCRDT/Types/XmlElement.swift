/// An XML node with a name, attributes and nodes in it.
///
/// Source: Yjs 13.6 `Y.XmlElement`.
public struct XmlElement: TypeHandle, XmlContainer, AttributedType, XmlNode, Equatable {
    /// The document that the element is in.
    public let document: Document
    let branch: BranchIndex

    /// The type, told by its kind.
    public var type: SharedType { .xmlElement(self) }

    /// The name; that of a root is `UNDEFINED`, as in Yjs.
    public var nodeName: String { node.isRoot ? "UNDEFINED" : document.nodeName(of: branch) }

    /// The element as XML, as `toString` of Yjs writes it: attributes sorted by name, nothing escaped.
    public var string: String { document.xml(of: self) }

    /// Whether both are the same element of the same document.
    public static func == (left: XmlElement, right: XmlElement) -> Bool {
        left.document === right.document && left.branch == right.branch
    }
}
