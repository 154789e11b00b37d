/// What a transaction changed of one type: its list, some of its keys, or both.
struct TypeChange {
    var branch: BranchIndex
    /// The keys in the order in which they were first changed.
    var keys: [KeyIndex] = []
    var isListChanged = false

    /// The changes of all types, in the order in which the types were first changed.
    static func all(in state: TransactionState) -> [TypeChange] {
        var numbers: [BranchIndex: Int] = [:]
        var seen: Set<TransactionState.Change> = []
        var changes: [TypeChange] = []
        for change in state.changes {
            let number = numbers[change.branch] ?? changes.count
            if number == changes.count {
                numbers[change.branch] = number
                changes.append(TypeChange(branch: change.branch))
            }
            if change.key.isNone {
                changes[number].isListChanged = true
            } else if seen.insert(change).inserted {
                changes[number].keys.append(change.key)
            }
        }
        return changes
    }
}

/// The clocks before a transaction of the clients that wrote in it, found in constant time.
struct WriterClocks {
    private let clocks: [ClientIndex: Clock]

    init(_ state: TransactionState) {
        clocks = Dictionary(
            state.writers.map { ($0.client, $0.clockBefore) }, uniquingKeysWith: { first, _ in first })
    }

    /// Whether the transaction wrote an item.
    func adds(_ item: Item) -> Bool {
        guard let clock = clocks[item.client] else { return false }
        return item.clock >= clock
    }
}
