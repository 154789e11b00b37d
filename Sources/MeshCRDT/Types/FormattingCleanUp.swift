/// What Yjs does after updates of others to text with formatting: markers that they left without effect are deleted.
///
/// Source: Yjs 13.6 `cleanupYTextAfterTransaction`. It does less than its names say, and so does this, for the deletions are
/// sent to all.
extension Document {
    /// Removes format markers that a remote transaction left without effect, in a transaction of its own.
    func cleanUpFormatting(after transaction: Transaction) {
        var wholes = store.branchesWithNewMarkers(transaction.state)
        transact { _ in
            mutate { store in
                store.cleanUpGaps(ofDeletedBy: transaction.state, &wholes)
                for branch in wholes.order { store.cleanUpFirstGap(of: branch) }
            }
        }
    }
}

/// The texts whose formatting was changed itself, in the order in which they were found.
struct FormattedBranches {
    private(set) var order: [BranchIndex] = []
    private var members: Set<BranchIndex> = []

    mutating func insert(_ branch: BranchIndex) {
        if members.insert(branch).inserted { order.append(branch) }
    }

    func contains(_ branch: BranchIndex) -> Bool { members.contains(branch) }
}

extension Store {
    /// The texts into which a transaction put a format marker that is still in force.
    fileprivate func branchesWithNewMarkers(_ state: TransactionState) -> FormattedBranches {
        var branches = FormattedBranches()
        for writer in state.writers where writer.clockAfter != writer.clockBefore {
            var position = clients[writer.client].structs.position(of: writer.clockBefore)
            while clients[writer.client].structs[position].clock < writer.clockAfter {
                let item = clients[writer.client].structs[position].item
                if items[item].isLiveFormat { branches.insert(items[item].parent) }
                guard let next = clients[writer.client].structs.next(position) else { break }
                position = next
            }
        }
        return branches
    }

    /// Cleans up around what a transaction deleted; texts that lost a marker are left to `wholes`.
    fileprivate mutating func cleanUpGaps(
        ofDeletedBy state: TransactionState, _ wholes: inout FormattedBranches
    ) {
        var visited: Set<ItemIndex> = []
        for range in state.deletionsInYjsOrder {
            var position = clients[range.client].structs.position(of: range.clock)
            while clients[range.client].structs[position].clock < range.end {
                let index = clients[range.client].structs[position].item
                let item = items[index]
                if item.kind != .gc, !item.parent.isNone, branches[item.parent].hasFormatting,
                    !wholes.contains(item.parent)
                {
                    if item.kind == .format {
                        wholes.insert(item.parent)
                    } else {
                        cleanUpGap(around: index, &visited)
                    }
                }
                guard let next = clients[range.client].structs.next(position) else { break }
                position = next
            }
        }
    }

    /// Deletes those markers between two visible units whose key another one at their right has.
    ///
    /// `visited` are items of gaps that were cleaned up before, to which nothing is left to do. Source:
    /// `cleanupContextlessFormattingGap`.
    private mutating func cleanUpGap(around start: ItemIndex, _ visited: inout Set<ItemIndex>) {
        guard !visited.contains(start) else { return }
        var item = start
        while !items[item].right.isNone, items[items[item].right].visibleLength == 0 {
            item = items[item].right
        }
        var keys: Set<ByteKey> = []
        while !item.isNone, items[item].visibleLength == 0 {
            visited.insert(item)
            if items[item].isLiveFormat,
                !keys.insert(ByteKey(string: format(of: item).key)).inserted
            {
                delete(item)
            }
            item = items[item].left
        }
    }

    /// Deletes the needless markers before the first visible unit of a text.
    ///
    /// `cleanupYTextFormatting` means to do so for the whole text, but starts every gap but the first at a visible unit, where
    /// it finds it empty.
    fileprivate mutating func cleanUpFirstGap(of branch: BranchIndex) {
        var end = branches[branch].start
        while !end.isNone, items[end].visibleLength == 0 { end = items[end].right }
        guard !end.isNone else { return }
        var current = FormatAttributes()
        cleanUpGap(from: branches[branch].start, to: end, before: FormatAttributes(), &current)
    }
}

extension TransactionState {
    /// The deletions by clock, client by client in the order in which something of each was first deleted.
    fileprivate var deletionsInYjsOrder: [Deletion] {
        guard !deletedClients.isEmpty else { return deletions }
        var byClient: [ClientIndex: [Deletion]] = [:]
        for deletion in deletions { byClient[deletion.client, default: []].append(deletion) }
        return deletedClients.flatMap { client in byClient[client] ?? [] }
    }
}
