extension Store {
    /// Puts a new item into its list or map and into its client's clocks, where every replica puts it.
    ///
    /// `new.left`, `new.right` and `new.parent` are resolved, its content is in the arena, and its first clock is the
    /// client's next one. `key` is none for elements of lists. Source: the YATA rules as Yjs 13.6 applies them in
    /// `Item.integrate`; Nicolaescu et al., "Near Real-Time Peer-to-Peer Shared Editing on Extensible Data Types", 2016.
    @discardableResult
    mutating func integrate(_ new: Item, key: KeyIndex) -> ItemIndex {
        var new = new
        let branch = new.parent
        if !key.isNone {
            new.flags.insert(.inMap)
            new.place = entry(of: key, in: branch).raw
        }
        let isBetweenNeighbours =
            new.left.isNone
            ? !new.right.isNone && items[new.right].left.isNone
            : items[new.left].right == new.right
        if !isBetweenNeighbours, !followsLastSibling(&new) { resolveConflicts(of: &new) }
        let index = items.insert(new)
        scan.lastPlaced = index
        if key.isNone { link(index, inListOf: branch) } else { link(index, inMapOf: branch) }
        append(index)
        noteContent(of: index)
        noteChange(branch, key: key)
        let holder = branches[branch].item
        if (!holder.isNone && items[holder].isDeleted) || (!key.isNone && !items[index].right.isNone) {
            delete(index)
        }
        return index
    }

    /// Adds an item to its client's clocks.
    @inline(__always)
    mutating func append(_ index: ItemIndex) {
        let client = items[index].client
        touch(client)
        if transaction.grownClient == client { transaction.grownClient = .none }
        let clock = items[index].clock
        clients[client].structs.append(ClockIndex.Entry(clock: clock, item: index))
        clients[client].nextClock = items[index].end
    }

    /// Adds a run of clocks without content: what was collected by the one who sent it, or has no place here.
    mutating func appendCollected(client: ClientIndex, clock: Clock, length: UInt32) {
        let item = Item(
            clock: clock, length: length, client: client, originClient: .none, originClock: 0,
            rightOriginClient: .none, rightOriginClock: 0, left: .none, right: .none, parent: .none,
            place: .max, contentOffset: 0, contentByteCount: 0, kind: .gc, flags: .deleted)
        append(items.insert(item))
    }

    // MARK: Place

    /// Places an item right behind the last placed one when the walk over the conflicting items would end there.
    ///
    /// It would when both were written at the same place, the last one by a lower client, it is the last before `new.right`,
    /// and nothing was placed since: the walk then passes whatever the last one's walk has passed, and the last one itself.
    /// So thousands of clients that write at one place, in ascending order, do not walk over each other.
    private func followsLastSibling(_ new: inout Item) -> Bool {
        guard !scan.lastPlaced.isNone else { return false }
        let last = items[scan.lastPlaced]
        guard last.parent == new.parent, last.right == new.right, last.isInMap == new.isInMap,
            !last.isInMap || last.place == new.place, last.originClient == new.originClient,
            last.originClient.isNone || last.originClock == new.originClock, hasSameRightOrigin(last, new),
            clients[last.client].id < clients[new.client].id
        else { return false }
        new.left = scan.lastPlaced
        return true
    }

    /// Moves `new.left` to where the item belongs among those that were written at the same place concurrently.
    private mutating func resolveConflicts(of new: inout Item) {
        var candidate: ItemIndex
        if !new.left.isNone {
            candidate = items[new.left].right
        } else if new.isInMap {
            candidate = entries[EntryIndex(raw: new.place)].first
        } else {
            candidate = branches[new.parent].start
        }
        guard candidate != new.right, !candidate.isNone else { return }
        let client = clients[new.client].id
        let start = scan.start(itemCount: items.placeCount)
        // The first step whose item conflicts with the new one where it would go now.
        var conflictStart = start
        while !candidate.isNone, candidate != new.right {
            scan.mark(candidate)
            let other = items[candidate]
            if other.originClient == new.originClient,
                new.originClient.isNone || other.originClock == new.originClock
            {
                if clients[other.client].id < client {
                    new.left = candidate
                    conflictStart = scan.next
                } else if hasSameRightOrigin(new, other) {
                    break
                }
            } else if let origin = markedOrigin(of: other, since: start) {
                if !scan.isMarked(origin, since: conflictStart) {
                    new.left = candidate
                    conflictStart = scan.next
                }
            } else {
                break
            }
            candidate = other.right
        }
    }

