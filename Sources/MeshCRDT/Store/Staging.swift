/// One struct of an update that was read and checked, with its content and names in the store already.
struct StagedStruct {
    var client: ClientID
    var clock: Clock
    var length: UInt32
    var kind: ContentKind
    var origin: ID?
    var rightOrigin: ID?
    var parent: Parent
    /// The key that the update names; none where it is the neighbour's or in a list.
    var key: KeyIndex
    var contentOffset: UInt32
    var contentByteCount: UInt32

    /// What the update says of the type that holds the struct.
    enum Parent {
        case inherited
        case root(KeyIndex)
        case item(ID)
    }

    @inline(__always) var end: Clock { clock &+ length }
}

/// An update between reading and applying: everything in it is checked, nothing of it is in the document yet.
struct Staging {
    /// The structs of one client, ascending.
    struct Section {
        var client: ClientID
        var structs: Range<Int>
        /// The next struct to place.
        var next: Int
        /// The clock that the client will have when what is planned so far is applied.
        var clock: Clock
        /// The first struct that has to wait, and for what.
        var firstWaiting: Int?
        var awaits = ID(client: 0, clock: 0)
    }

    /// A struct in the order of application, and how many of its first units the document has already.
    struct Step {
        var index: Int
        var offset: UInt32
    }

    /// A struct that was put aside, and the unit that has to come before it.
    struct Waiting {
        var index: Int
        var awaits: ID
    }

    var structs: ContiguousArray<StagedStruct> = []
    /// By client, highest first.
    var sections: [Section] = []
    var deletions: [IDRange] = []
    var steps: ContiguousArray<Step> = []
    var stack: [Waiting] = []
    /// Where the store's arenas ended before the update was read.
    var contentMark = 0
    var keyMark = 0

    /// Empties it, keeping a moderate amount of memory.
    mutating func reset() {
        let keepsMemory = structs.capacity <= 4096 && deletions.capacity <= 4096
        structs.removeAll(keepingCapacity: keepsMemory)
        sections.removeAll(keepingCapacity: keepsMemory)
        deletions.removeAll(keepingCapacity: keepsMemory)
        steps.removeAll(keepingCapacity: keepsMemory)
        stack.removeAll(keepingCapacity: keepsMemory)
    }

    /// The number of a client's section, or nil.
    @inline(__always)
    func section(of client: ClientID) -> Int? {
        var low = 0
        var high = sections.count
        while low < high {
            let middle = (low + high) >> 1
            if sections[middle].client > client { low = middle + 1 } else { high = middle }
        }
        return low < sections.count && sections[low].client == client ? low : nil
    }

    /// The struct that holds a unit, or nil.
    func structIndex(containing id: ID) -> Int? {
        guard let section = section(of: id.client) else { return nil }
        var low = sections[section].structs.lowerBound
        var high = sections[section].structs.upperBound
        while low < high {
            let middle = (low + high) >> 1
            if structs[middle].end <= id.clock { low = middle + 1 } else { high = middle }
        }
        guard low < sections[section].structs.upperBound, structs[low].clock <= id.clock else { return nil }
        return low
    }
}

extension Store {
    /// Reads a whole update into ``staging``; on an error the store is as before.
    mutating func stage<Reader: UpdateReading>(_ update: [UInt8], with type: Reader.Type) throws(UpdateError)
    {
        staging.reset()
        staging.contentMark = content.bytes.count
        staging.keyMark = keys.count
        do {
            var reader = try Reader(update, limits: limits)
            reserve(for: update.count)
            var wire = WireStruct()
            while try reader.next(&wire) { stage(wire, from: reader) }
            var deletion = IDRange(client: 0, clock: 0, length: 0)
            while try reader.nextDeletion(&deletion) { staging.deletions.append(deletion) }
            closeSections()
        } catch {
            unstage()
            throw error
        }
    }

    /// Makes room for a large update at once; sixteen bytes are little for a struct.
    private mutating func reserve(for byteCount: Int) {
        guard byteCount > 4096 else { return }
        content.reserve(byteCount)
        staging.structs.reserveCapacity(byteCount / 16)
    }

    /// Gives back what an update that is refused has taken.
    mutating func unstage() {
        content.truncate(to: staging.contentMark)
        keys.truncate(to: staging.keyMark)
        staging.reset()
    }

    @inline(__always)
    private mutating func stage(_ wire: WireStruct, from reader: borrowing some UpdateReading) {
        var parent = StagedStruct.Parent.inherited
        switch wire.parent {
        case .inherited: break
        case .root(let name): parent = .root(key(name, from: reader))
        case .item(let id): parent = .item(id)
        }
        var contentOffset: UInt32 = 0
        if wire.content.count > 0 {
            contentOffset =
                wire.content.isScratch
                ? content.append(reader.scratch, wire.content.range)
                : content.append(reader.input, wire.content.range)
            // Until it is applied.
            content.release(byteCount: UInt32(wire.content.count))
        }
        var key = KeyIndex.none
        if let name = wire.key { key = self.key(name, from: reader) }
        // A client may come twice; of its sections the later counts.
        let isNewSection =
            staging.structs.last.map { $0.client != wire.client || $0.end != wire.clock } ?? true
        if isNewSection {
            let start = staging.structs.count
            staging.sections.append(
                Staging.Section(client: wire.client, structs: start..<start, next: start, clock: 0))
        }
        staging.structs.append(
            StagedStruct(
                client: wire.client, clock: wire.clock, length: wire.length, kind: wire.kind,
                origin: wire.origin,
                rightOrigin: wire.rightOrigin, parent: parent,
                key: key, contentOffset: contentOffset, contentByteCount: UInt32(wire.content.count)))
    }

    private mutating func key(_ bytes: WireBytes, from reader: borrowing some UpdateReading) -> KeyIndex {
        let buffer = bytes.isScratch ? reader.scratch : reader.input
        return buffer.withUnsafeBytes { pointer in
            keys.index(of: UnsafeRawBufferPointer(rebasing: pointer[bytes.range]))
        }
    }

    /// Sets the ends of the sections and sorts them; of two sections of one client the later counts, as in Yjs.
    private mutating func closeSections() {
        var isSorted = true
        for index in staging.sections.indices {
            let end =
                index + 1 < staging.sections.count
                ? staging.sections[index + 1].structs.lowerBound : staging.structs.count
            staging.sections[index].structs = staging.sections[index].structs.lowerBound..<end
            if index > 0, staging.sections[index - 1].client <= staging.sections[index].client {
                isSorted = false
            }
        }
        if !isSorted { sortSections() }
        for index in staging.sections.indices {
            staging.sections[index].clock = clients.state(of: staging.sections[index].client)
        }
    }

    private mutating func sortSections() {
        staging.sections.sort { left, right in
            left.client == right.client
                ? left.structs.lowerBound > right.structs.lowerBound : left.client > right.client
        }
        var kept: [Staging.Section] = []
        for section in staging.sections where kept.last?.client != section.client { kept.append(section) }
        staging.sections = kept
    }
}
