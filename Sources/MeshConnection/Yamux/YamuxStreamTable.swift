import MeshCore

/// The open streams by id: slots that are reused, and an index from id to slot.
///
/// Nothing iterates the index, so hashing order reaches no output.
struct YamuxStreamTable: Sendable {
    /// The streams; a free slot holds a stream that has gone.
    var slots: [YamuxStream] = []
    private var free: [Int] = []
    private var index: [UInt32: Int] = [:]
    /// The number of open streams that the peer opened.
    private(set) var inboundCount = 0

    /// The number of open streams.
    var count: Int { index.count }

    /// The slot of the open stream `id`.
    func slot(of id: UInt32) -> Int? { index[id] }

    /// Adds a stream with an id that is not in the table.
    mutating func insert(_ stream: YamuxStream) -> Int {
        if !stream.isOutbound { inboundCount += 1 }
        let slot: Int
        if let reused = free.popLast() {
            slots[reused] = stream
            slot = reused
        } else {
            slot = slots.count
            slots.append(stream)
        }
        index[stream.id.value] = slot
        return slot
    }

    /// Removes the stream of `slot` and frees what it buffered.
    mutating func remove(_ slot: Int) {
        let stream = slots[slot]
        guard index.removeValue(forKey: stream.id.value) != nil else { return }
        if !stream.isOutbound { inboundCount -= 1 }
        slots[slot].queue = YamuxSendQueue()
        free.append(slot)
    }

    /// Removes all streams.
    mutating func removeAll() {
        self = YamuxStreamTable()
    }
}
