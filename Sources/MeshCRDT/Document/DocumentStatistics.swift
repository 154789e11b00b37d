/// How large a document is, and of what.
public struct DocumentStatistics: Hashable, Sendable {
    /// Runs in the document, deleted and collected ones too.
    public var itemCount = 0
    /// Runs that are deleted, their length kept.
    public var tombstoneCount = 0
    /// Runs of which only the clocks are left.
    public var collectedCount = 0
    /// Clients that wrote something.
    public var clientCount = 0
    /// Shared types, roots too.
    public var typeCount = 0
    /// Units that were ever written.
    public var unitCount = 0
    /// Units that are deleted.
    public var deletedUnitCount = 0
    /// Bytes of content, by kind; only kinds that occur.
    public var contentByteCounts: [ContentKind: Int] = [:]
    /// Runs that are not deleted, by kind; only kinds that occur.
    public var liveItemCounts: [ContentKind: Int] = [:]
    /// Bytes of names: of roots, keys, nodes and attributes.
    public var nameByteCount = 0
    /// Bytes of what waits for other updates.
    public var pendingByteCount = 0
}

extension Document {
    /// How large the document is now; linear in its size.
    public var statistics: DocumentStatistics { store.statistics() }

    /// Checks everything that must hold between transactions; for tests, linear in the size of the document.
    public func checkInvariants() throws(InvariantViolation) {
        try store.checkInvariants()
    }
}

extension Store {
    fileprivate func statistics() -> DocumentStatistics {
        var result = DocumentStatistics()
        result.typeCount = branches.count
        result.nameByteCount = keys.byteCount
        result.pendingByteCount = pending.byteCount
        for client in clients.descending() {
            result.clientCount += 1
            let structs = clients[client].structs
            var position: ClockIndex.Position? = structs.first
            while let current = position {
                result.count(items[structs[current].item])
                position = structs.next(current)
            }
        }
        return result
    }
}

extension DocumentStatistics {
    fileprivate mutating func count(_ item: Item) {
        itemCount += 1
        unitCount += Int(item.length)
        if item.isDeleted { deletedUnitCount += Int(item.length) }
        if item.contentByteCount > 0 {
            contentByteCounts[item.kind, default: 0] += Int(item.contentByteCount)
        }
        if item.kind == .gc {
            collectedCount += 1
        } else if item.isDeleted {
            tombstoneCount += 1
        } else {
            liveItemCounts[item.kind, default: 0] += 1
        }
    }
}
