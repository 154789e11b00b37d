extension Document {
    /// A new document with the same visible content and without any history: the start of a new epoch.
    ///
    /// Everything in it was written by `clientID`, side by side, so that it is as small as a document can be. It shares no
    /// unit with this one: an update of one means nothing to the other. Peers of the old epoch must take its state whole; the
    /// hand-over is described in `Specs/crdt-pruning.md`. Throws ``PruneError/clientIsKnown(_:)`` when
    /// `clientID` has written into this document.
    public func compacted(
        as clientID: ClientID, options: DocumentOptions = DocumentOptions()
    ) throws(PruneError) -> Document {
        guard store.clients.state(of: clientID) == 0 else { throw .clientIsKnown(clientID) }
        let target = Document(clientID: clientID, options: options)
        let roots = store.rootOrder
        target.mutate { new in
            for root in roots {
                let node = store.branches[root]
                let copy = new.root(new.keys.index(of: store.keys.string(node.name)), kind: node.kind)
                new.copyContent(of: root, in: store, to: copy)
            }
        }
        return target
    }
}

extension Store {
    /// Writes the visible content of another store's type into an empty one.
    ///
    /// The depth of types is bounded by ``DocumentLimits/typeDepth``.
    fileprivate mutating func copyContent(
        of source: BranchIndex, in old: borrowing Store, to target: BranchIndex
    ) {
        var left = ItemIndex.none
        var index = old.branches[source].start
        while !index.isNone {
            if !old.items[index].isDeleted {
                let position = ListPosition(left: left, right: .none)
                left = copy(
                    index, in: old, units: old.items[index].length, at: position, to: target, key: .none)
            }
            index = old.items[index].right
        }
        var entry = old.branches[source].firstEntry
        while !entry.isNone {
            let last = old.entries[entry].last
            if !last.isNone, !old.items[last].isDeleted {
                let key = keys.index(of: old.keys.string(old.entries[entry].key))
                let position = ListPosition(left: .none, right: .none)
                copy(last, in: old, units: 1, at: position, to: target, key: key)
            }
            entry = old.entries[entry].next
        }
    }

    /// Writes the last `units` of another store's item.
    @discardableResult
    private mutating func copy(
        _ index: ItemIndex, in old: borrowing Store, units: UInt32, at position: ListPosition,
        to target: BranchIndex, key: KeyIndex
    ) -> ItemIndex {
        let item = old.items[index]
        guard item.kind == .type else {
            let end = Int(item.contentOffset) + Int(item.contentByteCount)
            var start = Int(item.contentOffset)
            if units < item.length {
                start += old.contentByteCount(kind: item.kind, units: item.length - units, range: start..<end)
            }
            let content = NewContent(
                kind: item.kind, length: units, bytes: Array(old.content.bytes[start..<end]))
            return insert(content, at: position, in: target, key: key)
        }
        let source = BranchIndex(raw: item.contentOffset)
        let content = NewContent(kind: .type, length: 1, bytes: old.typeBytes(of: source))
        let new = insert(content, at: position, in: target, key: key)
        copyContent(of: source, in: old, to: BranchIndex(raw: items[new].contentOffset))
        return new
    }
}
