/// One step of a change of a text, or one part of a formatted text.
///
/// Source: the Quill delta format as Yjs 13.6 `Y.Text` uses it.
public enum TextDelta: Equatable {
    /// New content; its attributes are exactly those given.
    case insert(DeltaInsert, attributes: AnyFields? = nil)
    /// So many units stay, with changed attributes when there are any; null takes one away.
    case retain(Int, attributes: AnyFields? = nil)
    /// So many units go.
    case delete(Int)
}

/// What a step of a delta inserts.
public enum DeltaInsert: Equatable {
    case text(String)
    case embed(AnyValue)
    case type(SharedType)
}
