/// The number of an element in one of the store's arenas.
///
/// Linked structures of a document are numbers into contiguous storage: four bytes a link, no reference counting, and
/// neighbours in time lie side by side in memory.
struct ArenaIndex<Element>: Hashable, Sendable {
    var raw: UInt32

    /// No element.
    @inline(__always) static var none: ArenaIndex { ArenaIndex(raw: .max) }

    @inline(__always) var isNone: Bool { raw == .max }

    @inline(__always)
    init(raw: UInt32) {
        self.raw = raw
    }

    @inline(__always)
    init(_ value: Int) {
        raw = UInt32(truncatingIfNeeded: value)
    }

    @inline(__always) var int: Int { Int(truncatingIfNeeded: raw) }
}

typealias ItemIndex = ArenaIndex<Item>
typealias BranchIndex = ArenaIndex<Branch>
typealias EntryIndex = ArenaIndex<MapEntry>
typealias KeyIndex = ArenaIndex<KeyTable>
typealias ClientIndex = ArenaIndex<ClientState>
