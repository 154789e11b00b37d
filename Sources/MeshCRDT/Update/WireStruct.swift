/// A place in one of the two buffers of a reader: the update itself, or what it had to rewrite.
struct WireBytes: Equatable, Sendable {
    /// Where the bytes start.
    var start = 0
    /// Where they end.
    var end = 0
    /// Whether they lie in the reader's `scratch` and not in its `input`.
    var isScratch = false

    @inline(__always)
    init() {}

    @inline(__always)
    init(_ range: Range<Int>, isScratch: Bool = false) {
        start = range.lowerBound
        end = range.upperBound
        self.isScratch = isScratch
    }

    @inline(__always) var range: Range<Int> { start..<end }
    @inline(__always) var count: Int { end - start }
}

/// What an update says of the type that holds a struct.
enum WireParent: Equatable, Sendable {
    /// Nothing: it is the parent of the neighbour that the struct names.
    case inherited
    /// The root type of this name.
    case root(WireBytes)
    /// The nested type that this unit holds.
    case item(ID)
}

/// One struct of an update, as plain numbers: a reader fills the same value again and again without allocating.
///
/// `content` holds the content in its canonical form, the one in which the store keeps it too:
///
/// | kind | bytes |
/// |---|---|
/// | string | UTF-8; `length` counts UTF-16 units |
/// | any | `length` values in the lib0 "any" encoding, as lib0 writes them |
/// | binary | the bytes themselves |
/// | embed | one value |
/// | format | the key with its byte count in front, one value |
/// | json | `length` JSON texts, each with its byte count in front |
/// | type | the kind of type; of an XML element or hook the name with its byte count in front |
/// | document | the guid with its byte count in front, one value: the options |
/// | deleted, gc, skip | none |
struct WireStruct: Sendable {
    var client: ClientID = 0
    var clock: Clock = 0
    /// The number of units; never 0.
    var length: UInt32 = 0
    var kind: ContentKind = .gc
    /// The unit left of it when it was written.
    var origin: ID?
    /// The unit right of it when it was written.
    var rightOrigin: ID?
    var parent: WireParent = .inherited
    /// The key under which a map or an element's attributes hold it; nil also where it is the neighbour's.
    var key: WireBytes?
    var content = WireBytes()

    @inline(__always)
    init() {}

    /// The clock behind the last unit; below 2^32.
    @inline(__always) var end: Clock { clock &+ length }

    @inline(__always) var id: ID { ID(client: client, clock: clock) }
}
