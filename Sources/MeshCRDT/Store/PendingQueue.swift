/// Structs and deletions that arrived before what they refer to.
///
/// Each fragment waits for one unit and is looked at again only when the document has it. That is at times earlier than in
/// Yjs, which lets a struct wait together with others of its sender.
struct PendingQueue {
    /// Consecutive structs of one client, as an update of the first format without deletions.
    struct Fragment {
        var update: [UInt8]
        /// The units that it brings.
        var range: IDRange
        /// The unit that it waits for.
        var awaits: ID
        /// What it counts towards the limit.
        var byteCount: Int
        /// Its place among all that ever waited.
        var number: UInt64 = 0

        fileprivate func isBefore(_ other: Fragment) -> Bool {
            awaits.clock == other.awaits.clock ? number < other.number : awaits.clock < other.awaits.clock
        }
    }

    /// What a waiting struct counts towards the limit besides its content.
    static var structByteCount: Int { 32 }
    /// What a waiting deletion counts towards the limit.
    static var rangeByteCount: Int { 16 }

    /// By the client of the awaited unit; each list is a heap with the lowest awaited clock first.
    private var fragments: [ClientID: [Fragment]] = [:]
    private var fragmentByteCount = 0
    private var nextNumber: UInt64 = 0
    /// What the fragments bring, so that one that comes again is not kept again.
    private var ranges: Set<IDRange> = []
    /// Deletions of units that are not there yet.
    var deletions = DeleteSet()

    var isEmpty: Bool { fragments.isEmpty && deletions.isEmpty }

    var byteCount: Int {
        fragmentByteCount + deletions.entries.reduce(0) { $0 + $1.ranges.count } * Self.rangeByteCount
    }

    /// Keeps a fragment, unless one of the same units waits already.
    mutating func append(_ fragment: Fragment) {
        guard ranges.insert(fragment.range).inserted else { return }
        var fragment = fragment
        fragment.number = nextNumber
        nextNumber += 1
        fragmentByteCount += fragment.byteCount
        fragments[fragment.awaits.client, default: []].push(fragment)
    }

    /// Takes out one fragment that waited for a unit of `client` below `clock`, or nil.
    mutating func takeReady(_ client: ClientID, below clock: Clock) -> Fragment? {
        guard let first = fragments[client]?.first, first.awaits.clock < clock else { return nil }
        fragmentByteCount -= first.byteCount
        ranges.remove(first.range)
        fragments[client]?.popFirst()
        if fragments[client]?.isEmpty == true { fragments[client] = nil }
        return first
    }

    /// All waiting updates, in an order that does not depend on hashing.
    var updates: [[UInt8]] {
        fragments.keys.sorted(by: >).flatMap { client in
            fragments[client, default: []].sorted { $0.isBefore($1) }.map(\.update)
        }
    }
}

extension [PendingQueue.Fragment] {
    fileprivate mutating func push(_ fragment: PendingQueue.Fragment) {
        append(fragment)
        var child = count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard self[child].isBefore(self[parent]) else { return }
            swapAt(child, parent)
            child = parent
        }
    }

    fileprivate mutating func popFirst() {
        swapAt(0, count - 1)
        removeLast()
        var parent = 0
        while true {
            var first = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < count && self[child].isBefore(self[first]) {
                first = child
            }
            guard first != parent else { return }
            swapAt(parent, first)
            parent = first
        }
    }
}
