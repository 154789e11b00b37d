extension Store {
    /// Calls `body` with every item of a range, whose ends split runs.
    ///
    /// What `body` splits off is gone through, too.
    mutating func forEachItem(in range: IDRange, _ body: (inout Store, ItemIndex) -> Void) {
        let client = clients.find(range.client)
        guard !client.isNone else { return }
        let end = min(range.end, clients[client].nextClock)
        var clock = range.clock
        while clock < end {
            let item = itemStarting(at: client, clock)
            if end < items[item].end { _ = itemStarting(at: client, end) }
            let next = items[item].end
            body(&self, item)
            clock = items[item].kind == .gc ? next : items[item].end
        }
    }

    /// What a finished transaction wrote.
    func written(by state: TransactionState) -> OrderedUnits {
        var units = OrderedUnits()
        // Yjs goes through its clients in the order in which they first wrote.
        let known = state.writers.filter { $0.clockBefore > 0 }.sorted { $0.client.raw < $1.client.raw }
        for writer in known + state.writers.filter({ $0.clockBefore == 0 }) {
            units.append(
                IDRange(
                    client: clients[writer.client].id, clock: writer.clockBefore,
                    length: writer.clockAfter - writer.clockBefore))
        }
        return units
    }

    /// What a finished transaction deleted.
    func deleted(by state: TransactionState) -> OrderedUnits {
        var builder = DeleteSetBuilder()
        for range in state.deletions {
            builder.append(
                IDRange(client: clients[range.client].id, clock: range.clock, length: range.length))
        }
        var order = state.deletedClients
        if order.isEmpty, let only = state.deletions.first { order = [only.client] }
        return OrderedUnits(units: builder.build(), clients: order.map { clients[$0].id })
    }

    /// Protects what a transaction has just deleted from collection.
    mutating func keepItems(in deleted: OrderedUnits, _ scope: UndoScope) {
        for range in deleted.ranges {
            // Its ends are ends of items: nothing was joined since.
            forEachItem(in: range) { store, item in
                if scope.includes(item, in: store) { store.keep(item, true) }
            }
        }
    }

    /// What a step wrote and what is still there, in the form in which it is there now.
    mutating func liveItems(writtenBy step: UndoStep, _ scope: UndoScope) -> [ItemIndex] {
        var found: [ItemIndex] = []
        for range in step.written.ranges {
            forEachItem(in: range) { store, item in
                var item = item
                if store.items[item].isRedone {
                    let (last, offset) = store.followRedone(store.id(of: item))
                    item = last
                    if offset > 0, store.items[last].kind != .gc { item = store.split(last, at: offset) }
                }
                if !store.items[item].isDeleted, scope.includes(item, in: store) { found.append(item) }
            }
        }
        return found
    }

    /// What a step deleted, apart from what it wrote itself.
    mutating func itemsToRedo(of step: UndoStep, _ scope: UndoScope) -> [ItemIndex] {
        var found: [ItemIndex] = []
        for range in step.deleted.ranges {
            forEachItem(in: range) { store, item in
                guard scope.includes(item, in: store), !step.insertions.contains(store.id(of: item)) else {
                    return
                }
                found.append(item)
            }
        }
        return found
    }

    /// An item as the application sees it before it is deleted.
    func undoTarget(_ index: ItemIndex) -> UndoTarget {
        let item = items[index]
        let id = id(of: index)
        let type = item.kind == .type ? branches[BranchIndex(raw: item.contentOffset)] : nil
        let key = key(of: item)
        return UndoTarget(
            units: IDRange(client: id.client, clock: id.clock, length: item.length), kind: item.kind,
            typeKind: type?.kind, name: type.flatMap { $0.name.isNone ? nil : keys.string($0.name) },
            key: key.isNone ? nil : keys.string(key), length: Int(type?.length ?? 0))
    }
}
