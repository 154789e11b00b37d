import MeshCore

/// The other side of a ping stream: sends every whole 32 bytes back.
public struct PingResponder: Sendable {
    private var partial: [UInt8] = []

    /// Creates the side of a new stream.
    public init() {}

    /// Takes bytes of the peer and appends what must be sent back to `output`.
    public mutating func receive(_ bytes: RawSpan, into output: inout [UInt8]) {
        let total = partial.count + bytes.byteCount
        let rest = total % PingConfiguration.byteCount
        guard total >= PingConfiguration.byteCount else {
            partial.append(bytes)
            return
        }
        output.append(contentsOf: partial)
        partial.removeAll(keepingCapacity: true)
        // The rest is shorter than one ping, and so shorter than what arrived now.
        let whole = max(0, bytes.byteCount - rest)
        output.append(bytes.extracting(first: whole))
        partial.append(bytes.extracting(droppingFirst: whole))
    }
}
