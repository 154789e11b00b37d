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

/// Contiguous storage whose elements are addressed by ``ArenaIndex``.
struct Arena<Element> {
    private(set) var elements: ContiguousArray<Element> = []

    var count: Int { elements.count }

    @inline(__always)
    subscript(index: ArenaIndex<Element>) -> Element {
        _read { yield elements[index.int] }
        _modify { yield &elements[index.int] }
    }

    @inline(__always)
    mutating func append(_ element: Element) -> ArenaIndex<Element> {
        elements.append(element)
        return ArenaIndex(elements.count - 1)
    }

    mutating func reserve(_ count: Int) {
        elements.reserveCapacity(count)
    }
}
