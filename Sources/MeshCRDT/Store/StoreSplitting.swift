extension Store {
    /// The item that starts with a unit, split off when the unit lies inside a run.
    mutating func itemStarting(at client: ClientIndex, _ clock: Clock) -> ItemIndex {
        let position = clients[client].structs.position(of: clock)
        let entry = clients[client].structs[position]
        guard entry.clock < clock, items[entry.item].kind != .gc else { return entry.item }
        return split(entry.item, at: clock &- entry.clock, position: position)
    }

    /// The item that ends with a unit; what follows in its run is split off.
    mutating func itemEnding(at client: ClientIndex, _ clock: Clock) -> ItemIndex {
        let position = clients[client].structs.position(of: clock)
        let entry = clients[client].structs[position]
        if clock != items[entry.item].lastClock, items[entry.item].kind != .gc {
            split(entry.item, at: clock &- entry.clock &+ 1, position: position)
        }
        return entry.item
    }

    /// Splits a run and returns its second part, which starts `offset` units into it.
    @discardableResult
    mutating func split(_ left: ItemIndex, at offset: UInt32) -> ItemIndex {
        let item = items[left]
        return split(left, at: offset, position: clients[item.client].structs.position(of: item.clock))
    }

    @discardableResult
    private mutating func split(
        _ left: ItemIndex, at offset: UInt32, position: ClockIndex.Position
    ) -> ItemIndex {
        var new = items[left]
        let client = new.client
        new.clock = new.clock &+ offset
        new.length -= offset
        new.originClient = client
        new.originClock = new.clock &- 1
        new.left = left
        splitContent(of: left, at: offset, into: &new)
        let right = items.insert(new)
        items[left].length = offset
        items[left].right = right
        if !new.right.isNone { items[new.right].left = right }
        clients[client].structs.insert(ClockIndex.Entry(clock: new.clock, item: right), after: position)
        transaction.seams.append(TransactionState.Seam(client: client, clock: new.clock))
        if new.isRedone, let id = redone[left] {
            redone[right] = ID(client: id.client, clock: id.clock &+ offset)
        }
        if new.isInMap {
            let entry = EntryIndex(raw: new.place)
            if new.right.isNone { entries[entry].last = right }
        } else {
            noteLinked(right, in: new.parent, sum: SequenceSum())
        }
        return right
    }

    /// Tells the list's index of an item that was linked in; `sum` is what it adds to the list.
    @inline(__always)
    mutating func noteLinked(_ item: ItemIndex, in branch: BranchIndex, sum: SequenceSum) {
        if branches[branch].root.isNone {
            branches[branch].itemCount += 1
            return
        }
        let left = items[item].left
        let isFirst = left.isNone
        let leaf = isFirst ? items[items[item].right].place : items[left].place
        sequence.insert(
            item, sum: sum, intoLeaf: leaf, isFirst: isFirst, root: &branches[branch].root, items: &items)
    }

    /// Adds to the sums above an item of a list.
    @inline(__always)
    mutating func addSum(_ sum: SequenceSum, at item: ItemIndex, in branch: BranchIndex) {
        guard !branches[branch].root.isNone else { return }
        sequence.add(sum, toLeaf: items[item].place)
    }

    // MARK: Contents

    /// Gives `right` the content of `left` from unit `offset` on.
    private mutating func splitContent(of left: ItemIndex, at offset: UInt32, into right: inout Item) {
        let item = items[left]
        switch item.kind {
        case .string: splitText(of: left, at: offset, into: &right)
        case .any, .json:
            let start = Int(item.contentOffset)
            let byteCount = runOffset(of: offset, in: item) - start
            items[left].contentByteCount = UInt32(byteCount)
            right.contentOffset = item.contentOffset &+ UInt32(byteCount)
            right.contentByteCount = item.contentByteCount - UInt32(byteCount)
        case .gc, .deleted, .binary, .embed, .format, .type, .document, .skip:
            break
        }
    }

    private mutating func splitText(of left: ItemIndex, at offset: UInt32, into right: inout Item) {
        let item = items[left]
        if item.contentByteCount == item.length {
            items[left].contentByteCount = offset
            right.contentOffset = item.contentOffset &+ offset
            right.contentByteCount = item.contentByteCount - offset
            return
        }
        let range = Int(item.contentOffset)..<Int(item.contentOffset) + Int(item.contentByteCount)
        let cut = UTF16Text.byteOffset(in: content.bytes, range, ofUTF16: Int(offset))
        let byteCount = UInt32(cut.offset - range.lowerBound)
        items[left].contentByteCount = byteCount
        right.contentOffset = item.contentOffset &+ byteCount
        right.contentByteCount = item.contentByteCount - byteCount
        if cut.cutsPair { replaceCutPair(left: left, right: &right) }
    }

    /// Puts U+FFFD on both sides of a cut through a surrogate pair, as JavaScript's encoder of lone surrogates does.
    ///
    /// The pair's four bytes lie at the start of `right`.
    private mutating func replaceCutPair(left: ItemIndex, right: inout Item) {
        let replacement: [UInt8] = [0xef, 0xbf, 0xbd]
        let item = items[left]
        let leftStart = Int(item.contentOffset)
        let leftBytes = Array(content.bytes[leftStart..<leftStart + Int(item.contentByteCount)]) + replacement
        let rightStart = Int(right.contentOffset) + 4
        let rightBytes =
            replacement + Array(content.bytes[rightStart..<rightStart + Int(right.contentByteCount) - 4])
        content.release(byteCount: item.contentByteCount + right.contentByteCount)
        items[left].contentOffset = content.append(leftBytes, leftBytes.indices)
        items[left].contentByteCount = UInt32(leftBytes.count)
        right.contentOffset = content.append(rightBytes, rightBytes.indices)
        right.contentByteCount = UInt32(rightBytes.count)
    }

    /// The bytes that the first `units` values of a content take.
    func contentByteCount(kind: ContentKind, units: UInt32, range: Range<Int>) -> Int {
        var reader = ByteReader(content.bytes, range: range)
        for _ in 0..<units {
            // The bytes were checked when they came in.
            if kind == .any {
                _ = try? AnyCodec.skip(&reader, depthLimit: .max)
            } else {
                _ = try? reader.varBytes()
            }
        }
        return reader.offset - range.lowerBound
    }
}
