extension SharedText {
    /// Inserts text at an index, with the formatting of what is left of it or with the given attributes.
    ///
    /// Throws ``DocumentError/outOfBounds(index:length:)`` when `index` is not in `0...length`.
    public func insert(_ text: String, at index: Int, attributes: AnyFields? = nil) throws(DocumentError) {
        try checkWritable()
        guard index >= 0, index <= length else { throw .outOfBounds(index: index, length: length) }
        guard !text.utf8.isEmpty else { return }
        guard attributes == nil, !node.hasFormatting else {
            return try insertFormatted(text, at: index, attributes: attributes)
        }
        let mayGrow = document.observers.isEmpty
        let bytes = text.utf8.span.bytes
        let count = UTF16Text.utf16Count(bytes)
        try document.store.checkRoom(units: count, byteCount: bytes.byteCount)
        document.mutate { store in
            store.insertText(
                bytes, utf16Count: UInt32(count), at: UInt32(index), in: branch, mayGrow: mayGrow)
        }
    }

    /// Deletes `length` units from an index on.
    ///
    /// Throws ``DocumentError/outOfBounds(index:length:)`` when the range does not lie in the text.
    public func delete(at index: Int, length: Int) throws(DocumentError) {
        try checkWritable()
        guard index >= 0, length >= 0, length <= self.length - index else {
            throw .outOfBounds(index: index + max(0, length), length: self.length)
        }
        guard length > 0 else { return }
        guard !node.hasFormatting else { return try deleteFormatted(at: index, length: length) }
        document.mutate { store in
            store.deleteUnits(at: UInt32(index), length: UInt32(length), in: branch)
        }
    }
}
