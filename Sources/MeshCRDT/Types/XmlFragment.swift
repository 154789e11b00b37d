/// XML nodes in an order, without a name and attributes of their own.
///
/// Source: Yjs 13.6 `Y.XmlFragment`.
public struct XmlFragment: TypeHandle, XmlContainer, Equatable {
    /// The document that the fragment is in.
    public let document: Document
    let branch: BranchIndex

    /// The type, told by its kind.
    public var type: SharedType { .xmlFragment(self) }

    /// The nodes as XML, as `toString` of Yjs writes it: nothing is escaped.
    public var string: String { document.xml(of: self) }

    /// Whether both are the same fragment of the same document.
    public static func == (left: XmlFragment, right: XmlFragment) -> Bool {
        left.document === right.document && left.branch == right.branch
    }
}
