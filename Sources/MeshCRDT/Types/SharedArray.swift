/// A list of values, types and documents that many can change at once.
///
/// Source: Yjs 13.6 `Y.Array`.
public struct SharedArray: TypeHandle, ListType, Equatable {
    /// The document that the list is in.
    public let document: Document
    let branch: BranchIndex

    /// The type, told by its kind.
    public var type: SharedType { .array(self) }

    /// Inserts elements at an index.
    ///
    /// Plain values side by side are stored as one run. Throws ``DocumentError/outOfBounds(index:length:)`` when `index` is
    /// not in `0...count`, ``DocumentError/unsupportedValue(_:)`` for undefined and big integers.
    public func insert(_ values: [SharedInput], at index: Int) throws(DocumentError) {
        try insertElements(values, at: index)
    }

    /// Adds elements behind the last one.
    public func append(_ values: [SharedInput]) throws(DocumentError) {
        try appendElements(values)
    }

    /// Adds elements before the first one.
    public func prepend(_ values: [SharedInput]) throws(DocumentError) {
        try insertElements(values, at: 0)
    }

    /// Deletes all elements.
    public func removeAll() throws(DocumentError) {
        try delete(at: 0, length: count)
    }

    /// Whether both are the same list of the same document.
    public static func == (left: SharedArray, right: SharedArray) -> Bool {
        left.document === right.document && left.branch == right.branch
    }
}

extension SharedArray: Sequence {
    /// Goes over the elements by index, so that changes on the way are seen.
    public struct Iterator: IteratorProtocol {
        let array: SharedArray
        var index = 0

        /// The next element, or nil at the end.
        public mutating func next() -> SharedValue? {
            defer { index += 1 }
            return array.get(index)
        }
    }

    /// The number of elements, which a walk over them would only count again.
    public var underestimatedCount: Int { count }

    /// Starts a walk over the elements.
    public func makeIterator() -> Iterator {
        Iterator(array: self)
    }
}
