/// The types whose changes an ``UndoManager`` takes back, with all that is in them.
struct UndoScope {
    /// Whether it is the whole document.
    var isDocument = false
    private var branches: [BranchIndex]

    init(_ branches: [BranchIndex]) {
        self.branches = branches
    }

    mutating func insert(_ branch: BranchIndex) {
        if !branches.contains(branch) { branches.append(branch) }
    }

    /// Whether an item is in one of the types, however deep.
    func includes(_ item: ItemIndex, in store: borrowing Store) -> Bool {
        store.items[item].kind != .gc && includes(store.items[item].parent, in: store)
    }

    /// Whether a finished transaction changed one of the types or a type in them.
    ///
    /// A type that was deleted does not count, nor does one that the transaction made: what holds it has changed then. With
    /// the whole document every transaction counts, even an empty one, as in Yjs.
    func includes(_ transaction: Transaction) -> Bool {
        let document = transaction.document
        if isDocument { return true }
        return transaction.state.changes.contains { change in
            !document.isDeleted(change.branch) && document.store.branches[change.branch].kind != .undefined
                && includes(change.branch, in: document.store)
        }
    }

    private func includes(_ branch: BranchIndex, in store: borrowing Store) -> Bool {
        if isDocument { return true }
        var branch = branch
        while !branch.isNone {
            if branches.contains(branch) { return true }
            let holder = store.branches[branch].item
            guard !holder.isNone, !store.branches[branch].isCollected else { return false }
            branch = store.items[holder].parent
        }
        return false
    }
}
