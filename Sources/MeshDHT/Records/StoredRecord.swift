import MeshCore

/// A value record that this node keeps.
public struct StoredRecord: Hashable, Sendable {
    /// The key under which it is stored.
    public var key: [UInt8]
    /// The value.
    public var value: [UInt8]
    /// When this node received it, or published it last.
    public var received: UnixTime
    /// Whether this node is its publisher, and publishes it again before it expires.
    public var isOwn: Bool

    /// Creates a record.
    public init(key: [UInt8], value: [UInt8], received: UnixTime, isOwn: Bool) {
        self.key = key
        self.value = value
        self.received = received
        self.isOwn = isOwn
    }

    /// What the record counts for in the limit of stored bytes.
    public var byteCount: Int { key.count + value.count }
}
