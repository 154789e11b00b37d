extension Document {
    /// Inserts inputs one behind the other at a place of a list.
    func insert(
        _ inputs: [SharedInput], in branch: BranchIndex, at place: (inout Store) -> ListPosition
    ) throws(DocumentError) {
        var preparation = ContentPreparation(self)
        let contents = try preparation.list(inputs, depth: Int(store.branches[branch].depth))
        try store.checkRoom(units: preparation.units, byteCount: preparation.byteCount)
        write(contents, in: branch, at: place)
    }

    /// Inserts new types one behind the other at a place of a list.
    func insert(
        _ types: [NewType], in branch: BranchIndex, at place: (inout Store) -> ListPosition
    ) throws(DocumentError) {
        try insert(types.map(SharedInput.type), in: branch, at: place)
    }

    /// Inserts one new type at a place of a list and returns where it is in the store.
    func insert(
        _ new: NewType, in branch: BranchIndex, at place: (inout Store) -> ListPosition
    ) throws(DocumentError) -> BranchIndex {
        var preparation = ContentPreparation(self)
        let content = try preparation.content(of: new, depth: Int(store.branches[branch].depth))
        try store.checkRoom(units: preparation.units, byteCount: preparation.byteCount)
        return transact { _ in
            let position = mutate { store in place(&store) }
            let item = write(content, at: position, in: branch, key: .none)
            return BranchIndex(raw: store.items[item].contentOffset)
        }
    }

    /// Gives a key of a map a new value.
    func set(_ key: String, to input: SharedInput, in branch: BranchIndex) throws(DocumentError) {
        try limits.checkName(key)
        var preparation = ContentPreparation(self)
        let content = try preparation.content(of: input, depth: Int(store.branches[branch].depth))
        try store.checkRoom(units: preparation.units, byteCount: preparation.byteCount)
        if case .nothing = content.rest {
            return mutate { store in store.set(key, to: content.content, in: branch) }
        }
        return transact { _ in write(content, forKey: key, in: branch) }
    }

    /// Deletes the value of a key, if it has one.
    func deleteValue(of key: String, in branch: BranchIndex) {
        let item = liveItem(of: key, in: branch)
        guard !item.isNone else { return }
        mutate { store in store.delete(item) }
    }

    /// Deletes the values of all keys of a map.
    func deleteAllValues(in branch: BranchIndex) {
        let items = liveEntries(of: branch).map(\.item)
        guard !items.isEmpty else { return }
        mutate { store in
            for item in items { store.delete(item) }
        }
    }

    // MARK: Prepared contents

    private func write(
        _ contents: [PreparedContent], in branch: BranchIndex, at place: (inout Store) -> ListPosition
    ) {
        guard !contents.isEmpty else { return }
        let isPlain = contents.allSatisfy { content in
            if case .nothing = content.rest { true } else { false }
        }
        if isPlain {
            return mutate { store in
                var position = place(&store)
                for content in contents {
                    position.left = store.insert(content.content, at: position, in: branch)
                }
            }
        }
        transact { _ in
            let position = mutate { store in place(&store) }
            write(contents, at: position, in: branch)
        }
    }

    private func write(_ contents: [PreparedContent], at position: ListPosition, in branch: BranchIndex) {
        var position = position
        for content in contents { position.left = write(content, at: position, in: branch, key: .none) }
    }

    private func write(_ entries: [(key: String, value: PreparedContent)], in branch: BranchIndex) {
        for entry in entries { write(entry.value, forKey: entry.key, in: branch) }
    }

    private func write(_ content: PreparedContent, forKey key: String, in branch: BranchIndex) {
        let index = store.keys.index(of: key)
        let position = ListPosition(left: store.value(of: index, in: branch), right: .none)
        write(content, at: position, in: branch, key: index)
    }

    /// Writes an item and then, with rising clocks, what is in it; only inside a transaction.
    @discardableResult
    private func write(
        _ content: PreparedContent, at position: ListPosition, in branch: BranchIndex, key: KeyIndex
    ) -> ItemIndex {
        let item = mutate { store in store.insert(content.content, at: position, in: branch, key: key) }
        switch content.rest {
        case .nothing: break
        case .document(let document): adopt(document, at: item)
        case .list, .entries, .element, .text, .delta:
            fill(BranchIndex(raw: store.items[item].contentOffset), with: content.rest)
        }
        return item
    }

    private func fill(_ branch: BranchIndex, with rest: PreparedContent.Rest) {
        let start = ListPosition(left: .none, right: .none)
        switch rest {
        case .nothing, .document: break
        case .list(let contents): write(contents, at: start, in: branch)
        case .entries(let entries): write(entries, in: branch)
        case .element(let children, let attributes):
            write(children, at: start, in: branch)
            write(attributes, in: branch)
        // What a new text cannot take in is left out, as in Yjs.
        case .text(let text):
            try? SharedText(document: self, branch: branch).insert(text, at: 0)
        case .delta(let delta):
            try? SharedText(document: self, branch: branch).applyDelta(delta)
        }
    }
}

extension Store {
    /// Gives a key of a map a new plain value.
    fileprivate mutating func set(_ key: String, to new: NewContent, in branch: BranchIndex) {
        let key = keys.index(of: key)
        insert(new, at: ListPosition(left: value(of: key, in: branch), right: .none), in: branch, key: key)
    }
}
