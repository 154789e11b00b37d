/// Values, types and documents under keys; of concurrent values of one key, one wins everywhere.
///
/// Source: Yjs 13.6 `Y.Map`.
public struct SharedMap: TypeHandle, MapType, Equatable {
    /// The document that the map is in.
    public let document: Document
    let branch: BranchIndex

    /// The type, told by its kind.
    public var type: SharedType { .map(self) }

    /// Whether both are the same map of the same document.
    public static func == (left: SharedMap, right: SharedMap) -> Bool {
        left.document === right.document && left.branch == right.branch
    }
}
