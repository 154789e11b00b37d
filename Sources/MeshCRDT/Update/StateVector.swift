/// How far a document knows each client: the first clock that is still missing.
///
/// A client that is not named is unknown: its clock is 0. Iteration and encoding go from the highest client down, as Yjs
/// writes it. Source: Yjs 13.6 `writeStateVector`.
public struct StateVector: Hashable, Sendable {
    /// What is known of one client.
    public struct Entry: Hashable, Sendable {
        /// The client.
        public let client: ClientID
        /// Its first missing clock; at least 1.
        public internal(set) var clock: Clock
    }

    /// The known clients, highest first.
    public private(set) var entries: [Entry] = []

    /// Creates the state of an empty document.
    public init() {}

    /// Creates a state from pairs in any order; of two for one client the later counts.
    public init<Pairs: Sequence<(client: ClientID, clock: Clock)>>(_ pairs: Pairs) {
        var numbered: [(entry: Entry, place: Int)] = []
        for pair in pairs {
            numbered.append((Entry(client: pair.client, clock: pair.clock), numbered.count))
        }
        numbered.sort {
            $0.entry.client == $1.entry.client
                ? $0.place > $1.place : $0.entry.client > $1.entry.client
        }
        entries.reserveCapacity(numbered.count)
        var last: ClientID?
        for (entry, _) in numbered where entry.client != last {
            last = entry.client
            if entry.clock > 0 { entries.append(entry) }
        }
    }

    /// Decodes a state vector; clients may come in any order, a repeated one counts by its last clock.
    ///
    /// Bytes after the end are ignored, as Yjs does. Throws `.truncated`, `.malformed` or `.limitExceeded`.
    public init(decoding bytes: [UInt8], limits: DocumentLimits = DocumentLimits()) throws(UpdateError) {
        var reader = ByteReader(bytes)
        try self.init(from: &reader, limits: limits)
    }

    /// Whether no client is known.
    public var isEmpty: Bool { entries.isEmpty }

    /// The number of known clients.
    public var count: Int { entries.count }

    /// The first missing clock of `client`; O(log n) to read, O(n) to add a client.
    public subscript(client: ClientID) -> Clock {
        get {
            let index = firstIndex(notAbove: client)
            return index < entries.count && entries[index].client == client ? entries[index].clock : 0
        }
        set {
            let index = firstIndex(notAbove: client)
            let exists = index < entries.count && entries[index].client == client
            switch (exists, newValue > 0) {
            case (true, true): entries[index].clock = newValue
            case (true, false): entries.remove(at: index)
            case (false, true): entries.insert(Entry(client: client, clock: newValue), at: index)
            case (false, false): break
            }
        }
    }

    /// Raises the clock of `client` to `clock`, if it is lower.
    public mutating func raise(_ client: ClientID, to clock: Clock) {
        if self[client] < clock { self[client] = clock }
    }

    /// The bytes of the state vector, the same in both formats.
    public func encoded() -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(8 + 9 * entries.count)
        append(to: &out)
        return out
    }

    init(from reader: inout ByteReader, limits: DocumentLimits) throws(UpdateError) {
        let start = reader.offset
        let count = try reader.varUint()
        // An entry takes two bytes at least.
        guard count <= UInt64(reader.end - reader.offset) / 2 else { throw .truncated(offset: start) }
        try limits.check(.clientCount, count, limits.clientCount, offset: start)
        var pairs: [(client: ClientID, clock: Clock)] = []
        pairs.reserveCapacity(Int(count))
        for _ in 0..<count {
            let client = try reader.varUint()
            let offset = reader.offset
            guard let clock = Clock(exactly: try reader.varUint()) else {
                throw .malformed(.clock, offset: offset)
            }
            pairs.append((client, clock))
        }
        self.init(pairs)
    }

    func append(to out: inout [UInt8]) {
        out.appendVarUint(UInt64(entries.count))
        for entry in entries {
            out.appendVarUint(entry.client)
            out.appendVarUint(UInt64(entry.clock))
        }
    }

    private func firstIndex(notAbove client: ClientID) -> Int {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].client > client { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
