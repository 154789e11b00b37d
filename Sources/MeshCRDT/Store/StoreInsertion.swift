/// A content that is to be inserted; its bytes are those that the store keeps.
struct NewContent {
    var kind: ContentKind
    /// Units that it counts.
    var length: UInt32
    var bytes: [UInt8]
}

extension Store {
    /// Writes a new item as the own client between two neighbours of a list, or as the new value of a key.
    ///
    /// For a key, `position.left` is the value so far and `position.right` none.
    @discardableResult
    mutating func insert(
        _ new: NewContent, at position: ListPosition, in branch: BranchIndex, key: KeyIndex = .none
    ) -> ItemIndex {
        let offset = content.append(new.bytes, new.bytes.indices)
        return insert(
            kind: new.kind, length: new.length, contentOffset: offset, byteCount: UInt32(new.bytes.count),
            at: position, in: branch, key: key)
    }

    /// Writes text as the own client at an index of a list that has no formatting, behind what was deleted there.
    ///
    /// `index` must not exceed the list's length. Text that continues the own last run grows it in place.
    mutating func insertText(
        _ text: RawSpan, utf16Count: UInt32, at index: UInt32, in branch: BranchIndex,
        mayGrow: Bool
    ) {
        var position = position(at: index, in: branch)
        skipDeleted(&position, at: index, in: branch)
        if mayGrow, grow(position, with: text, utf16Count: utf16Count, in: branch) { return }
        let offset = content.append(text)
        let item = insert(
            kind: .string, length: utf16Count, contentOffset: offset, byteCount: UInt32(text.byteCount),
            at: position, in: branch, key: .none)
        cursor = Cursor(branch: branch, item: item, index: index)
    }

    /// Moves the place at an index behind the deleted items at its right, in a list without formatting.
    ///
    /// Source: Yjs 13.6 `minimizeAttributeChanges`. Of a long stretch of them the end is looked up.
    @inline(__always)
    private mutating func skipDeleted(
        _ position: inout ListPosition, at index: UInt32, in branch: BranchIndex
    ) {
        var steps = 0
        while !position.right.isNone, items[position.right].isDeleted {
            position.left = position.right
            position.right = items[position.right].right
            steps += 1
            if steps == 16 { return skipManyDeleted(&position, at: index, in: branch) }
        }
    }

    private mutating func skipManyDeleted(
        _ position: inout ListPosition, at index: UInt32, in branch: BranchIndex
    ) {
        if index < branches[branch].length {
            position.right = locate(index, in: branch).item
            position.left = items[position.right].left
        } else {
            position.left = lastItem(of: branch)
            position.right = .none
        }
    }

    @inline(__always)
    private mutating func insert(
        kind: ContentKind, length: UInt32, contentOffset: UInt32, byteCount: UInt32,
        at position: ListPosition,
        in branch: BranchIndex, key: KeyIndex
    ) -> ItemIndex {
        var item = Item(
            clock: clients[ownClient].nextClock, length: length, client: ownClient, originClient: .none,
            originClock: 0, rightOriginClient: .none, rightOriginClock: 0, left: position.left,
            right: position.right, parent: branch, place: .max, contentOffset: contentOffset,
            contentByteCount: byteCount, kind: kind, flags: [])
        if !position.left.isNone {
            item.originClient = items[position.left].client
            item.originClock = items[position.left].lastClock
        }
        if !position.right.isNone {
            item.rightOriginClient = items[position.right].client
            item.rightOriginClock = items[position.right].clock
        }
        return integrate(item, key: key)
    }

    /// Appends to the run left of a position when the text would be joined with it at the end of the transaction anyway.
    private mutating func grow(
        _ position: ListPosition, with text: RawSpan, utf16Count: UInt32, in branch: BranchIndex
    ) -> Bool {
        let index = position.left
        guard !index.isNone else { return false }
        let left = items[index]
        guard left.kind == .string, left.client == ownClient, left.end == clients[ownClient].nextClock,
            !left.isDeleted, !left.isRedone, hasRightOrigin(left, position.right)
        else { return false }
        let end = Int(left.contentOffset) + Int(left.contentByteCount)
        guard content.extend(endingAt: end, with: text) else { return false }
        if clients[ownClient].touchedIn != transaction.number {
            touch(ownClient)
            transaction.grownClient = ownClient
        }
        items[index].length += utf16Count
        items[index].contentByteCount += UInt32(text.byteCount)
        clients[ownClient].nextClock = items[index].end
        branches[branch].length += utf16Count
        addSum(SequenceSum(visible: utf16Count, formats: 0), at: index, in: branch)
        noteChange(branch, key: .none)
        return true
    }

    @inline(__always)
    private func hasRightOrigin(_ item: Item, _ right: ItemIndex) -> Bool {
        guard !right.isNone else { return item.rightOriginClient.isNone }
        return item.rightOriginClient == items[right].client && item.rightOriginClock == items[right].clock
    }

    /// Deletes `length` visible units of a list from `index` on.
    ///
    /// The range must lie in the list. Format markers in it stay.
    mutating func deleteUnits(at index: UInt32, length: UInt32, in branch: BranchIndex) {
        var rest = length
        var target = ItemIndex.none
        while rest > 0 {
            if target.isNone {
                let (item, before) = locate(index, in: branch)
                target = index > before ? split(item, at: index - before) : item
            }
            if rest < items[target].length { split(target, at: rest) }
            rest -= items[target].length
            delete(target)
            cursor = Cursor(branch: branch, item: target, index: index)
            target = nearVisibleItem(after: target)
        }
    }

    /// The next visible item when it is a few steps away, else none.
    @inline(__always)
    private func nearVisibleItem(after item: ItemIndex) -> ItemIndex {
        var next = items[item].right
        for _ in 0..<8 {
            if next.isNone || items[next].visibleLength > 0 { return next }
            next = items[next].right
        }
        return .none
    }
}
