extension Store {
    /// Applies an update inside the transaction under way.
    ///
    /// Everything is read and planned before anything changes: when it throws, the document is as before. What refers to
    /// units that are not there yet waits in ``pending``.
    mutating func apply(_ update: [UInt8], format: UpdateFormat) throws(UpdateError) {
        switch format {
        case .v1: try stage(update, with: UpdateReaderV1.self)
        case .v2: try stage(update, with: UpdateReaderV2.self)
        }
        do {
            try plan()
        } catch {
            unstage()
            throw error
        }
        applyStaged()
        applyReady()
        applyPendingDeletions()
    }

    private mutating func applyStaged() {
        var staged = Staging()
        swap(&staged, &staging)
        if staged.steps.count > 64 { items.reserve(staged.steps.count) }
        for step in staged.steps { integrate(staged.structs[step.index], offset: step.offset) }
        keepWaiting(staged)
        if staged.steps.isEmpty { content.truncate(to: staged.contentMark) }
        // Deletions may split runs, and a split surrogate pair takes new bytes.
        for deletion in staged.deletions { apply(deletion) }
        swap(&staged, &staging)
        staging.reset()
    }

    // MARK: Structs

    private mutating func integrate(_ staged: StagedStruct, offset: UInt32) {
        let client = clients.index(of: staged.client)
        let clock = staged.clock &+ offset
        guard staged.kind != .gc else {
            return appendCollected(client: client, clock: clock, length: staged.length - offset)
        }
        // What continues a run that is here already goes behind it, whatever else it names.
        let origin = offset > 0 ? ID(client: staged.client, clock: clock &- 1) : staged.origin
        let left = origin.map { itemEnding(at: clients.find($0.client), $0.clock) } ?? .none
        let right = staged.rightOrigin.map { itemStarting(at: clients.find($0.client), $0.clock) } ?? .none
        let (parent, inheritedKey) = parent(of: staged, left: left, right: right)
        let key = staged.key.isNone ? inheritedKey : staged.key
        guard !parent.isNone, isNeighbour(left, of: parent, key), isNeighbour(right, of: parent, key) else {
            return appendCollected(client: client, clock: clock, length: staged.length - offset)
        }
        var item = Item(
            clock: clock, length: staged.length - offset, client: client, originClient: .none, originClock: 0,
            rightOriginClient: .none, rightOriginClock: 0, left: left, right: right, parent: parent,
            place: .max,
            contentOffset: staged.contentOffset, contentByteCount: staged.contentByteCount, kind: staged.kind,
            flags: [])
        content.claim(byteCount: item.contentByteCount)
        if offset > 0 { dropUnits(offset, of: &item) }
        if let origin {
            item.originClient = items[left].client
            item.originClock = origin.clock
        }
        if let origin = staged.rightOrigin {
            item.rightOriginClient = items[right].client
            item.rightOriginClock = origin.clock
        }
        integrate(item, key: key)
    }

    /// Whether an item is in the list, or among the values of the key, that a struct goes into.
    ///
    /// Only a forged struct names a neighbour that is not. It is collected, which every replica does alike.
    @inline(__always)
    private func isNeighbour(_ index: ItemIndex, of parent: BranchIndex, _ key: KeyIndex) -> Bool {
        guard !index.isNone else { return true }
        return items[index].parent == parent && self.key(of: items[index]) == key
    }

    /// The type that holds a struct and the key under which a neighbour is held; none when it was collected.
    @inline(__always)
    private mutating func parent(
        of staged: StagedStruct, left: ItemIndex, right: ItemIndex
    ) -> (BranchIndex, KeyIndex) {
        if !left.isNone, items[left].kind == .gc { return (.none, .none) }
        if !right.isNone, items[right].kind == .gc { return (.none, .none) }
        switch staged.parent {
        case .root(let name):
            return (root(name, kind: .undefined), .none)
        case .item(let id):
            let holder = item(clients.find(id.client), id.clock)
            guard items[holder].kind == .type else { return (.none, .none) }
            return (BranchIndex(raw: items[holder].contentOffset), .none)
        case .inherited:
            let neighbour = left.isNone ? right : left
            guard !neighbour.isNone else { return (.none, .none) }
            return (items[neighbour].parent, key(of: items[neighbour]))
        }
    }

