import MeshCore

/// The ends of a list of requests, which are linked among themselves.
struct DatagramRequestList {
    var first = DatagramSession.none
    var last = DatagramSession.none
    var count: UInt16 = 0
}

/// The parts of one message as they come in.
struct DatagramAssembly {
    private(set) var bytes: [UInt8] = []
    private var attempt: UInt8 = 0
    private var parts = 0
    private var received: UInt8 = 0

    /// Takes a part that lies in `arena`; true when the message is whole, in ``bytes``.
    ///
    /// A newer attempt, or another number of parts, replaces what was collected.
    mutating func take(_ place: DatagramPlace, _ range: Range<Int>, of arena: [UInt8]) -> Bool {
        if parts == 0 || place.attempt > attempt || place.attempt == attempt && parts != place.parts {
            attempt = place.attempt
            parts = place.parts
            received = 0
            bytes = [UInt8](repeating: 0, count: place.parts * DatagramFrame.partByteCount)
        }
        guard place.attempt == attempt else { return false }
        let bit = UInt8(1) << UInt8(place.part)
        guard received & bit == 0 else { return false }
        received |= bit
        let start = place.part * DatagramFrame.partByteCount
        bytes.replaceSubrange(start..<start + range.count, with: arena[range])
        if place.part == parts - 1 { bytes.removeLast(bytes.count - start - range.count) }
        return received == UInt8(truncatingIfNeeded: (1 << parts) - 1)
    }

    /// Whether nothing was collected.
    var isEmpty: Bool { parts == 0 }
}

/// One request of ours that is not finished.
struct DatagramRequest {
    /// The driver's name of it.
    var token: UInt64 = 0
    /// The wire's name of it; its low 16 bits are its slot.
    var id: UInt32 = 0
    var attempt: UInt8 = 0
    /// Whether it was sent, so that it stands in its peer's list of those in flight.
    var isInFlight = false
    var peerSlot = DatagramSession.none
    var next = DatagramSession.none
    var previous = DatagramSession.none
    var message: [UInt8] = []
    /// Where a handshake may reach the peer.
    var addresses: [DatagramAddress] = []
    /// When each attempt was sent.
    var sentAt = InlineArray<4, Instant>(repeating: .zero)
    var assembly = DatagramAssembly()
}

/// All requests that are not finished: by slot, by token, in lists by peer, and with their timers.
struct DatagramRequestTable {
    /// Ids keep their slot in this many low bits.
    static let slotMask: UInt32 = 0xffff
    /// The memory of a finished request's message that its slot keeps for the next one.
    private static let keptByteCount = 1536

    private(set) var slab = DatagramSlab<DatagramRequest>()
    private var tokens: DatagramSlotIndex
    private var sequence: UInt32 = 0
    var timers = DatagramTimerWheel()

    init(seed: UInt64) {
        tokens = DatagramSlotIndex(secret: seed)
    }

    var count: Int { slab.count }

    subscript(slot: Int) -> DatagramRequest {
        _read { yield slab[slot] }
        _modify { yield &slab[slot] }
    }

    /// The slot of the request that the driver calls `token`.
    func find(token: UInt64) -> Int? { tokens.find(token) }

    /// The slot of the request that the wire calls `id`, when it goes to the peer in `peerSlot` and was sent.
    func find(id: UInt32, peerSlot: Int32) -> Int? {
        let slot = Int(id & Self.slotMask)
        guard slot < slab.elements.count else { return nil }
        guard slab[slot].id == id, slab[slot].peerSlot == peerSlot, slab[slot].isInFlight else { return nil }
        return slot
    }

    /// Adds a request, which stands in no list yet.
    mutating func insert(
        _ message: RawSpan, token: UInt64, peerSlot: Int, addresses: [DatagramAddress]
    ) -> Int {
        let slot = slab.reuse(DatagramRequest())
        sequence &+= 1
        slab[slot].id = sequence << 16 | UInt32(slot)
        slab[slot].token = token
        slab[slot].peerSlot = Int32(peerSlot)
        slab[slot].attempt = 0
        slab[slot].addresses = addresses
        slab[slot].message.append(message)
        tokens.set(token, slot)
        return slot
    }

    /// Frees a request that stands in no list.
    mutating func remove(_ slot: Int) {
        timers.cancel(slot)
        tokens.remove(slab[slot].token)
        slab[slot].peerSlot = DatagramSession.none
        slab[slot].isInFlight = false
        let keeps = slab[slot].message.capacity <= Self.keptByteCount
        slab[slot].message.removeAll(keepingCapacity: keeps)
        if !slab[slot].addresses.isEmpty { slab[slot].addresses = [] }
        if !slab[slot].assembly.isEmpty { slab[slot].assembly = DatagramAssembly() }
        slab.release(slot)
    }

    /// Puts a request at the end of `list`, or at its start.
    mutating func append(_ slot: Int, to list: inout DatagramRequestList, atStart: Bool = false) {
        slab[slot].next = atStart ? list.first : DatagramSession.none
        slab[slot].previous = atStart ? DatagramSession.none : list.last
        let (before, after) = (slab[slot].previous, slab[slot].next)
        if before != DatagramSession.none {
            slab[Int(before)].next = Int32(slot)
        } else {
            list.first = Int32(slot)
        }
        if after != DatagramSession.none {
            slab[Int(after)].previous = Int32(slot)
        } else {
            list.last = Int32(slot)
        }
        list.count += 1
    }

    /// Takes a request out of `list`.
    mutating func unlink(_ slot: Int, from list: inout DatagramRequestList) {
        let (before, after) = (slab[slot].previous, slab[slot].next)
        if before != DatagramSession.none { slab[Int(before)].next = after } else { list.first = after }
        if after != DatagramSession.none { slab[Int(after)].previous = before } else { list.last = before }
        list.count -= 1
    }
}
