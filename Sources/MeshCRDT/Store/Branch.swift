/// The place of a shared type in the store: its list of items, its map, and the item that holds it.
struct Branch {
    /// The item whose content the type is; none for a root.
    var item: ItemIndex
    /// The first item of the list.
    var start = ItemIndex.none
    /// Visible units in the list.
    var length: UInt32 = 0
    /// Items in the list, deleted ones too; not counted any more once the list is indexed.
    var itemCount: UInt32 = 0
    /// The root of the list's index; none while the list is short.
    var root = SequenceNode.none
    /// The map's entries in the order in which their keys were first set.
    var firstEntry = EntryIndex.none
    var lastEntry = EntryIndex.none
    var entryCount: UInt32 = 0
    /// The name of a root, of an XML element or of a hook; else none.
    var name: KeyIndex
    /// The last transaction in which the list was noted as changed.
    var changedIn: UInt32 = 0
    /// Types above this one.
    var depth: UInt16
    var kind: TypeKind
    /// Whether a format marker was ever in the list.
    var hasFormatting = false
    /// Whether the type was deleted and collected: it has no items any more.
    var isCollected = false

    init(kind: TypeKind, name: KeyIndex, item: ItemIndex, depth: UInt16) {
        self.kind = kind
        self.name = name
        self.item = item
        self.depth = depth
    }

    /// Whether it is a root of the document.
    var isRoot: Bool { item.isNone }
}

/// One key of a map, with the chain of values that were ever set for it.
struct MapEntry {
    var branch: BranchIndex
    var key: KeyIndex
    /// The oldest value in list order.
    var first: ItemIndex
    /// The value in force, unless it is deleted.
    var last: ItemIndex
    /// The key that was first set after this one.
    var next = EntryIndex.none
}
