/// Elements by small numbers that are used again: one array and a list of its free places.
struct DatagramSlab<Element> {
    private(set) var elements: [Element] = []
    private var free: [Int32] = []

    /// The number of elements in use.
    var count: Int { elements.count - free.count }

    /// The bytes that the slab takes, without what its elements own.
    var byteCount: Int { elements.capacity * MemoryLayout<Element>.stride + free.capacity * 4 }

    /// Puts `element` into a free place and gives its number.
    mutating func insert(_ element: consuming Element) -> Int {
        guard let slot = free.popLast() else {
            elements.append(element)
            return elements.count - 1
        }
        elements[Int(slot)] = element
        return Int(slot)
    }

    /// Takes a free place with whatever it holds, or puts `blank` into a new one, and gives its number.
    mutating func reuse(_ blank: @autoclosure () -> Element) -> Int {
        if let slot = free.popLast() { return Int(slot) }
        elements.append(blank())
        return elements.count - 1
    }

    /// Frees `slot` and leaves in it what it holds.
    mutating func release(_ slot: Int) {
        free.append(Int32(slot))
    }

    /// Frees `slot`, in which `blank` stays.
    mutating func remove(_ slot: Int, leaving blank: consuming Element) {
        elements[slot] = blank
        free.append(Int32(slot))
    }

    /// Gives all memory back when nothing is in use.
    mutating func giveBackWhenEmpty() {
        guard free.count == elements.count, !elements.isEmpty else { return }
        elements = []
        free = []
    }

    subscript(slot: Int) -> Element {
        _read { yield elements[slot] }
        _modify { yield &elements[slot] }
    }
}

/// Numbered slots in the order of their last use: a doubly linked list in one array.
struct DatagramRecency {
    private static let none: Int32 = -1

    private struct Links {
        var older = DatagramRecency.none
        var newer = DatagramRecency.none
    }

    private var links: [Links] = []
    private var oldestSlot = none
    private var newestSlot = none

    /// The slot that was not used for the longest time, or nil.
    var oldest: Int? { oldestSlot == Self.none ? nil : Int(oldestSlot) }

    /// Adds `slot`, which is not in the list, as the newest.
    mutating func add(_ slot: Int) {
        while links.count <= slot { links.append(Links()) }
        links[slot] = Links(older: newestSlot, newer: Self.none)
        if newestSlot != Self.none { links[Int(newestSlot)].newer = Int32(slot) }
        newestSlot = Int32(slot)
        if oldestSlot == Self.none { oldestSlot = Int32(slot) }
    }

    /// Makes `slot`, which is in the list, the newest.
    mutating func touch(_ slot: Int) {
        guard newestSlot != Int32(slot) else { return }
        remove(slot)
        add(slot)
    }

    /// The slot that was used next after `slot`, or nil.
    func newer(than slot: Int) -> Int? {
        let next = links[slot].newer
        return next == Self.none ? nil : Int(next)
    }

    /// Takes `slot` out of the list.
    mutating func remove(_ slot: Int) {
        let link = links[slot]
        if link.older == Self.none {
            oldestSlot = link.newer
        } else {
            links[Int(link.older)].newer = link.newer
        }
        if link.newer == Self.none {
            newestSlot = link.older
        } else {
            links[Int(link.newer)].older = link.older
        }
        links[slot] = Links()
    }
}
