/// How a document behaves, apart from its content.
public struct DocumentOptions {
    /// The name that tells the document from others, for example as a part of one; chosen by the application.
    public var guid = ""
    /// The collection that the document belongs to, for providers that keep several.
    public var collectionID: String?
    /// Whether the content of what was deleted is dropped; without, the document can be seen as it was before.
    public var collectsGarbage = true
    /// Whether a deleted item, named by its first unit and length, may be dropped.
    ///
    /// All may when there is no filter.
    public var garbageFilter: ((IDRange) -> Bool)?
    /// What the application wants to keep with a nested document.
    public var metadata = AnyValue.null
    /// Whether a nested document is loaded as soon as its parent is.
    public var autoLoad = false
    /// Whether a provider should load the document now.
    public var shouldLoad = true
    /// Bounds on what updates may bring in.
    public var limits = DocumentLimits()
    /// The next client id, asked for when somebody else turns out to write under the own one; below 2^53.
    ///
    /// Without it the new id is derived from the old one and from what was written under it.
    public var nextClientID: (() -> ClientID)?

    /// Creates the options of a plain document.
    public init() {}
}
