extension Document {
    /// What a transaction changed of a text, as a delta from the old text to the new one.
    ///
    /// Must be asked for while the transaction's observers are called. Linear in the length of the text with what was deleted.
    /// As in Yjs, markers that turn out to be redundant are deleted, which becomes a transaction of its own. Source: Yjs 13.6
    /// `YTextEvent.delta`.
    func textDelta(of branch: BranchIndex, in transaction: Transaction) -> [TextDelta] {
        transact { _ in
            var reader = TextEventReader(self, transaction)
            var item = store.branches[branch].start
            while !item.isNone {
                reader.read(item)
                item = store.items[item].right
            }
            return reader.finish()
        }
    }
}

/// Walks over the items of a text after a transaction, and tells what it inserted, deleted and formatted.
private struct TextEventReader {
    private enum Action {
        case none
        case insert([UInt8])
        case retain(Int)
        case delete(Int)
    }

    private let document: Document
    private let transaction: Transaction
    private let writers: WriterClocks
    private var delta: [TextDelta] = []
    private var action = Action.none
    /// The attributes in force now, and those before the transaction.
    private var current = FormatAttributes()
    private var old = FormatAttributes()
    /// How the attributes of what is retained changed.
    private var changed = FormatAttributes()

    init(_ document: Document, _ transaction: Transaction) {
        self.document = document
        self.transaction = transaction
        writers = WriterClocks(transaction.state)
    }

    mutating func read(_ index: ItemIndex) {
        let item = document.store.items[index]
        let isNew = writers.adds(item)
        switch item.kind {
        case .string, .embed, .type:
            guard isNew else {
                if transaction.deletes(item) {
                    delete(Int(item.length))
                } else if !item.isDeleted {
                    retain(Int(item.length))
                }
                return
            }
            if !transaction.deletes(item) { insert(index) }
        case .format:
            readMarker(index, isNew: isNew, isRemoved: transaction.deletes(item))
        case .gc, .deleted, .json, .binary, .any, .document, .skip:
            break
        }
    }

    /// The steps without those at the end that change nothing.
    mutating func finish() -> [TextDelta] {
        flush()
        while case .retain(_, attributes: nil)? = delta.last { delta.removeLast() }
        return delta
    }

    // MARK: Content

    private mutating func insert(_ index: ItemIndex) {
        let item = document.store.items[index]
        guard item.kind != .string else {
            let start = Int(item.contentOffset)
            let bytes = document.store.content.bytes[start..<start + Int(item.contentByteCount)]
            guard case .insert(var text) = action else {
                flush()
                action = .insert(Array(bytes))
                return
            }
            // Taken out, so that the text grows in place.
            action = .none
            text += bytes
            action = .insert(text)
            return
        }
        flush()
        guard let insert = document.deltaInsert(of: index) else { return }
        switch insert {
        case .embed(.bool), .embed(.number), .embed(.bigInt), .embed(.undefined):
            // Yjs leaves out what is neither a text nor an object.
            break
        case .embed(.string(let text)):
            if !text.isEmpty { delta.append(.insert(.text(text), attributes: fields(current))) }
        case .text, .embed, .type:
            delta.append(.insert(insert, attributes: fields(current)))
        }
    }

    private mutating func delete(_ count: Int) {
        if case .delete(let before) = action {
            action = .delete(before + count)
        } else {
            flush()
            action = .delete(count)
        }
    }

    private mutating func retain(_ count: Int) {
        if case .retain(let before) = action {
            action = .retain(before + count)
        } else {
            flush()
            action = .retain(count)
        }
    }

    private mutating func flush() {
        switch action {
        case .none: break
        case .insert(let text):
            delta.append(.insert(.text(String(decoding: text, as: UTF8.self)), attributes: fields(current)))
        case .retain(let count): delta.append(.retain(count, attributes: fields(changed)))
        case .delete(let count): delta.append(.delete(count))
        }
        action = .none
    }

    private mutating func flushRetained() {
        if case .retain = action { flush() }
    }

    private func fields(_ attributes: FormatAttributes) -> AnyFields? {
        attributes.isEmpty ? nil : attributes.fields
    }

    // MARK: Markers

    private mutating func readMarker(_ index: ItemIndex, isNew: Bool, isRemoved: Bool) {
        let (key, value) = document.store.format(of: index)
        if isNew {
            if !isRemoved { readNew(index, key, value) }
        } else if isRemoved {
            old[key] = value
            let now = current[key] ?? .null
            if !now.isEqual(to: value) {
                flushRetained()
                changed[key] = now
            }
        } else if !document.store.items[index].isDeleted {
            readKept(index, key, value)
        }
        guard !document.store.items[index].isDeleted else { return }
        if case .insert = action { flush() }
        current.update(key, value)
    }

    private mutating func readNew(_ index: ItemIndex, _ key: String, _ value: FormatValue) {
        if !(current[key] ?? .null).isEqual(to: value) {
            flushRetained()
            changed[key] = value.isEqual(to: old[key] ?? .null) ? nil : value
        } else if !value.isNull {
            document.mutate { store in store.delete(index) }
        }
    }

    private mutating func readKept(_ index: ItemIndex, _ key: String, _ value: FormatValue) {
        old[key] = value
        guard let change = changed[key] else { return }
        if !change.isEqual(to: value) {
            flushRetained()
            changed[key] = value.isNull ? nil : value
        } else if !change.isNull {
            document.mutate { store in store.delete(index) }
        }
    }
}
