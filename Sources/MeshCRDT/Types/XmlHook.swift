/// A place in an XML tree that an application fills by itself, with values under keys.
///
/// Source: Yjs 13.6 `Y.XmlHook`.
public struct XmlHook: TypeHandle, MapType, Equatable {
    /// The document that the hook is in.
    public let document: Document
    let branch: BranchIndex

    /// The type, told by its kind.
    public var type: SharedType { .xmlHook(self) }

    /// The name that tells the application what to fill it with.
    public var name: String { document.nodeName(of: branch) }

    /// Whether both are the same hook of the same document.
    public static func == (left: XmlHook, right: XmlHook) -> Bool {
        left.document === right.document && left.branch == right.branch
    }
}
