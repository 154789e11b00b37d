/// Names one node of a simulation: its place in the order of creation.
public struct NodeIndex: Hashable, Comparable, Sendable {
    /// The place, from zero.
    public var value: UInt32

    /// Creates the index of the node at `value`.
    public init(_ value: UInt32) {
        self.value = value
    }

    /// Orders by creation.
    public static func < (left: NodeIndex, right: NodeIndex) -> Bool { left.value < right.value }
}
