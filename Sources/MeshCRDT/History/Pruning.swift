/// Why a document cannot be pruned now; nothing has changed then.
public enum PruneError: Error, Hashable, Sendable {
    /// A peer knows more of a client than the document: sync first.
    case peerIsAhead(client: ClientID, known: Clock, peer: Clock)
    /// Updates wait for others that are missing.
    case updatesArePending(byteCount: Int)
    /// A transaction is under way.
    case transactionIsRunning
    /// The client has written in the old epoch and cannot start the new one.
    case clientIsKnown(ClientID)
}

extension PruneError: CustomStringConvertible {
    /// A sentence for people.
    public var description: String {
        switch self {
        case .peerIsAhead(let client, let known, let peer):
            "a peer knows client \(client) up to clock \(peer), this document up to \(known); sync before pruning"
        case .updatesArePending(let byteCount):
            "\(byteCount) bytes of updates wait for missing ones; sync before pruning"
        case .transactionIsRunning:
            "a document cannot be pruned within a transaction"
        case .clientIsKnown(let client):
            "client \(client) has written into the document; start the new epoch with an unused client id"
        }
    }
}

extension Document {
    /// Drops what nobody needs any more: content of what was deleted, and all values of map keys but the last.
    ///
    /// `acknowledged` holds the state vectors of all other replicas that may ever change the document again, each not older
    /// than what the replica itself remembers. The result extends `floor` and has to be kept: who is below it must not be
    /// given a mere difference (``SyncFloor/verdict(epoch:stateVector:)``). What undo stacks protect stays, and so does what
    /// the garbage filter protects. Snapshots from before lose what was dropped. No update is sent and no observer called.
    /// `Specs/crdt-pruning.md` states who can go on syncing and why. Linear in the size of the document.
    public func prune(
        acknowledgedBy acknowledged: [StateVector], extending floor: SyncFloor = SyncFloor()
    ) throws(PruneError) -> SyncFloor {
        guard current == nil, unfinished.isEmpty else { throw .transactionIsRunning }
        guard store.pending.isEmpty else { throw .updatesArePending(byteCount: pendingByteCount) }
        let own = stateVector
        var shared = own
        for peer in acknowledged {
            for entry in peer.entries where entry.clock > own[entry.client] {
                throw .peerIsAhead(client: entry.client, known: own[entry.client], peer: entry.clock)
            }
            for entry in shared.entries where peer[entry.client] < entry.clock {
                shared[entry.client] = peer[entry.client]
            }
        }
        dropDeletedContent()
        var result = floor
        let pruned = store.pruneMaps(below: shared)
        guard !pruned.isEmpty else { return result }
        result.pruned.formUnion(pruned)
        for entry in shared.entries { result.stateVector.raise(entry.client, to: entry.clock) }
        return result
    }

    /// Drops the content of all that is deleted, as a document does by itself when it collects garbage.
    ///
    /// Peers notice nothing of it: in Yjs, too, every replica does it when it likes. Undo stacks and the garbage filter
    /// protect what they need.
    public func dropDeletedContent() {
        guard current == nil, unfinished.isEmpty else { return }
        store.begin()
        store.noteAllDeletions()
        store.endChanges()
        store.cleanUp(collectsGarbage: true, filter: garbageFilter)
        store.begin()
    }
}

extension Store {
    /// Puts all deleted units into the transaction under way.
    fileprivate mutating func noteAllDeletions() {
        for number in 0..<clients.count {
            let client = ClientIndex(number)
            guard !clients[client].structs.isEmpty else { continue }
            var position: ClockIndex.Position? = clients[client].structs.first
            while let current = position {
                let item = items[clients[client].structs[current].item]
                if item.isDeleted { noteDeletion(of: item) }
                position = clients[client].structs.next(current)
            }
        }
    }

    /// Turns all values of settled keys but the last into bare clocks, and returns them.
    ///
    /// A key is settled when all that was ever set for it is below `shared`.
    fileprivate mutating func pruneMaps(below shared: StateVector) -> DeleteSet {
        let floors = (0..<clients.count).map { shared[clients[ClientIndex($0)].id] }
        var pruned = DeleteSetBuilder()
        begin()
        for number in 0..<branches.count {
            let branch = BranchIndex(number)
            guard !branches[branch].isCollected else { continue }
            var entry = branches[branch].firstEntry
            while !entry.isNone {
                if isSettled(entry, floors) { prune(entry, into: &pruned) }
                entry = entries[entry].next
            }
        }
        endChanges()
        mergeAfterTransaction()
        begin()
        return pruned.build()
    }

    /// Whether a key has older values, all of them dropped already, and nothing above the floor.
    private func isSettled(_ entry: EntryIndex, _ floors: [Clock]) -> Bool {
        let last = entries[entry].last
        guard !last.isNone, !items[last].left.isNone else { return false }
        guard items[last].end <= floors[items[last].client.int], items[last].rightOriginClient.isNone else {
            return false
        }
        var index = items[last].left
        while !index.isNone {
            let item = items[index]
            guard item.kind == .deleted, !item.isKept, item.end <= floors[item.client.int] else {
                return false
            }
            index = item.left
        }
        return true
    }

    private mutating func prune(_ entry: EntryIndex, into pruned: inout DeleteSetBuilder) {
        let last = entries[entry].last
        var index = items[last].left
        while !index.isNone {
            let item = items[index]
            pruned.append(IDRange(client: clients[item.client].id, clock: item.clock, length: item.length))
            noteDeletion(of: item)
            if item.isRedone { redone[index] = nil }
            items[index].kind = .gc
            items[index].flags = .deleted
            items[index].parent = .none
            items[index].left = .none
            items[index].right = .none
            items[index].originClient = .none
            items[index].rightOriginClient = .none
            items[index].place = .max
            index = item.left
        }
        items[last].left = .none
        items[last].originClient = .none
        items[last].originClock = 0
        entries[entry].first = last
    }
}
