/// The value in force of one key of a map.
struct LiveEntry {
    var key: String
    var item: ItemIndex
}

extension Document {
    /// The keys of a map that have a value, in the order in which this replica first saw them.
    func liveEntries(of branch: BranchIndex) -> [LiveEntry] {
        var live: [LiveEntry] = []
        live.reserveCapacity(Int(store.branches[branch].entryCount))
        var entry = store.branches[branch].firstEntry
        while !entry.isNone {
            let item = store.entries[entry].last
            if !item.isNone, !store.items[item].isDeleted {
                live.append(LiveEntry(key: store.keys.string(store.entries[entry].key), item: item))
            }
            entry = store.entries[entry].next
        }
        return live
    }

    /// The number of keys of a map that have a value, in time linear in the number of keys ever set.
    func liveEntryCount(of branch: BranchIndex) -> Int {
        var count = 0
        var entry = store.branches[branch].firstEntry
        while !entry.isNone {
            let item = store.entries[entry].last
            if !item.isNone, !store.items[item].isDeleted { count += 1 }
            entry = store.entries[entry].next
        }
        return count
    }

    /// The item of a key's value in force, or none.
    func liveItem(of key: String, in branch: BranchIndex) -> ItemIndex {
        let key = store.keys.find(key)
        guard !key.isNone else { return .none }
        let item = store.value(of: key, in: branch)
        return item.isNone || store.items[item].isDeleted ? .none : item
    }

    /// The value in force of a key, or nil.
    func value(of key: String, in branch: BranchIndex) -> SharedValue? {
        let item = liveItem(of: key, in: branch)
        return item.isNone ? nil : value(of: item)
    }

    /// The pairs of an XML type's attributes in the order of a JavaScript object: array indexes first, ascending.
    func attributes(of branch: BranchIndex) -> [(key: String, value: SharedValue)] {
        var indexed: [(index: UInt32, entry: LiveEntry)] = []
        var others: [LiveEntry] = []
        for entry in liveEntries(of: branch) {
            if let index = AnyFields.arrayIndex(entry.key) {
                indexed.append((index, entry))
            } else {
                others.append(entry)
            }
        }
        indexed.sort { left, right in left.index < right.index }
        return (indexed.map(\.entry) + others).compactMap { entry in
            value(of: entry.item).map { value in (entry.key, value) }
        }
    }
}
