/// A type with elements in an order: an array, an XML fragment or an XML element.
public protocol ListType: SharedHandle {}

extension ListType {
    /// The number of elements.
    public var count: Int {
        let handle = type.handle
        return Int(handle.node.length)
    }

    /// The element at an index, or nil when there is none.
    ///
    /// Logarithmic in the number of runs, and constant for one index after the other.
    public func get(_ index: Int) -> SharedValue? {
        let handle = type.handle
        return handle.document.value(at: index, in: handle.branch)
    }

    /// All elements in order.
    public var values: [SharedValue] {
        let handle = type.handle
        return handle.document.values(in: 0..<Int(handle.node.length), of: handle.branch)
    }

    /// The elements from `start` up to but without `end`; negative indexes count from the end.
    ///
    /// What lies beyond either end is left out.
    public func slice(_ start: Int = 0, _ end: Int? = nil) -> [SharedValue] {
        let handle = type.handle
        let count = Int(handle.node.length)
        let end = end ?? count
        let first = max(0, start < 0 ? count + start : start)
        let last = min(count, end < 0 ? count + end : end)
        guard first < last else { return [] }
        return handle.document.values(in: first..<last, of: handle.branch)
    }

    /// Deletes `length` elements from an index on.
    ///
    /// Throws ``DocumentError/outOfBounds(index:length:)`` when the range does not lie in the list.
    public func delete(at index: Int, length: Int = 1) throws(DocumentError) {
        let handle = type.handle
        try handle.checkWritable()
        let count = Int(handle.node.length)
        guard index >= 0, length >= 0, index <= count, length <= count - index else {
            throw .outOfBounds(
                index: index.addingReportingOverflow(max(0, length)).partialValue, length: count)
        }
        guard length > 0 else { return }
        handle.document.mutate { store in
            store.deleteUnits(at: UInt32(index), length: UInt32(length), in: handle.branch)
        }
    }
}

extension TypeHandle {
    /// Inserts inputs into a list at an index.
    func insertElements(_ inputs: [SharedInput], at index: Int) throws(DocumentError) {
        try checkWritable()
        let count = Int(node.length)
        guard index >= 0, index <= count else { throw .outOfBounds(index: index, length: count) }
        let branch = branch
        try document.insert(inputs, in: branch) { store in store.position(at: UInt32(index), in: branch) }
    }

    /// Inserts inputs behind the last item of a list, deleted or not.
    ///
    /// Source: Yjs 13.6, `typeListPushGenerics`.
    func appendElements(_ inputs: [SharedInput]) throws(DocumentError) {
        try checkWritable()
        let branch = branch
        try document.insert(inputs, in: branch) { store in
            ListPosition(left: store.lastItem(inListOf: branch), right: .none)
        }
    }
}
