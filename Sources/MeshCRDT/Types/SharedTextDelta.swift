extension SharedText {
    /// Changes the text from its start on, step by step, in one transaction.
    ///
    /// What is retained or deleted beyond the end of the text is filled up with newlines or ignored. A type is inserted as a
    /// copy of it. Without `sanitize` one newline at the end of the last inserted text is left out where the text ends, because
    /// Quill's texts end with one that Yjs does not store. When a step throws, those before it stay.
    public func applyDelta(_ delta: [TextDelta], sanitize: Bool = true) throws(DocumentError) {
        try checkWritable()
        let failure = document.transact { _ -> DocumentError? in
            var cursor = TextCursor(left: .none, right: node.start)
            do throws(DocumentError) {
                for (number, step) in delta.enumerated() {
                    let isLast = number == delta.count - 1
                    try apply(step, at: &cursor, dropsNewline: !sanitize && isLast)
                }
                return nil
            } catch {
                return error
            }
        }
        if let failure { throw failure }
    }

    /// The text as inserted parts, each with its attributes; linear in the length of the text with what was deleted.
    public func toDelta() -> [TextDelta] {
        var builder = TextDeltaBuilder(document)
        var item = node.start
        while !item.isNone {
            if !document.store.items[item].isDeleted { builder.append(item) }
            item = document.store.items[item].right
        }
        return builder.finish()
    }

    private func apply(
        _ step: TextDelta, at cursor: inout TextCursor, dropsNewline: Bool
    ) throws(DocumentError) {
        switch step {
        case .insert(let insert, let attributes):
            try apply(insert, attributes ?? AnyFields(), at: &cursor, dropsNewline: dropsNewline)
        case .retain(let length, let attributes):
            try check(index: 0, length: length)
            let attributes = attributes ?? AnyFields()
            try checkAttributes(attributes, textByteCount: max(0, length - self.length))
            var moved = cursor
            document.mutate { store in
                var rest = length
                if attributes.isEmpty, length > 0 { rest = store.advance(&moved, by: length, in: branch) }
                if rest > 0 || length == 0 || !attributes.isEmpty {
                    store.format(rest, attributes: FormatAttributes(attributes), at: &moved, in: branch)
                }
            }
            cursor = moved
        case .delete(let length):
            try check(index: 0, length: length)
            var moved = cursor
            document.mutate { store in store.delete(length, at: &moved) }
            cursor = moved
        }
    }

    private func apply(
        _ insert: DeltaInsert, _ attributes: AnyFields, at cursor: inout TextCursor, dropsNewline: Bool
    ) throws(DocumentError) {
        let content: NewContent?
        switch insert {
        case .text(var text):
            if dropsNewline, cursor.right.isNone, text.utf8.last == 0x0a {
                text = String(decoding: text.utf8.dropLast(), as: UTF8.self)
            }
            content = try self.content(of: .string(text))
        case .embed(let value):
            content = try self.content(of: value)
        case .type(let type):
            try checkAttributes(attributes, textByteCount: 0)
            _ = try self.insert(type.clone(), attributes: FormatAttributes(attributes), at: &cursor)
            return
        }
        guard let content else { return }
        try checkAttributes(attributes, textByteCount: content.bytes.count)
        var moved = cursor
        document.mutate { store in
            store.insert(content, attributes: FormatAttributes(attributes), at: &moved, in: branch)
        }
        cursor = moved
    }
}

/// Collects the items of a text into inserted parts.
struct TextDeltaBuilder {
    private let document: Document
    private(set) var attributes = FormatAttributes()
    private var text: [UInt8] = []
    private var delta: [TextDelta] = []

    init(_ document: Document) {
        self.document = document
    }

    /// Takes in a visible item.
    mutating func append(_ index: ItemIndex) {
        let item = document.store.items[index]
        switch item.kind {
        case .string:
            let start = Int(item.contentOffset)
            text += document.store.content.bytes[start..<start + Int(item.contentByteCount)]
        case .format:
            flush()
            let (key, value) = document.store.format(of: index)
            attributes.update(key, value)
        case .embed, .type:
            flush()
            if let insert = document.deltaInsert(of: index) {
                delta.append(.insert(insert, attributes: fields))
            }
        case .gc, .deleted, .json, .binary, .any, .document, .skip:
            break
        }
    }

    /// Sets or takes away an attribute that is no format, from the next text on.
    mutating func set(_ key: String, _ value: AnyValue?) {
        flush()
        attributes[key] = value.map { FormatValue(value: $0, identity: nil) }
    }

    mutating func finish() -> [TextDelta] {
        flush()
        return delta
    }

    private var fields: AnyFields? { attributes.isEmpty ? nil : attributes.fields }

    private mutating func flush() {
        guard !text.isEmpty else { return }
        delta.append(.insert(.text(String(decoding: text, as: UTF8.self)), attributes: fields))
        text.removeAll(keepingCapacity: true)
    }
}

extension Document {
    /// What an embedded value or type is in a delta; nil when its content is gone.
    func deltaInsert(of index: ItemIndex) -> DeltaInsert? {
        switch value(of: index, unit: 0) {
        case .any(let value): .embed(value)
        case .type(let type): .type(type)
        case .binary, .document, nil: nil
        }
    }
}
