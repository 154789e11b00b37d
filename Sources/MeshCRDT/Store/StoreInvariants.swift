/// Something about a document that its code never lets happen; a defect of this library, not of its input.
public struct InvariantViolation: Error, Hashable, Sendable, CustomStringConvertible {
    /// What does not hold.
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}

extension Store {
    /// Checks everything that must hold between two transactions; linear in the size of the document.
    func checkInvariants() throws(InvariantViolation) {
        var clockItems = 0
        var contentByteCount = 0
        for number in 0..<clients.count {
            let (items, bytes) = try checkClocks(of: ClientIndex(number))
            clockItems += items
            contentByteCount += bytes
        }
        guard clockItems == items.count else {
            throw InvariantViolation("\(items.count) items in use, \(clockItems) in the clock indexes")
        }
        guard contentByteCount == content.usedByteCount else {
            throw InvariantViolation("\(content.usedByteCount) bytes in use, \(contentByteCount) in items")
        }
        var listed = 0
        for number in 0..<branches.count {
            let branch = BranchIndex(number)
            listed += try checkList(of: branch)
            listed += try checkMap(of: branch)
        }
        let collected = try countCollected()
        guard listed + collected == clockItems else {
            throw InvariantViolation(
                "\(clockItems) items, \(listed) in lists and maps and \(collected) collected ones")
        }
    }

    // MARK: Clocks and contents

    private func checkClocks(of client: ClientIndex) throws(InvariantViolation) -> (items: Int, bytes: Int) {
        let structs = clients[client].structs
        let id = clients[client].id
        var clock: Clock = 0
        var count = 0
        var bytes = 0
        var position: ClockIndex.Position? = structs.isEmpty ? nil : structs.first
        while let current = position {
            let entry = structs[current]
            let item = items[entry.item]
            guard item.client == client, item.clock == entry.clock, item.clock == clock, item.length > 0
            else {
                throw InvariantViolation("client \(id) has clock \(item.clock) where \(clock) is due")
            }
            guard structs.position(of: item.lastClock) == current else {
                throw InvariantViolation("clock \(item.lastClock) of client \(id) is not found where it lies")
            }
            try checkContent(of: item)
            clock = item.end
            count += 1
            bytes += Int(item.contentByteCount)
            position = structs.next(current)
        }
        guard clock == clients[client].nextClock, count == structs.count else {
            throw InvariantViolation("client \(id) ends at \(clock), not at \(clients[client].nextClock)")
        }
        return (count, bytes)
    }

    private func checkContent(of item: Item) throws(InvariantViolation) {
        let start = Int(item.contentOffset)
        let range = start..<start + Int(item.contentByteCount)
        guard item.kind == .type || range.upperBound <= content.bytes.count else {
            throw InvariantViolation("content of clock \(item.clock) lies outside the arena")
        }
        switch item.kind {
        case .string:
            guard UTF16Text.validate(content.bytes, range) == Int(item.length) else {
                throw InvariantViolation("text of clock \(item.clock) does not have \(item.length) units")
            }
        case .any, .json:
            guard contentByteCount(kind: item.kind, units: item.length, range: range) == range.count else {
                throw InvariantViolation("values of clock \(item.clock) are not \(item.length)")
            }
        case .type:
            let branch = BranchIndex(raw: item.contentOffset)
            guard branch.int < branches.count, branches[branch].item == self.item(item.client, item.clock)
            else {
                throw InvariantViolation("the type of clock \(item.clock) does not know its item")
            }
        case .gc, .deleted:
            guard item.isDeleted, item.contentByteCount == 0 else {
                throw InvariantViolation("deleted clock \(item.clock) has content")
            }
        case .binary, .embed, .format, .document: break
        case .skip: throw InvariantViolation("a gap was kept at clock \(item.clock)")
        }
    }

    private func countCollected() throws(InvariantViolation) -> Int {
        var count = 0
        for number in 0..<clients.count where !clients[ClientIndex(number)].structs.isEmpty {
            let structs = clients[ClientIndex(number)].structs
            var position: ClockIndex.Position? = structs.first
            while let current = position {
                if items[structs[current].item].kind == .gc { count += 1 }
                position = structs.next(current)
            }
        }
        return count
    }

    // MARK: Lists and maps

    private func checkList(of branch: BranchIndex) throws(InvariantViolation) -> Int {
        let node = branches[branch]
        var left = ItemIndex.none
        var index = node.start
        var visible: UInt32 = 0
        var count = 0
        while !index.isNone {
            let item = items[index]
            guard item.left == left, item.parent == branch, !item.isInMap, item.kind != .gc,
                count <= items.count
            else { throw InvariantViolation("clock \(item.clock) is linked wrongly in its list") }
            visible += item.visibleLength
            count += 1
            left = index
            index = item.right
        }
        guard visible == node.length else {
            throw InvariantViolation("a list of \(visible) units says it has \(node.length)")
        }
        if node.root.isNone {
            guard Int(node.itemCount) == count else {
                throw InvariantViolation("a list of \(count) items says it has \(node.itemCount)")
            }
        } else {
            try checkIndex(of: node)
        }
        return count
    }

    private func checkIndex(of node: Branch) throws(InvariantViolation) {
        var item = node.start
        var before = SequenceSum()
        while !item.isNone {
            let number = items[item].place
            guard Int(number) < sequence.leaves.count, sequence.leaves[Int(number)].first == item else {
                throw InvariantViolation("a leaf does not start with its first item")
            }
            let leaf = sequence.leaves[Int(number)]
            guard sequence.sum(beforeLeaf: number) == before else {
                throw InvariantViolation("the sums before a leaf are wrong")
            }
            var sum = SequenceSum()
            for _ in 0..<leaf.itemCount {
                guard !item.isNone, items[item].place == number else {
                    throw InvariantViolation("a leaf has fewer items than it says")
                }
                sum &+= SequenceIndex.sum(of: items[item])
                item = items[item].right
            }
            guard sum == leaf.sum else { throw InvariantViolation("the sum of a leaf is wrong") }
            before &+= sum
        }
    }

    private func checkMap(of branch: BranchIndex) throws(InvariantViolation) -> Int {
        var entry = branches[branch].firstEntry
        var entryCount: UInt32 = 0
        var count = 0
        while !entry.isNone {
            let head = entries[entry]
            guard head.branch == branch, findEntry(of: head.key, in: branch) == entry else {
                throw InvariantViolation("a key is not found in its map")
            }
            var left = ItemIndex.none
            var index = head.first
            while !index.isNone {
                let item = items[index]
                guard item.left == left, item.parent == branch, item.isInMap, item.place == entry.raw,
                    item.isDeleted || item.right.isNone
                else { throw InvariantViolation("clock \(item.clock) is linked wrongly in its map") }
                left = index
                index = item.right
                count += 1
            }
            guard left == head.last else { throw InvariantViolation("a key does not know its newest value") }
            entryCount += 1
            entry = head.next
        }
        guard entryCount == branches[branch].entryCount else {
            throw InvariantViolation("a map of \(entryCount) keys says it has \(branches[branch].entryCount)")
        }
        return count
    }
}