    /// Leaves out the first units of a content that comes a second time, with more behind.
    private mutating func dropUnits(_ count: UInt32, of item: inout Item) {
        let start = Int(item.contentOffset)
        let range = start..<start + Int(item.contentByteCount)
        switch item.kind {
        case .string:
            let cut = UTF16Text.byteOffset(in: content.bytes, range, ofUTF16: Int(count))
            var rest = Array(content.bytes[cut.offset..<range.upperBound])
            if cut.cutsPair { rest.replaceSubrange(0..<4, with: [0xef, 0xbf, 0xbd]) }
            item.contentOffset = content.append(rest, rest.indices)
            item.contentByteCount = UInt32(rest.count)
            content.release(byteCount: UInt32(range.count))
        case .any, .json:
            let byteCount = contentByteCount(kind: item.kind, units: count, range: range)
            item.contentOffset += UInt32(byteCount)
            item.contentByteCount -= UInt32(byteCount)
            content.release(byteCount: UInt32(byteCount))
        case .gc, .deleted, .binary, .embed, .format, .type, .document, .skip:
            break
        }
    }

    // MARK: Deletions

    private mutating func apply(_ deletion: IDRange) {
        let client = clients.find(deletion.client)
        let known =
            client.isNone
            ? 0 : deleteRange(client: client, clock: deletion.clock, length: deletion.length)
        guard known < deletion.length else { return }
        pending.deletions.insert(
            IDRange(client: deletion.client, clock: deletion.clock + known, length: deletion.length - known))
    }

    /// Applies the waiting deletions of what the transaction brought.
    private mutating func applyPendingDeletions() {
        guard !pending.deletions.isEmpty else { return }
        for index in transaction.writers.indices {
            let client = transaction.writers[index].client
            let ready = pending.deletions.take(clients[client].id, below: clients[client].nextClock)
            for range in ready { _ = deleteRange(client: client, clock: range.clock, length: range.length) }
        }
    }

    // MARK: Waiting structs

    private mutating func keepWaiting(_ staged: Staging) {
        for section in staged.sections {
            guard let first = section.firstWaiting else { continue }
            var byteCount = 0
            for index in first..<section.structs.upperBound {
                byteCount += PendingQueue.structByteCount + Int(staged.structs[index].contentByteCount)
            }
            let update = encodeFragment(staged.structs[first..<section.structs.upperBound])
            let last = staged.structs[section.structs.upperBound - 1]
            let range = IDRange(
                client: section.client, clock: staged.structs[first].clock,
                length: last.end - staged.structs[first].clock)
            pending.append(
                PendingQueue.Fragment(
                    update: update, range: range, awaits: section.awaits, byteCount: byteCount))
        }
    }

    /// Applies the waiting structs whose awaited unit has come, until none is left.
    private mutating func applyReady() {
        guard !pending.isEmpty else { return }
        // Applying adds to the writers, and to what those before have written.
        var isDone = false
        while !isDone {
            isDone = true
            var index = 0
            while index < transaction.writers.count {
                let client = transaction.writers[index].client
                let id = clients[client].id
                while let fragment = pending.takeReady(id, below: clients[client].nextClock) {
                    guard restage(fragment) else { continue }
                    applyStaged()
                    isDone = false
                }
                index += 1
            }
        }
    }

    /// Stages a fragment; false when the document has meanwhile grown to a limit, and the fragment is dropped.
    ///
    /// Its sender's state vector exchange brings it again.
    private mutating func restage(_ fragment: PendingQueue.Fragment) -> Bool {
        do {
            try stage(fragment.update, with: UpdateReaderV1.self)
            try plan()
            return true
        } catch {
            unstage()
            return false
        }
    }
}
