extension Store {
    /// Drops the contents of what the transaction deleted, as far as `filter` allows.
    mutating func collect(filter: ((IDRange) -> Bool)?) {
        for index in transaction.deletions.indices {
            let range = transaction.deletions[index]
            var position = clients[range.client].structs.position(of: range.clock)
            while true {
                let entry = clients[range.client].structs[position]
                guard entry.clock < range.end else { break }
                let item = items[entry.item]
                if item.kind != .gc, item.isDeleted, !item.isKept, isCollectable(item, filter) {
                    collectContent(of: entry.item)
                }
                guard let next = clients[range.client].structs.next(position) else { break }
                position = next
            }
        }
    }

    private func isCollectable(_ item: Item, _ filter: ((IDRange) -> Bool)?) -> Bool {
        guard let filter else { return true }
        return filter(IDRange(client: clients[item.client].id, clock: item.clock, length: item.length))
    }

    /// Replaces a deleted item's content by its mere length; a type's items lose their places too.
    private mutating func collectContent(of index: ItemIndex) {
        let item = items[index]
        switch item.kind {
        case .gc, .deleted, .skip: return
        case .type: collectBranch(BranchIndex(raw: item.contentOffset))
        case .document: documents[index] = nil
        case .json, .binary, .string, .embed, .format, .any: break
        }
        dropContent(of: index)
        items[index].kind = .deleted
    }

    private mutating func dropContent(of index: ItemIndex) {
        if items[index].kind != .type { content.release(byteCount: items[index].contentByteCount) }
        items[index].contentOffset = 0
        items[index].contentByteCount = 0
    }

    /// Turns every item below a type into bare clocks.
    private mutating func collectBranch(_ branch: BranchIndex) {
        var branchesLeft = [branch]
        while let branch = branchesLeft.popLast() {
            var item = branches[branch].start
            while !item.isNone {
                let next = items[item].right
                collectWhole(item, branchesLeft: &branchesLeft)
                item = next
            }
            var entry = branches[branch].firstEntry
            while !entry.isNone {
                var item = entries[entry].last
                while !item.isNone {
                    let next = items[item].left
                    collectWhole(item, branchesLeft: &branchesLeft)
                    item = next
                }
                entry = entries[entry].next
            }
            removeEntries(of: branch)
            sequence.removeAll(root: branches[branch].root)
            branches[branch].root = .none
            branches[branch].start = .none
            branches[branch].itemCount = 0
            branches[branch].length = 0
            branches[branch].isCollected = true
            if cursor.branch == branch { cursor.branch = .none }
        }
    }

    private mutating func collectWhole(_ index: ItemIndex, branchesLeft: inout [BranchIndex]) {
        if items[index].kind == .type { branchesLeft.append(BranchIndex(raw: items[index].contentOffset)) }
        if items[index].kind == .document { documents[index] = nil }
        dropContent(of: index)
        if items[index].isRedone { redone[index] = nil }
        items[index].kind = .gc
        if scan.lastPlaced == index { scan.lastPlaced = .none }
        items[index].flags = .deleted
        items[index].parent = .none
        items[index].left = .none
        items[index].right = .none
        items[index].originClient = .none
        items[index].rightOriginClient = .none
        items[index].place = .max
    }
}
