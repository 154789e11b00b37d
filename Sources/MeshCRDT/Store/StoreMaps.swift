extension Store {
    /// Maps with more keys than this are found by hash instead of by walking.
    private static var walkedEntryLimit: UInt32 { 8 }

    /// The entry of a key, or none when the key was never set.
    func findEntry(of key: KeyIndex, in branch: BranchIndex) -> EntryIndex {
        if branches[branch].entryCount > Self.walkedEntryLimit {
            return entryNumbers[Self.hashKey(branch, key)] ?? .none
        }
        var entry = branches[branch].firstEntry
        while !entry.isNone, entries[entry].key != key { entry = entries[entry].next }
        return entry
    }

    /// The entry of a key, made when it is new.
    mutating func entry(of key: KeyIndex, in branch: BranchIndex) -> EntryIndex {
        let found = findEntry(of: key, in: branch)
        guard found.isNone else { return found }
        let new = entries.append(MapEntry(branch: branch, key: key, first: .none, last: .none))
        if branches[branch].lastEntry.isNone {
            branches[branch].firstEntry = new
        } else {
            entries[branches[branch].lastEntry].next = new
        }
        branches[branch].lastEntry = new
        branches[branch].entryCount += 1
        if branches[branch].entryCount > Self.walkedEntryLimit { hashEntries(of: branch, newest: new) }
        return new
    }

    /// The newest value of a key, deleted or not; none when the key was never set.
    func value(of key: KeyIndex, in branch: BranchIndex) -> ItemIndex {
        let entry = findEntry(of: key, in: branch)
        return entry.isNone ? .none : entries[entry].last
    }

    /// The key of a value in a map, or none for an element of a list.
    @inline(__always)
    func key(of item: Item) -> KeyIndex {
        item.isInMap ? entries[EntryIndex(raw: item.place)].key : .none
    }

    /// Forgets all keys of a branch that was collected.
    mutating func removeEntries(of branch: BranchIndex) {
        if branches[branch].entryCount > Self.walkedEntryLimit {
            var entry = branches[branch].firstEntry
            while !entry.isNone {
                entryNumbers[Self.hashKey(branch, entries[entry].key)] = nil
                entry = entries[entry].next
            }
        }
        branches[branch].firstEntry = .none
        branches[branch].lastEntry = .none
        branches[branch].entryCount = 0
    }

    private mutating func hashEntries(of branch: BranchIndex, newest: EntryIndex) {
        guard branches[branch].entryCount == Self.walkedEntryLimit + 1 else {
            entryNumbers[Self.hashKey(branch, entries[newest].key)] = newest
            return
        }
        var entry = branches[branch].firstEntry
        while !entry.isNone {
            entryNumbers[Self.hashKey(branch, entries[entry].key)] = entry
            entry = entries[entry].next
        }
    }

    @inline(__always)
    private static func hashKey(_ branch: BranchIndex, _ key: KeyIndex) -> UInt64 {
        UInt64(branch.raw) << 32 | UInt64(key.raw)
    }
}
