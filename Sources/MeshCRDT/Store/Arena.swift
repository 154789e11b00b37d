/// Contiguous storage whose elements are addressed by ``ArenaIndex``; it has one owner and is never copied.
///
/// An array would ask before every write whether it is shared, and every change of a document is a dozen writes into
/// arenas: on the automerge-paper trace that was a tenth of the time. The storage is therefore allocated here; every
/// access is checked against the count.
struct Arena<Element>: ~Copyable {
    private var storage: UnsafeMutablePointer<Element>
    private(set) var count = 0
    private(set) var capacity: Int

    init() {
        capacity = 0
        storage = UnsafeMutablePointer.allocate(capacity: 1)
    }

    deinit {
        storage.deinitialize(count: count)
        storage.deallocate()
    }

    @inline(__always)
    subscript(index: ArenaIndex<Element>) -> Element {
        unsafeAddress {
            precondition(index.int < count, "an arena's element that does not exist")
            return UnsafePointer(storage + index.int)
        }
        unsafeMutableAddress {
            precondition(index.int < count, "an arena's element that does not exist")
            return storage + index.int
        }
    }

    @inline(__always)
    mutating func append(_ element: consuming Element) -> ArenaIndex<Element> {
        if count == capacity { grow(to: max(16, capacity * 2)) }
        (storage + count).initialize(to: element)
        count += 1
        return ArenaIndex(count - 1)
    }

    /// Makes room for `additional` elements more; when it has to move, for twice as many as there are.
    mutating func reserve(_ additional: Int) {
        if count + additional > capacity { grow(to: max(count + additional, 2 * count)) }
    }

    /// Forgets the newest elements, down to `newCount` of them.
    mutating func truncate(to newCount: Int) {
        guard newCount < count else { return }
        (storage + newCount).deinitialize(count: count - newCount)
        count = newCount
    }

    private mutating func grow(to newCapacity: Int) {
        let new = UnsafeMutablePointer<Element>.allocate(capacity: newCapacity)
        new.moveInitialize(from: storage, count: count)
        storage.deallocate()
        storage = new
        capacity = newCapacity
    }
}
