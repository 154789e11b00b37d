/// A node of the index over a long list: a leaf or an inner node, told apart by the top bit.
struct SequenceNode: Equatable {
    var raw: UInt32

    static var none: SequenceNode { SequenceNode(raw: .max) }

    @inline(__always) var isNone: Bool { raw == .max }
    @inline(__always) var isInner: Bool { raw & 0x8000_0000 != 0 }
    @inline(__always) var number: Int { Int(raw & 0x7fff_ffff) }

    @inline(__always)
    static func leaf(_ number: UInt32) -> SequenceNode { SequenceNode(raw: number) }

    @inline(__always)
    static func inner(_ number: Int) -> SequenceNode {
        SequenceNode(raw: UInt32(truncatingIfNeeded: number) | 0x8000_0000)
    }
}

/// What a part of a list adds up to.
struct SequenceSum: Equatable {
    /// Units that an index counts.
    var visible: UInt32 = 0
    /// Format markers in force.
    var formats: UInt32 = 0

    @inline(__always)
    static func &+= (left: inout SequenceSum, right: SequenceSum) {
        left.visible &+= right.visible
        left.formats &+= right.formats
    }

    @inline(__always)
    static prefix func - (sum: SequenceSum) -> SequenceSum {
        SequenceSum(visible: 0 &- sum.visible, formats: 0 &- sum.formats)
    }
}
