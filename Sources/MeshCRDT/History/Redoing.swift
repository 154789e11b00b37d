/// What an undo needs to know to write deleted items again.
struct RedoContext {
    /// The items that the same undo writes again.
    var items: Set<ItemIndex>
    /// What the same undo deletes.
    var insertions: DeleteSet
    /// Whether a step on the undo manager's stacks deleted a unit; asked only about values of maps.
    var isDeletedByStep: (ID) -> Bool
    /// Whether values that others have set since are replaced.
    var replacesRemoteValues: Bool
}

extension Store {
    // MARK: Redone items

    /// The unit that an undo wrote last for a unit, or the unit itself; the store must have `id`.
    func followRedone(_ id: ID) -> (item: ItemIndex, offset: UInt32) {
        var id = id
        while true {
            let item = item(clients.find(id.client), id.clock)
            let offset = id.clock &- items[item].clock
            guard items[item].isRedone, let next = redone[item] else { return (item, offset) }
            id = ID(client: next.client, clock: next.clock &+ offset)
        }
    }

    /// The item that starts with a unit which the store has.
    private mutating func cleanStart(_ id: ID) -> ItemIndex {
        itemStarting(at: clients.find(id.client), id.clock)
    }

    /// The item that was written instead of one, or none.
    private mutating func redoneItem(of index: ItemIndex) -> ItemIndex {
        guard items[index].isRedone, let id = redone[index] else { return .none }
        return cleanStart(id)
    }

    // MARK: Keeping

    /// Protects an item and all that holds it from collection, or ends that.
    mutating func keep(_ index: ItemIndex, _ isKept: Bool) {
        var index = index
        while !index.isNone, items[index].isKept != isKept {
            if isKept { items[index].flags.insert(.kept) } else { items[index].flags.remove(.kept) }
            guard !items[index].parent.isNone else { return }
            index = branches[items[index].parent].item
        }
    }

    // MARK: Redo

    /// Writes a deleted item again, at its old place as far as that still is; none when it cannot be.
    ///
    /// Source: Yjs 13.6 `redoItem`.
    mutating func redo(_ index: ItemIndex, _ context: RedoContext) -> ItemIndex {
        if items[index].isRedone { return redoneItem(of: index) }
        guard let branch = redoneParent(of: index, context) else { return .none }
        let item = items[index]
        let position: ListPosition
        if item.isInMap {
            guard let found = mapPosition(of: index, in: branch, context) else { return .none }
            position = found
        } else {
            position = ListPosition(
                left: trace(from: item.left, to: branch, \.left),
                right: trace(from: index, to: branch, \.right))
        }
        let id = ID(client: clients[ownClient].id, clock: clients[ownClient].nextClock)
        let new = insert(copy(of: index), at: position, in: branch, key: key(of: item))
        items[index].flags.insert(.redone)
        redone[index] = id
        keep(new, true)
        return new
    }

    /// The type that the item goes to: its parent, or what was written instead of it; nil when there is none.
    private mutating func redoneParent(of index: ItemIndex, _ context: RedoContext) -> BranchIndex? {
        let branch = items[index].parent
        var holder = branches[branch].item
        guard !holder.isNone, items[holder].isDeleted else { return branch }
        if !items[holder].isRedone {
            guard context.items.contains(holder), !redo(holder, context).isNone else { return nil }
        }
        while items[holder].isRedone { holder = redoneItem(of: holder) }
        guard items[holder].kind == .type else { return nil }
        return BranchIndex(raw: items[holder].contentOffset)
    }

    /// The first item from `start` on that is in `branch`, or whose latest redone form is.
    private mutating func trace(
        from start: ItemIndex, to branch: BranchIndex, _ next: KeyPath<Item, ItemIndex>
    ) -> ItemIndex {
        var index = start
        while !index.isNone {
            var traced = index
            while !traced.isNone, items[traced].parent != branch { traced = redoneItem(of: traced) }
            if !traced.isNone { return traced }
            index = items[index][keyPath: next]
        }
        return .none
    }

    /// Where a value of a key goes; nil when somebody else has set the key since.
    private mutating func mapPosition(
        of index: ItemIndex, in branch: BranchIndex, _ context: RedoContext
    ) -> ListPosition? {
        let key = key(of: items[index])
        guard !items[index].right.isNone, !context.replacesRemoteValues else {
            return ListPosition(left: value(of: key, in: branch), right: .none)
        }
        var left = index
        while !items[left].right.isNone, isReplaceable(items[left].right, context) {
            left = items[left].right
            while items[left].isRedone { left = redoneItem(of: left) }
        }
        guard items[left].right.isNone else { return nil }
        // An item of another type would mislead those who receive the new one.
        if items[left].parent != branch { left = value(of: key, in: branch) }
        return ListPosition(left: left, right: .none)
    }

    private func isReplaceable(_ index: ItemIndex, _ context: RedoContext) -> Bool {
        if items[index].isRedone { return true }
        let id = id(of: index)
        return context.insertions.contains(id) || context.isDeletedByStep(id)
    }

    /// The content of an item as a new one; a type is empty.
    private func copy(of index: ItemIndex) -> NewContent {
        let item = items[index]
        guard item.kind == .type else {
            let start = Int(item.contentOffset)
            let bytes = Array(content.bytes[start..<start + Int(item.contentByteCount)])
            return NewContent(kind: item.kind, length: item.length, bytes: bytes)
        }
        return NewContent(kind: .type, length: 1, bytes: typeBytes(of: BranchIndex(raw: item.contentOffset)))
    }

    /// The canonical content of an item that holds a type of the same kind and name.
    func typeBytes(of branch: BranchIndex) -> [UInt8] {
        let node = branches[branch]
        var bytes = [node.kind.rawValue]
        if node.kind.hasName, !node.name.isNone {
            keys.withBytes(of: node.name) { name in
                bytes.appendVarUint(UInt64(name.count))
                bytes.append(contentsOf: name)
            }
        }
        return bytes
    }
}
