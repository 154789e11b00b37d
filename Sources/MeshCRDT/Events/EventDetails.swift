/// The changes of one event, worked out once for all who observe it.
final class EventDetails {
    /// What changed in a list.
    struct ListChanges {
        var delta: [ListDelta] = []
        var added: [SharedValue] = []
        var deleted: [SharedValue] = []
        /// The end of `added` that no step inserts yet.
        private var waiting = 0

        mutating func add(_ values: [SharedValue]) {
            added += values
            waiting += values.count
        }

        mutating func addDeletion(of count: Int) {
            flush()
            guard case .delete(let before)? = delta.last else { return delta.append(.delete(count)) }
            delta[delta.count - 1] = .delete(before + count)
        }

        mutating func addRetained(_ count: Int) {
            flush()
            guard case .retain(let before)? = delta.last else { return delta.append(.retain(count)) }
            delta[delta.count - 1] = .retain(before + count)
        }

        /// Ends the steps; what stays at the end needs none.
        mutating func finish() {
            flush()
            if case .retain? = delta.last { delta.removeLast() }
        }

        private mutating func flush() {
            guard waiting > 0 else { return }
            delta.append(.insert(Array(added.suffix(waiting))))
            waiting = 0
        }
    }

    let change: TypeChange
    private let transaction: Transaction
    private let writers: WriterClocks

    private(set) lazy var keysChanged: [String] = change.keys.map {
        transaction.document.store.keys.string($0)
    }
    private(set) lazy var keys: [(key: String, change: KeyChange)] = isReadable ? findKeys() : []
    private(set) lazy var list: ListChanges = isReadable ? findListChanges() : ListChanges()

    private(set) lazy var text: [TextDelta] = isReadable ? findTextDelta() : []

    init(_ change: TypeChange, transaction: Transaction, writers: WriterClocks) {
        self.change = change
        self.transaction = transaction
        self.writers = writers
    }

    /// Whether the items still show what the transaction did.
    private var isReadable: Bool { !transaction.document.unfinished.isEmpty }

    private func findKeys() -> [(key: String, change: KeyChange)] {
        let document = transaction.document
        return change.keys.compactMap { key in
            let item = document.store.value(of: key, in: change.branch)
            guard !item.isNone, let change = keyChange(of: item) else { return nil }
            return (document.store.keys.string(key), change)
        }
    }

    /// What became of the key whose newest item this is; nil when it is as before.
    private func keyChange(of index: ItemIndex) -> KeyChange? {
        let document = transaction.document
        let item = document.store.items[index]
        guard writers.adds(item) else {
            return transaction.deletes(item) ? .delete(old: document.value(of: index)) : nil
        }
        var previous = item.left
        while !previous.isNone, writers.adds(document.store.items[previous]) {
            previous = document.store.items[previous].left
        }
        let hadValue = !previous.isNone && transaction.deletes(document.store.items[previous])
        if transaction.deletes(item) {
            return hadValue ? .delete(old: document.value(of: previous)) : nil
        }
        return hadValue ? .update(old: document.value(of: previous)) : .add
    }

    private func findTextDelta() -> [TextDelta] {
        let kind = transaction.document.store.branches[change.branch].kind
        guard kind == .text || kind == .xmlText else { return [] }
        return transaction.document.textDelta(of: change.branch, in: transaction)
    }

    private func findListChanges() -> ListChanges {
        let document = transaction.document
        let branch = document.store.branches[change.branch]
        var changes = ListChanges()
        guard change.isListChanged, branch.kind != .text, branch.kind != .xmlText else { return changes }
        var index = branch.start
        while !index.isNone {
            let item = document.store.items[index]
            if item.isDeleted {
                if transaction.deletes(item), !writers.adds(item) {
                    changes.addDeletion(of: Int(item.length))
                    document.appendValues(of: index, to: &changes.deleted)
                }
            } else if writers.adds(item) {
                var values: [SharedValue] = []
                document.appendValues(of: index, to: &values)
                changes.add(values)
            } else {
                changes.addRetained(Int(item.length))
            }
            index = item.right
        }
        changes.finish()
        return changes
    }
}
