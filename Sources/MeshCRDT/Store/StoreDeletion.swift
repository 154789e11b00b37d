extension Store {
    /// Deletes an item with everything in it; does nothing when it is deleted already.
    mutating func delete(_ index: ItemIndex) {
        guard !items[index].isDeleted else { return }
        deleteOne(index)
        guard items[index].kind == .type else { return }
        // Nested types, without recursion: a peer chooses how deep they are. A child's content goes before the next child,
        // as in Yjs, since undo goes through what was deleted in the order of clients.
        var unfinished = [contents(of: BranchIndex(raw: items[index].contentOffset))]
        while let (item, entry) = unfinished.popLast() {
            var child = item
            if !item.isNone {
                unfinished.append((items[item].right, entry))
            } else if !entry.isNone {
                child = entries[entry].last
                unfinished.append((.none, entries[entry].next))
            } else {
                continue
            }
            if let branch = deleteChild(child) { unfinished.append(contents(of: branch)) }
        }
    }

    /// The first item of a type's list and the first entry of its map.
    private func contents(of branch: BranchIndex) -> (ItemIndex, EntryIndex) {
        (branches[branch].start, branches[branch].firstEntry)
    }

    /// Deletes an item of a deleted type and returns the type that it holds.
    private mutating func deleteChild(_ index: ItemIndex) -> BranchIndex? {
        let item = items[index]
        guard !item.isDeleted else {
            // It may be joined with its neighbours once they are deleted too.
            if item.clock < clockBefore(item.client) {
                transaction.seams.append(TransactionState.Seam(client: item.client, clock: item.clock))
            }
            return nil
        }
        deleteOne(index)
        return item.kind == .type ? BranchIndex(raw: item.contentOffset) : nil
    }

    private mutating func deleteOne(_ index: ItemIndex) {
        let item = items[index]
        let branch = item.parent
        var key = KeyIndex.none
        if item.isInMap {
            key = entries[EntryIndex(raw: item.place)].key
        } else {
            let sum = SequenceIndex.sum(of: item)
            branches[branch].length -= sum.visible
            if sum != SequenceSum() { addSum(-sum, at: index, in: branch) }
            if cursor.branch == branch { cursor.branch = .none }
        }
        items[index].flags.insert(.deleted)
        noteDeletion(of: item)
        noteChange(branch, key: key)
        if item.kind == .document { noteRemovedDocument(index) }
        if item.kind == .format { formatChangeCount += 1 }
    }

    /// Adds an item to what the transaction deleted.
    @inline(__always)
    mutating func noteDeletion(of item: Item) {
        if let last = transaction.deletions.last, last.client == item.client, last.end == item.clock {
            transaction.deletions[transaction.deletions.count - 1].length += item.length
        } else {
            transaction.deletions.append(
                TransactionState.Deletion(client: item.client, clock: item.clock, length: item.length))
        }
    }

    private mutating func noteRemovedDocument(_ index: ItemIndex) {
        // What came in the same transaction is left out of what came when the transaction ends.
        guard items[index].clock < clockBefore(items[index].client) else { return }
        transaction.removedDocuments.append(RemovedDocument(item: index, document: documents[index]))
    }

    /// Deletes the units of a client from `clock` on that the store has, and returns how many of `length` it has.
    mutating func deleteRange(client: ClientIndex, clock: Clock, length: UInt32) -> UInt32 {
        let end = clock &+ length
        let known = min(end, clients[client].nextClock)
        guard clock < known else { return 0 }
        var position = clients[client].structs.position(of: clock)
        let first = clients[client].structs[position]
        if first.clock < clock, !items[first.item].isDeleted {
            split(first.item, at: clock - first.clock)
            position = clients[client].structs.position(of: clock)
        }
        while true {
            let entry = clients[client].structs[position]
            guard entry.clock < known else { break }
            if !items[entry.item].isDeleted {
                if known < items[entry.item].end { split(entry.item, at: known - entry.clock) }
                delete(entry.item)
                // The split may have halved the chunk.
                position = clients[client].structs.position(of: entry.clock)
            }
            guard let next = clients[client].structs.next(position) else { break }
            position = next
        }
        return known - clock
    }
}
