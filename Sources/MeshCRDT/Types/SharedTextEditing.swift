extension SharedText {
    /// Inserts text at an index, with the formatting of what is left of it or with the given attributes.
    ///
    /// Throws ``DocumentError/outOfBounds(index:length:)`` when `index` is not in `0...length`.
    public func insert(_ text: String, at index: Int, attributes: AnyFields? = nil) throws(DocumentError) {
        guard !text.utf8.isEmpty else { return }
        guard attributes?.isEmpty != false, !node.hasFormatting else {
            return try insertFormatted(text, at: index, attributes: attributes)
        }
        let mayGrow = document.observers.isEmpty
        let bytes = text.utf8.span.bytes
        try document.mutate { (store: inout Store) throws(DocumentError) in
            try store.insertPlainText(bytes, at: index, in: branch, mayGrow: mayGrow)
        }
    }

    /// Deletes `length` units from an index on.
    ///
    /// Throws ``DocumentError/outOfBounds(index:length:)`` when the range does not lie in the text.
    public func delete(at index: Int, length: Int) throws(DocumentError) {
        guard length != 0 else { return }
        guard !node.hasFormatting else { return try deleteFormatted(at: index, length: length) }
        try document.mutate { (store: inout Store) throws(DocumentError) in
            try store.deletePlainText(at: index, length: length, in: branch)
        }
    }
}
