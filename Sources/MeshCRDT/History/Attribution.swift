/// A part of a list or text that one client wrote in one go.
public struct AttributedRange: Hashable, Sendable {
    /// Where it is now; in a text in UTF-16 units.
    public var range: Range<Int>
    /// Its units: who wrote it, and from which clock on.
    public var units: IDRange
}

/// What one client wrote into a document, and what of it still stands.
public struct ClientHistory: Hashable, Sendable {
    /// The client.
    public var client: ClientID
    /// Its units from clock 0 on, without gaps, in the order of writing.
    public var spans: [Span]

    /// Units that a client wrote side by side into one place.
    public struct Span: Hashable, Sendable {
        /// The units.
        public var units: ClockRange
        /// What they hold; ``ContentKind/deleted`` and ``ContentKind/gc`` when the content is gone.
        public var kind: ContentKind
        /// Whether they are still part of the document.
        public var stands: Bool
        /// Where they are; nil when the type that held them was collected.
        public var place: Place?
    }

    /// A place inside a document.
    public struct Place: Hashable, Sendable {
        /// The name of the root.
        public var rootName: String
        /// Keys and indexes from the root to the type that holds the units; indexes are those of now.
        public var path: [Step]
        /// The key under which a map holds them; nil in lists and texts.
        public var key: String?
        /// Their index in a list or text, or that at which they were before they were deleted; nil in maps.
        public var index: Int?
    }

    /// One step from a type to a type in it.
    public enum Step: Hashable, Sendable {
        case key(String)
        case index(Int)
    }

    /// Units that still stand, those that text and lists count.
    public var standingCount: Int {
        spans.reduce(0) { $0 + ($1.stands && $1.kind.isCountable ? Int($1.units.length) : 0) }
    }

    /// Units that were deleted.
    public var deletedCount: Int {
        spans.reduce(0) { $0 + ($1.stands ? 0 : Int($1.units.length)) }
    }
}

extension SharedHandle {
    /// Who wrote what of a list or text, from its start to its end.
    ///
    /// Neighbouring units of one client with consecutive clocks are one range. `range` limits it to a part. Logarithmic
    /// to find, then linear in the number of runs. Throws ``DocumentError/outOfBounds(index:length:)``.
    public func writers(in range: Range<Int>? = nil) throws(DocumentError) -> [AttributedRange] {
        let handle = type.handle
        let document = handle.document
        let length = Int(handle.node.length)
        let range = range ?? 0..<length
        guard range.lowerBound >= 0, range.upperBound <= length else {
            throw .outOfBounds(
                index: range.lowerBound < 0 ? range.lowerBound : range.upperBound, length: length)
        }
        guard !range.isEmpty else { return [] }
        var found: [AttributedRange] = []
        var (index, first) = document.store.locate(UInt32(range.lowerBound), in: handle.branch)
        var before = Int(first)
        while !index.isNone, before < range.upperBound {
            let item = document.store.items[index]
            let end = before + Int(item.visibleLength)
            let part = max(before, range.lowerBound)..<max(min(end, range.upperBound), range.lowerBound)
            if !part.isEmpty {
                let units = IDRange(
                    client: document.store.clients[item.client].id,
                    clock: item.clock + UInt32(part.lowerBound - before), length: UInt32(part.count))
                Self.append(AttributedRange(range: part, units: units), to: &found)
            }
            before = end
            index = item.right
        }
        return found
    }

    private static func append(_ next: AttributedRange, to found: inout [AttributedRange]) {
        guard let last = found.last, last.units.client == next.units.client,
            last.units.end == next.units.clock,
            last.range.upperBound == next.range.lowerBound
        else { return found.append(next) }
        found[found.count - 1].range = last.range.lowerBound..<next.range.upperBound
        found[found.count - 1].units.length += next.units.length
    }

    /// Who set each key's value of a map or each attribute of a type, in the order in which the keys were first seen.
    public func entryWriters() -> [(key: String, id: ID)] {
        let handle = type.handle
        return handle.document.liveEntries(of: handle.branch).map { entry in
            (entry.key, handle.document.store.lastID(of: entry.item))
        }
    }
}

extension Document {
    /// The clients that wrote into the document, highest first, each with the number of units that it wrote.
    public var writers: [(client: ClientID, count: Int)] {
        stateVector.entries.map { ($0.client, Int($0.clock)) }
    }

    /// Everything that a client wrote, in the order of writing; empty when it never did.
    ///
    /// Linear in the number of its runs, each with a logarithmic search for its index.
    public func history(of client: ClientID) -> ClientHistory {
        var history = ClientHistory(client: client, spans: [])
        let number = store.clients.find(client)
        guard !number.isNone, !store.clients[number].structs.isEmpty else { return history }
        let structs = store.clients[number].structs
        var position: ClockIndex.Position? = structs.first
        while let current = position {
            let index = structs[current].item
            let item = store.items[index]
            history.spans.append(
                ClientHistory.Span(
                    units: ClockRange(clock: item.clock, length: item.length), kind: item.kind,
                    stands: !item.isDeleted, place: place(of: index)))
            position = structs.next(current)
        }
        return history
    }

    private func place(of index: ItemIndex) -> ClientHistory.Place? {
        let item = store.items[index]
        guard item.kind != .gc, !item.parent.isNone else { return nil }
        var path: [ClientHistory.Step] = []
        var branch = item.parent
        while !store.branches[branch].isRoot {
            let holder = store.branches[branch].item
            guard !store.branches[branch].isCollected, !store.items[holder].parent.isNone else { return nil }
            path.append(step(to: holder))
            branch = store.items[holder].parent
        }
        let step = step(to: index)
        var place = ClientHistory.Place(
            rootName: store.keys.string(store.branches[branch].name), path: path.reversed())
        switch step {
        case .key(let key): place.key = key
        case .index(let index): place.index = index
        }
        return place
    }

    private func step(to index: ItemIndex) -> ClientHistory.Step {
        let item = store.items[index]
        return item.isInMap
            ? .key(store.keys.string(store.key(of: item))) : .index(Int(store.index(of: index)))
    }
}
