extension Store {
    /// Orders what is staged so that everything comes after what it refers to, and finds what has to wait.
    ///
    /// Nothing changes but ``staging``; throws when what would come or wait exceeds a limit. The order is that of Yjs:
    /// highest client first, and before a struct whatever it needs. Source: Yjs 13.6 `integrateStructs`.
    mutating func plan() throws(UpdateError) {
        for section in staging.sections.indices {
            while staging.sections[section].next < staging.sections[section].structs.upperBound {
                place(takeNext(section))
            }
        }
        try checkLimits()
    }

    private mutating func takeNext(_ section: Int) -> Int {
        let index = staging.sections[section].next
        staging.sections[section].next = index + 1
        return index
    }

    /// Plans one struct, and before it all that it needs.
    private mutating func place(_ first: Int) {
        var head = first
        while true {
            if let next = step(head) {
                head = next
                continue
            }
            guard let next = staging.stack.popLast() else { return }
            head = next.index
        }
    }

    /// Plans `head` when all that it needs is there; else puts it aside and returns what has to come before.
    private mutating func step(_ head: Int) -> Int? {
        let staged = staging.structs[head]
        guard staged.kind != .skip, let section = staging.section(of: staged.client) else { return nil }
        let state = staging.sections[section].clock
        guard staged.clock <= state else {
            staging.stack.append(
                Staging.Waiting(index: head, awaits: ID(client: staged.client, clock: staged.clock - 1)))
            postpone()
            return nil
        }
        guard let missing = missingReference(of: staged) else {
            if staged.end > state {
                staging.steps.append(Staging.Step(index: head, offset: state - staged.clock))
                staging.sections[section].clock = staged.end
            }
            return nil
        }
        staging.stack.append(Staging.Waiting(index: head, awaits: missing))
        if let other = staging.section(of: missing.client),
            staging.sections[other].next < staging.sections[other].structs.upperBound
        {
            return takeNext(other)
        }
        postpone()
        return nil
    }

    /// A unit that a struct refers to and that neither the document nor what is planned so far has.
    @inline(__always)
    private func missingReference(of staged: StagedStruct) -> ID? {
        if let origin = staged.origin, isMissing(origin, for: staged.client) { return origin }
        if let origin = staged.rightOrigin, isMissing(origin, for: staged.client) { return origin }
        if case .item(let id) = staged.parent, isMissing(id, for: staged.client) { return id }
        return nil
    }

    @inline(__always)
    private func isMissing(_ id: ID, for client: ClientID) -> Bool {
        guard id.client != client else { return false }
        if let section = staging.section(of: id.client) { return id.clock >= staging.sections[section].clock }
        return id.clock >= clients.state(of: id.client)
    }

    /// Lets everything on the stack wait, each for what it refers to, with all that its clients wrote later.
    private mutating func postpone() {
        while let waiting = staging.stack.popLast() {
            guard let section = staging.section(of: staging.structs[waiting.index].client) else { continue }
            if staging.sections[section].firstWaiting.map({ waiting.index < $0 }) ?? true {
                staging.sections[section].firstWaiting = waiting.index
                staging.sections[section].awaits = waiting.awaits
            }
            staging.sections[section].next = staging.sections[section].structs.upperBound
        }
    }

    // MARK: Limits

    private func checkLimits() throws(UpdateError) {
        try limits.check(
            .structCount, UInt64(items.count + staging.structs.count), limits.structCount, offset: 0)
        try limits.check(
            .clientCount, UInt64(clients.count + staging.sections.count), limits.clientCount, offset: 0)
        // What is staged counts as unused until it is applied; places in the arena have 32 bits.
        var used = content.usedByteCount
        for step in staging.steps { used += Int(staging.structs[step.index].contentByteCount) }
        try limits.check(.contentByteCount, UInt64(used), limits.contentByteCount, offset: 0)
        try limits.check(.contentByteCount, UInt64(content.bytes.count), Int(UInt32.max), offset: 0)
        var waiting = pending.byteCount
        for section in staging.sections {
            guard let first = section.firstWaiting else { continue }
            for index in first..<section.structs.upperBound {
                waiting += PendingQueue.structByteCount + Int(staging.structs[index].contentByteCount)
            }
        }
        for deletion in staging.deletions where deletion.end > plannedState(of: deletion.client) {
            waiting += PendingQueue.rangeByteCount
        }
        try limits.check(.pendingByteCount, UInt64(waiting), limits.pendingByteCount, offset: 0)
        try checkDepth()
    }

    private func plannedState(of client: ClientID) -> Clock {
        if let section = staging.section(of: client) { return staging.sections[section].clock }
        return clients.state(of: client)
    }

    /// Refuses types that would lie too deep.
    private func checkDepth() throws(UpdateError) {
        guard staging.structs.contains(where: { $0.kind == .type }) else { return }
        // The depth of the type that holds each struct, known in the order of application.
        var depths = [Int](repeating: 0, count: staging.structs.count)
        for step in staging.steps {
            let staged = staging.structs[step.index]
            let depth = depth(ofParentOf: staged, depths)
            depths[step.index] = depth
            if staged.kind == .type {
                try limits.check(.typeDepth, UInt64(depth + 1), limits.typeDepth, offset: 0)
            }
        }
    }

    private func depth(ofParentOf staged: StagedStruct, _ depths: [Int]) -> Int {
        switch staged.parent {
        case .root: return 0
        case .item(let id):
            if let index = staging.structIndex(containing: id) { return depths[index] + 1 }
            let item = item(containing: id)
            guard !item.isNone, !items[item].parent.isNone else { return 0 }
            return Int(branches[items[item].parent].depth) + 1
        case .inherited:
            guard let neighbour = staged.origin ?? staged.rightOrigin else { return 0 }
            let item = item(containing: neighbour)
            if !item.isNone {
                return items[item].parent.isNone ? 0 : Int(branches[items[item].parent].depth)
            }
            return staging.structIndex(containing: neighbour).map { depths[$0] } ?? 0
        }
    }
}
