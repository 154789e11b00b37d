/// Names one stream of a connection: the stream id on the wire.
@frozen
public struct StreamID: Hashable, Sendable {
    /// The id as the muxer's frames carry it; odd when the dialer opened the stream, never zero.
    public let value: UInt32

    /// Creates the id `value`.
    @inlinable
    public init(_ value: UInt32) {
        self.value = value
    }
}

extension StreamID: CustomStringConvertible {
    /// The id in decimal.
    public var description: String { "\(value)" }
}
