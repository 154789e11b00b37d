/// Who observes which shared type.
struct TypeObservers {
    var own: [BranchIndex: Listeners<TypeEvent>] = [:]
    var deep: [BranchIndex: Listeners<[TypeEvent]>] = [:]
    /// Others who need to know of every item whether a transaction wrote it, such as undo managers.
    var itemReaderCount = 0

    /// Whether nobody needs items to be told apart by the transaction that wrote them.
    @inline(__always)
    var isEmpty: Bool { itemReaderCount == 0 && own.isEmpty && deep.isEmpty }
}

extension SharedHandle {
    /// Calls `body` after every transaction that changed this type itself.
    ///
    /// The event must be read during the call. `body` may change the document: that becomes a transaction of its own, which
    /// ends after this one's observers. Whoever is cancelled during a call is still told of it, and not of later ones.
    public func observe(_ body: @escaping (TypeEvent) -> Void) -> Subscription {
        type.handle.document.observe(type.handle.branch, \.own, body)
    }

    /// Calls `body` after every transaction that changed this type or a type in it, with the events of all that changed.
    ///
    /// Events come by the length of their path, the nearest first; see ``observe(_:)``.
    public func observeDeep(_ body: @escaping ([TypeEvent]) -> Void) -> Subscription {
        type.handle.document.observe(type.handle.branch, \.deep, body)
    }
}

extension Document {
    /// Tells the observers of every type that a transaction changed.
    ///
    /// First those of each type itself, in the order in which the types changed, then the deep ones. Types that are deleted
    /// when their turn comes are left out. Source: Yjs 13.6, `cleanupTransactions` and `callTypeObservers`.
    func callObservers(of transaction: Transaction) {
        guard !observers.own.isEmpty || !observers.deep.isEmpty else { return }
        let writers = WriterClocks(transaction.state)
        var events: [TypeEvent] = []
        for change in TypeChange.all(in: transaction.state) where !isDeleted(change.branch) {
            guard let target = SharedType(change.branch, in: self) else { continue }
            let details = EventDetails(change, transaction: transaction, writers: writers)
            let event = TypeEvent(target: target, transaction: transaction, details: details)
            events.append(event)
            observers.own[change.branch]?.send(event)
        }
        callDeepObservers(with: events)
    }

    private func callDeepObservers(with events: [TypeEvent]) {
        guard !observers.deep.isEmpty, !events.isEmpty else { return }
        var numbers: [BranchIndex: Int] = [:]
        var rounds: [(branch: BranchIndex, events: [TypeEvent])] = []
        for event in events {
            for branch in ancestors(of: event.target.handle.branch) {
                if let number = numbers[branch] {
                    rounds[number].events.append(event)
                } else {
                    numbers[branch] = rounds.count
                    rounds.append((branch, [event]))
                }
            }
        }
        var calls: [() -> Void] = []
        for round in rounds {
            guard observers.deep[round.branch] != nil, !isDeleted(round.branch),
                let current = SharedType(round.branch, in: self)
            else { continue }
            let told = sorted(round.events.filter { event in !event.target.isDeleted }, for: current)
            guard !told.isEmpty else { continue }
            calls.append { [self] in observers.deep[round.branch]?.send(told) }
        }
        for call in calls { call() }
    }

    /// Events as one of the types above sees them, the nearest first.
    private func sorted(_ events: [TypeEvent], for current: SharedType) -> [TypeEvent] {
        let placed = events.enumerated().sorted { left, right in
            let leftDepth = store.branches[left.element.target.handle.branch].depth
            let rightDepth = store.branches[right.element.target.handle.branch].depth
            return leftDepth == rightDepth ? left.offset < right.offset : leftDepth < rightDepth
        }
        return placed.map { pair in pair.element.seen(by: current) }
    }

    /// A type and all types above it, up to its root.
    private func ancestors(of branch: BranchIndex) -> [BranchIndex] {
        var ancestors = [branch]
        var item = store.branches[branch].item
        while !item.isNone, !store.items[item].parent.isNone {
            ancestors.append(store.items[item].parent)
            item = store.branches[store.items[item].parent].item
        }
        return ancestors
    }

    fileprivate func observe<Event>(
        _ branch: BranchIndex, _ kind: WritableKeyPath<TypeObservers, [BranchIndex: Listeners<Event>]>,
        _ body: @escaping (Event) -> Void
    ) -> Subscription {
        let number = observers[keyPath: kind][branch, default: Listeners()].add(body)
        return Subscription { [weak self] in
            self?.observers[keyPath: kind][branch]?.remove(number)
            if self?.observers[keyPath: kind][branch]?.isEmpty == true {
                self?.observers[keyPath: kind][branch] = nil
            }
        }
    }
}
