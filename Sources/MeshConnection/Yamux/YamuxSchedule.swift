/// The streams that may send, in round-robin order: one array with a head index.
struct YamuxSchedule: Sendable {
    private var ids: [UInt32] = []
    private var head = 0

    /// Puts `id` at the end.
    mutating func append(_ id: UInt32) {
        ids.append(id)
    }

    /// Removes and returns the first id.
    mutating func next() -> UInt32? {
        guard head < ids.count else { return nil }
        let id = ids[head]
        head += 1
        if head == ids.count {
            ids.removeAll(keepingCapacity: true)
            head = 0
        }
        return id
    }
}
