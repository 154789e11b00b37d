/// Bounds on what one peer may send; what exceeds them is refused before it changes anything.
///
/// y-protocols has none. The figures leave room for what Yjs applications send: whole documents in step 2, cursors and names
/// in awareness.
public struct ProtocolLimits: Hashable, Sendable {
    /// The largest frame, in bytes: an update of the largest size and its heading.
    public var messageByteCount = (256 << 20) + 64
    /// The most messages in one frame; y-websocket sends one, yrs may join some.
    public var messageCount = 64
    /// The largest state vector, in bytes: a million clients.
    public var stateVectorByteCount = 16 << 20
    /// The longest reason of a refusal, in bytes.
    public var reasonByteCount = 4 << 10
    /// The most clients of an awareness, those that left included.
    public var clientCount = 4 << 10
    /// The largest state of one client, as JSON text in bytes.
    public var stateByteCount = 64 << 10
    /// The largest sum of all clients' states, as JSON text in bytes.
    public var awarenessByteCount = 4 << 20
    /// The deepest nesting inside one state.
    public var valueDepth = 32

    /// Creates the default limits.
    public init() {}

    /// Fails when `value` exceeds `limit`.
    func check(
        _ name: DocumentLimits.Name, _ value: Int, limit: Int, offset: Int
    ) throws(UpdateError) {
        guard value <= limit else {
            throw .limitExceeded(
                name, value: UInt64(value), limit: UInt64(Swift.max(limit, 0)), offset: offset)
        }
    }
}
