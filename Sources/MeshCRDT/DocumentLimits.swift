/// Bounds on what an update may bring into a document; an update beyond them is refused as a whole.
public struct DocumentLimits: Hashable, Sendable {
    /// What a limit is about, as it is told to people.
    public enum Name: String, Hashable, Sendable, CaseIterable {
        case updateByteCount = "an update's size in bytes"
        case structCount = "a number of structs"
        case clientCount = "a number of clients"
        case typeDepth = "a nesting depth of shared types"
        case valueDepth = "a nesting depth of values"
        case pendingByteCount = "a size of pending updates in bytes"
        case contentByteCount = "a document's size in bytes"
        case nameByteCount = "a name's length in bytes"
        case messageByteCount = "a message's size in bytes"
        case messageCount = "a number of messages in one frame"
        case stateByteCount = "an awareness state's size in bytes"
        case awarenessByteCount = "a size of all awareness states in bytes"
    }

    /// The largest update, in bytes.
    public var updateByteCount = 256 << 20
    /// The most structs that a document or one update may have.
    ///
    /// The second format packs equal structs so well that a few bytes can stand for millions; each takes about 120 bytes while
    /// the update is read.
    public var structCount = 4 << 20
    /// The most clients that a document, an update, a state vector or a delete set may name.
    public var clientCount = 1 << 20
    /// The deepest nesting of shared types.
    public var typeDepth = 256
    /// The deepest nesting inside one value.
    public var valueDepth = 64
    /// The most bytes of updates that wait for others, in all.
    public var pendingByteCount = 64 << 20
    /// The most bytes of content in the document.
    public var contentByteCount = 1 << 30
    /// The longest name of a root, a key, a node or an attribute, in bytes.
    public var nameByteCount = 64 << 10

    /// Creates the default limits, made for a trusted group of peers.
    public init() {}
}
