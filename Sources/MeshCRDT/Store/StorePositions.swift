/// A place between two neighbours of a list.
struct ListPosition: Equatable {
    var left: ItemIndex
    var right: ItemIndex
}

extension Store {
    /// How far a lookup walks from the last one before it asks the index.
    private static var walkLimit: Int { 8 }

    /// The item that holds visible unit `unit` of a list, and the number of visible units before the item.
    ///
    /// `unit` must be less than the list's length. Logarithmic in the number of items; constant near the last lookup.
    mutating func locate(_ unit: UInt32, in branch: BranchIndex) -> (item: ItemIndex, before: UInt32) {
        precondition(unit < branches[branch].length, "a unit beyond the end of its list")
        if cursor.branch == branch, walkFromCursor(to: unit) { return (cursor.item, cursor.index) }
        indexWhenLong(branch)
        var item = branches[branch].start
        var before: UInt32 = 0
        if !branches[branch].root.isNone {
            let leaf = sequence.leaf(ofUnit: unit, root: branches[branch].root)
            item = sequence.leaves[Int(leaf.number)].first
            before = leaf.before
        }
        while true {
            let length = items[item].visibleLength
            if unit - before < length { break }
            before += length
            item = items[item].right
        }
        cursor = Cursor(branch: branch, item: item, index: before)
        return (item, before)
    }

    /// Indexes a list that has become long; until somebody looks something up in it, that would be in vain.
    @inline(__always)
    private mutating func indexWhenLong(_ branch: BranchIndex) {
        guard branches[branch].root.isNone, branches[branch].itemCount > SequenceIndex.threshold else {
            return
        }
        branches[branch].root = sequence.build(from: branches[branch].start, items: &items)
    }

    /// Moves the cursor to the item of a unit when that is a few steps away.
    @inline(__always)
    private mutating func walkFromCursor(to unit: UInt32) -> Bool {
        var item = cursor.item
        var index = cursor.index
        var steps = 0
        while unit < index {
            item = items[item].left
            steps += 1
            guard steps <= Self.walkLimit, !item.isNone else { return false }
            index -= items[item].visibleLength
        }
        while unit - index >= items[item].visibleLength {
            index += items[item].visibleLength
            item = items[item].right
            steps += 1
            guard steps <= Self.walkLimit, !item.isNone else { return false }
        }
        cursor.item = item
        cursor.index = index
        return true
    }

    /// The place at an index, right behind the unit before it; a run that the index lies in is split.
    ///
    /// Among deleted items and format markers at one index this is the leftmost place, where Yjs, too, inserts when it
    /// searches from the start of the list. `index` must not exceed the list's length.
    mutating func position(at index: UInt32, in branch: BranchIndex) -> ListPosition {
        guard index > 0 else { return ListPosition(left: .none, right: branches[branch].start) }
        let (item, before) = locate(index - 1, in: branch)
        let offset = index - before
        if offset < items[item].length {
            let right = split(item, at: offset)
            return ListPosition(left: item, right: right)
        }
        return ListPosition(left: item, right: items[item].right)
    }

    /// The number of visible units before an item of a list.
    ///
    /// Logarithmic in the number of items.
    mutating func index(of target: ItemIndex) -> UInt32 {
        let branch = items[target].parent
        indexWhenLong(branch)
        var item = branches[branch].start
        var index: UInt32 = 0
        if !branches[branch].root.isNone {
            let leaf = items[target].place
            item = sequence.leaves[Int(leaf)].first
            index = sequence.sum(beforeLeaf: leaf).visible
        }
        while item != target {
            index += items[item].visibleLength
            item = items[item].right
        }
        return index
    }

    /// The nearest format marker in force before `item`, or none; long stretches without markers are skipped.
    ///
    /// With none, the search starts at the end of the list.
    mutating func formatMarker(before item: ItemIndex) -> ItemIndex {
        indexWhenLong(items[item].parent)
        var current = items[item].left
        guard !branches[items[item].parent].root.isNone else {
            while !current.isNone, !items[current].isLiveFormat { current = items[current].left }
            return current
        }
        var leaf = items[item].place
        while !current.isNone {
            if items[current].place != leaf {
                // The leaf that was left has no marker before; the next one may have none at all.
                let next = items[current].place
                if sequence.leaves[Int(next)].sum.formats == 0 {
                    guard let found = sequence.leafWithFormats(before: next) else { return .none }
                    current = lastItem(ofLeaf: found)
                    leaf = found
                } else {
                    leaf = next
                }
            }
            if items[current].isLiveFormat { return current }
            current = items[current].left
        }
        return .none
    }

    /// The last item of a list, deleted or not; none when it is empty.
    mutating func lastItem(of branch: BranchIndex) -> ItemIndex {
        indexWhenLong(branch)
        guard branches[branch].root.isNone else {
            return lastItem(ofLeaf: sequence.lastLeaf(root: branches[branch].root))
        }
        var last = branches[branch].start
        while !last.isNone, !items[last].right.isNone { last = items[last].right }
        return last
    }

    private func lastItem(ofLeaf leaf: UInt32) -> ItemIndex {
        var item = sequence.leaves[Int(leaf)].first
        for _ in 1..<max(1, sequence.leaves[Int(leaf)].itemCount) { item = items[item].right }
        return item
    }
}