    /// The item that `other` was written after, when the walk since `start` has passed it.
    @inline(__always)
    private func markedOrigin(of other: Item, since start: UInt32) -> ItemIndex? {
        guard !other.originClient.isNone else { return nil }
        let origin: ItemIndex
        if !other.left.isNone, items[other.left].client == other.originClient,
            items[other.left].lastClock == other.originClock
        {
            origin = other.left
        } else {
            origin = item(other.originClient, other.originClock)
        }
        return scan.isMarked(origin, since: start) ? origin : nil
    }

    @inline(__always)
    func hasSameRightOrigin(_ left: Item, _ right: Item) -> Bool {
        left.rightOriginClient == right.rightOriginClient
            && (left.rightOriginClient.isNone || left.rightOriginClock == right.rightOriginClock)
    }

    // MARK: Links

    private mutating func link(_ index: ItemIndex, inListOf branch: BranchIndex) {
        let left = items[index].left
        let right: ItemIndex
        if left.isNone {
            right = branches[branch].start
            branches[branch].start = index
        } else {
            right = items[left].right
            items[left].right = index
        }
        items[index].right = right
        if !right.isNone { items[right].left = index }
        let sum = SequenceIndex.sum(of: items[index])
        branches[branch].length += sum.visible
        noteLinked(index, in: branch, sum: sum)
        if cursor.branch == branch { cursor.branch = .none }
    }

    private mutating func link(_ index: ItemIndex, inMapOf branch: BranchIndex) {
        let entry = EntryIndex(raw: items[index].place)
        let left = items[index].left
        let right: ItemIndex
        if left.isNone {
            right = entries[entry].first
            entries[entry].first = index
        } else {
            right = items[left].right
            items[left].right = index
        }
        items[index].right = right
        if !right.isNone {
            items[right].left = index
            return
        }
        entries[entry].last = index
        if !left.isNone { delete(left) }
    }

    /// What a content does when it comes into the document.
    @inline(__always)
    private mutating func noteContent(of index: ItemIndex) {
        switch items[index].kind {
        case .gc, .json, .binary, .string, .embed, .any, .skip:
            break
        case .deleted:
            items[index].flags.insert(.deleted)
            noteDeletion(of: items[index])
        case .format:
            branches[items[index].parent].hasFormatting = true
            formatChangeCount += 1
        case .type:
            openBranch(of: index)
        case .document:
            transaction.addedDocuments.append(index)
        }
    }

    /// Makes the branch of a nested type; the item's content is its kind and name until then.
    private mutating func openBranch(of index: ItemIndex) {
        let item = items[index]
        let start = Int(item.contentOffset)
        let range = start..<start + Int(item.contentByteCount)
        var reader = ByteReader(content.bytes, range: range)
        // The bytes were checked when they came in.
        let kind = (try? reader.byte()).flatMap { TypeKind(rawValue: $0) } ?? .undefined
        var name = KeyIndex.none
        if kind == .xmlElement || kind == .xmlHook, let range = try? reader.varBytes() {
            name = content.bytes.withUnsafeBytes { bytes in
                keys.index(of: UnsafeRawBufferPointer(rebasing: bytes[range]))
            }
        }
        let depth = branches[item.parent].depth + 1
        let branch = branches.append(Branch(kind: kind, name: name, item: index, depth: depth))
        content.release(byteCount: item.contentByteCount)
        items[index].contentOffset = branch.raw
        items[index].contentByteCount = 0
    }
}
