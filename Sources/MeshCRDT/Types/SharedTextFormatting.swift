extension SharedText {
    /// Gives attributes to `length` units from an index on; null takes one away.
    ///
    /// What the range has beyond the end of the text is filled up with newlines, as Quill wants it; at the very end of the
    /// text nothing happens. Undefined attributes are left out. Throws ``DocumentError/outOfBounds(index:length:)`` when
    /// `index` is not in `0...length`.
    public func format(at index: Int, length: Int, attributes: AnyFields) throws(DocumentError) {
        guard length != 0 else { return }
        try check(index: index, length: length)
        try checkAttributes(attributes, textByteCount: max(0, index + length - self.length))
        document.mutate { store in
            var cursor = store.textCursor(at: UInt32(index), in: branch)
            guard !cursor.right.isNone else { return }
            store.format(length, attributes: FormatAttributes(attributes), at: &cursor, in: branch)
            store.remember(cursor, in: branch)
        }
    }

    /// Inserts a value that counts as one unit, with exactly the given attributes; a text is inserted as text.
    ///
    /// Throws ``DocumentError/unsupportedValue(_:)`` for undefined, null and big integers.
    public func insertEmbed(
        _ value: AnyValue, at index: Int, attributes: AnyFields? = nil
    ) throws(DocumentError) {
        try check(index: index, length: 0)
        let attributes = attributes ?? AnyFields()
        guard let content = try content(of: value) else { return }
        try checkAttributes(attributes, textByteCount: content.bytes.count)
        document.mutate { store in
            var cursor = store.textCursor(at: UInt32(index), in: branch)
            store.insert(content, attributes: FormatAttributes(attributes), at: &cursor, in: branch)
            store.remember(cursor, in: branch)
        }
    }

    /// Inserts a new type that counts as one unit, with exactly the given attributes, and returns it.
    @discardableResult
    public func insertType(
        _ new: NewType, at index: Int, attributes: AnyFields? = nil
    ) throws(DocumentError) -> SharedType? {
        try check(index: index, length: 0)
        let attributes = attributes ?? AnyFields()
        try checkAttributes(attributes, textByteCount: 0)
        let held = document.transact { _ -> Result<BranchIndex, DocumentError> in
            var cursor = document.mutate { store in store.textCursor(at: UInt32(index), in: branch) }
            do throws(DocumentError) {
                return .success(try insert(new, attributes: FormatAttributes(attributes), at: &cursor))
            } catch {
                return .failure(error)
            }
        }
        return SharedType(try held.get(), in: document)
    }

    // MARK: Steps

    func insertFormatted(_ text: String, at index: Int, attributes: AnyFields?) throws(DocumentError) {
        try check(index: index, length: 0)
        let bytes = Array(text.utf8)
        try checkAttributes(attributes ?? AnyFields(), textByteCount: bytes.count)
        let length = UInt32(UTF16Text.utf16Count(bytes.span.bytes))
        document.mutate { store in
            var cursor = store.textCursor(at: UInt32(index), in: branch)
            store.insert(
                NewContent(kind: .string, length: length, bytes: bytes),
                attributes: attributes.map { FormatAttributes($0) } ?? cursor.attributes, at: &cursor,
                in: branch)
            store.remember(cursor, in: branch)
        }
    }

    func deleteFormatted(at index: Int, length: Int) throws(DocumentError) {
        try check(index: index, length: length)
        guard length <= self.length - index else {
            throw .outOfBounds(index: index + length, length: self.length)
        }
        document.mutate { store in
            var cursor = store.textCursor(at: UInt32(index), in: branch)
            store.delete(length, at: &cursor)
        }
    }

    /// Writes a new type at a cursor, in a transaction that runs.
    func insert(
        _ new: NewType, attributes: FormatAttributes, at cursor: inout TextCursor
    ) throws(DocumentError) -> BranchIndex {
        var place = cursor
        var negated = FormatAttributes()
        let held = try document.insert(new, in: branch) { store in
            negated = store.beginInsertion(with: attributes, at: &place, in: branch)
            return ListPosition(left: place.left, right: place.right)
        }
        cursor = place
        document.mutate { store in
            let item = store.branches[held].item
            store.endInsertion(of: item, negated: negated, at: &cursor, in: branch)
        }
        return held
    }

    /// The content of a value that is inserted; nil for an empty text.
    func content(of value: AnyValue) throws(DocumentError) -> NewContent? {
        switch value {
        case .undefined: throw .unsupportedValue("undefined")
        case .null: throw .unsupportedValue("null")
        case .bigInt: throw .unsupportedValue("a big integer")
        case .string(let text):
            let bytes = Array(text.utf8)
            guard !bytes.isEmpty else { return nil }
            return NewContent(
                kind: .string, length: UInt32(UTF16Text.utf16Count(bytes.span.bytes)), bytes: bytes)
        case .bool, .number, .binary, .array, .object:
            guard value.isAtMost(document.limits.valueDepth) else {
                throw .limitExceeded(.valueDepth, limit: document.limits.valueDepth)
            }
            var bytes: [UInt8] = []
            AnyCodec.append(value, to: &bytes)
            return NewContent(kind: .embed, length: 1, bytes: bytes)
        }
    }

    func check(index: Int, length: Int) throws(DocumentError) {
        try checkWritable()
        guard index >= 0, index <= self.length, length >= 0, length <= Int(UInt32.max) else {
            throw .outOfBounds(index: index, length: self.length)
        }
    }

    /// Throws when text of so many bytes with such attributes may find no room, or when an attribute cannot be sent.
    func checkAttributes(_ attributes: AnyFields, textByteCount: Int) throws(DocumentError) {
        var byteCount = textByteCount
        for (key, value) in attributes {
            try document.limits.checkName(key)
            guard value.isAtMost(document.limits.valueDepth) else {
                throw .limitExceeded(.valueDepth, limit: document.limits.valueDepth)
            }
            var bytes: [UInt8] = []
            AnyCodec.append(value, to: &bytes)
            byteCount += key.utf8.count + 8 + bytes.count
        }
        try document.store.checkRoom(
            units: textByteCount + 2 * attributes.count + Self.markerReserve, byteCount: byteCount)
    }

    /// Clocks kept free for markers that end the attributes in force at a place.
    private static var markerReserve: Int { 1024 }
}
