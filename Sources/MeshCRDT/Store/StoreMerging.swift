extension Store {
    /// Joins what the transaction made joinable, in the order in which Yjs does it.
    mutating func mergeAfterTransaction() {
        for index in transaction.deletions.indices { mergeRange(transaction.deletions[index]) }
        for index in transaction.writers.indices {
            let writer = transaction.writers[index]
            if writer.client != transaction.grownClient {
                mergeNew(of: writer.client, from: writer.clockBefore)
            }
        }
        var index = transaction.seams.count
        while index > 0 {
            index -= 1
            mergeSeam(transaction.seams[index])
        }
    }

    /// Joins the items of a deleted range with each other and with their neighbours.
    private mutating func mergeRange(_ range: TransactionState.Deletion) {
        let client = range.client
        var position = clients[client].structs.position(of: range.end &- 1)
        position = clients[client].structs.next(position) ?? position
        while clients[client].structs[position].clock >= range.clock {
            let left = mergeWithLefts(client, at: position).left
            guard let previous = clients[client].structs.previous(left) else { return }
            position = previous
        }
    }

    /// Joins what a client wrote from `clock` on.
    private mutating func mergeNew(of client: ClientIndex, from clock: Clock) {
        let first = clients[client].structs[clients[client].structs.position(of: clock)].clock
        var position = clients[client].structs.last
        while clients[client].structs[position].clock >= first {
            let left = mergeWithLefts(client, at: position).left
            guard let previous = clients[client].structs.previous(left) else { return }
            position = previous
        }
    }

    private mutating func mergeSeam(_ seam: TransactionState.Seam) {
        let position = clients[seam.client].structs.position(of: seam.clock)
        if let next = clients[seam.client].structs.next(position),
            mergeWithLefts(seam.client, at: next).count > 1
        {
            return
        }
        mergeWithLefts(seam.client, at: clients[seam.client].structs.position(of: seam.clock))
    }

    /// Joins an item with as many items before it as possible; returns how many, and where the joined one is.
    @discardableResult
    private mutating func mergeWithLefts(
        _ client: ClientIndex, at position: ClockIndex.Position
    ) -> (count: Int, left: ClockIndex.Position) {
        var current = position
        var count = 0
        while let previous = clients[client].structs.previous(current) {
            let left = clients[client].structs[previous].item
            let right = clients[client].structs[current].item
            guard canMerge(left, right) else { break }
            merge(right, into: left)
            clients[client].structs.remove(at: current)
            current = previous
            count += 1
        }
        return (count, current)
    }

    /// Whether two neighbours in their client's clocks can be one run.
    @inline(__always)
    private func canMerge(_ leftIndex: ItemIndex, _ rightIndex: ItemIndex) -> Bool {
        let kind = items[leftIndex].kind
        guard kind == items[rightIndex].kind else { return false }
        switch kind {
        case .gc: return true
        case .binary, .embed, .format, .type, .document, .skip: return false
        case .deleted, .json, .string, .any: break
        }
        let left = items[leftIndex]
        let right = items[rightIndex]
        return left.right == rightIndex && right.originClient == left.client
            && right.originClock == left.lastClock && left.isDeleted == right.isDeleted
            && hasSameRightOrigin(left, right) && !left.isRedone && !right.isRedone
    }

    private mutating func merge(_ rightIndex: ItemIndex, into leftIndex: ItemIndex) {
        let left = items[leftIndex]
        let right = items[rightIndex]
        items[leftIndex].length += right.length
        if scan.lastPlaced == rightIndex || scan.lastPlaced == leftIndex { scan.lastPlaced = .none }
        if left.kind != .gc {
            mergeContent(left, right, into: leftIndex)
            unlink(rightIndex, right, mergedInto: leftIndex, left)
            if right.isKept { items[leftIndex].flags.insert(.kept) }
        }
        items.remove(rightIndex)
    }

    private mutating func mergeContent(_ left: Item, _ right: Item, into index: ItemIndex) {
        guard left.kind != .deleted else { return }
        items[index].contentOffset = content.join(
            Int(left.contentOffset)..<Int(left.contentOffset) + Int(left.contentByteCount),
            Int(right.contentOffset)..<Int(right.contentOffset) + Int(right.contentByteCount))
        items[index].contentByteCount += right.contentByteCount
    }

    /// Takes an item whose units went into its left neighbour out of its list or map.
    private mutating func unlink(
        _ index: ItemIndex, _ item: Item, mergedInto leftIndex: ItemIndex, _ left: Item
    ) {
        items[leftIndex].right = item.right
        if !item.right.isNone { items[item.right].left = leftIndex }
        if item.isInMap {
            let entry = EntryIndex(raw: item.place)
            if entries[entry].last == index { entries[entry].last = leftIndex }
            return
        }
        let branch = item.parent
        if cursor.item == index, cursor.branch == branch {
            cursor.item = leftIndex
            cursor.index -= left.visibleLength
        }
        guard !branches[branch].root.isNone else {
            branches[branch].itemCount -= 1
            return
        }
        if left.place != item.place {
            let sum = SequenceIndex.sum(of: item)
            if sum != SequenceSum() {
                sequence.add(-sum, toLeaf: item.place)
                sequence.add(sum, toLeaf: left.place)
            }
        }
        sequence.remove(index, next: item.right, root: &branches[branch].root, items: &items)
    }
}
