/// One run of units that one client wrote side by side: the element of every list, text and map of a document.
///
/// 56 bytes, plus its content in the ``ContentArena``. An item of kind ``ContentKind/gc`` is in no list: only its clocks
/// are known. `origin` and `rightOrigin` are the neighbours at the time of writing; `left` and `right` are today's.
struct Item {
    /// Clock of the first unit.
    var clock: Clock
    /// Number of units; never zero.
    var length: UInt32
    var client: ClientIndex
    /// Client of the unit left of the first one when it was written, or none.
    var originClient: ClientIndex
    var originClock: Clock
    /// Client of the unit right of the last one when it was written, or none.
    var rightOriginClient: ClientIndex
    var rightOriginClock: Clock
    var left: ItemIndex
    var right: ItemIndex
    /// The type that holds the item; none for collected items.
    var parent: BranchIndex
    /// In a map the number of the ``MapEntry``, in an indexed list that of the leaf of the ``SequenceIndex``.
    var place: UInt32
    /// Where the content starts in the arena; for a nested type the number of its branch.
    var contentOffset: UInt32
    var contentByteCount: UInt32
    var kind: ContentKind
    var flags: Flags

    /// What is true of an item.
    struct Flags: OptionSet {
        var rawValue: UInt8

        /// Its content is not part of the document any more.
        static var deleted: Flags { Flags(rawValue: 1) }
        /// It must not be collected: an undo may need it.
        static var kept: Flags { Flags(rawValue: 2) }
        /// It is a value of a map or an attribute, not an element of a list.
        static var inMap: Flags { Flags(rawValue: 4) }
        /// An undo has written it again; the store knows as what.
        static var redone: Flags { Flags(rawValue: 8) }
    }

    @inline(__always) var isDeleted: Bool { flags.rawValue & 1 != 0 }
    @inline(__always) var isKept: Bool { flags.rawValue & 2 != 0 }
    @inline(__always) var isInMap: Bool { flags.rawValue & 4 != 0 }
    @inline(__always) var isRedone: Bool { flags.rawValue & 8 != 0 }

    /// The clock behind the last unit.
    @inline(__always) var end: Clock { clock &+ length }

    /// The clock of the last unit.
    @inline(__always) var lastClock: Clock { clock &+ length &- 1 }

    /// Units that an index into the list counts.
    @inline(__always) var visibleLength: UInt32 { isDeleted || !kind.isCountable ? 0 : length }

    /// Whether it is a format marker that is in force.
    @inline(__always) var isLiveFormat: Bool { kind == .format && !isDeleted }
}

/// All items of a document, with the places of freed ones to be used again.
struct ItemArena: ~Copyable {
    private(set) var items = Arena<Item>()
    private var firstFree = ItemIndex.none
    private(set) var freeCount = 0

    /// The number of items in use.
    var count: Int { items.count - freeCount }

    /// The number of places, used or free.
    var placeCount: Int { items.count }

    @inline(__always)
    subscript(index: ItemIndex) -> Item {
        _read { yield items[index] }
        _modify { yield &items[index] }
    }

    @inline(__always)
    mutating func insert(_ item: Item) -> ItemIndex {
        guard !firstFree.isNone else { return items.append(item) }
        let index = firstFree
        firstFree = items[index].right
        freeCount -= 1
        items[index] = item
        return index
    }

    /// Frees the place of an item that no list and no clock index names any more.
    mutating func remove(_ index: ItemIndex) {
        items[index].right = firstFree
        items[index].parent = .none
        firstFree = index
        freeCount += 1
    }

    mutating func reserve(_ additional: Int) {
        items.reserve(additional)
    }
}
