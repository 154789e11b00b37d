/// The documents nested in another one.
///
/// A nested document is a value of a list or a map: the parent knows its name and options only, its content travels by its
/// own updates. One that an update brought is made when somebody first looks at it, under the parent's client id; it should
/// be loaded when the application calls ``load()`` or when it loads automatically. One that came and went in one transaction
/// is not told of; Yjs still says that it is to be loaded. Source: Yjs 13.6, `Doc` and `ContentDoc`.
extension Document {
    /// The documents that are part of this one now, in the order in which they came.
    public var subdocuments: [Document] {
        nested.items.map { item in subdocument(at: item) }
    }

    /// The names of ``subdocuments``.
    public var subdocumentGUIDs: [String] { subdocuments.map(\.guid) }

    /// The document that this one is a part of, or nil.
    public var parent: Document? { parentDocument }

    /// Asks for the content of this document: the parent tells its listeners that it is to be loaded.
    ///
    /// Does nothing when it was asked for before.
    public func load() {
        guard !shouldLoad else { return }
        if let parentDocument, !parentItem.isNone {
            parentDocument.transact { transaction in
                parentDocument.nested.want(self, in: transaction)
            }
        }
        shouldLoad = true
        listeners.load.send(self)
    }

    /// Ends the document and all that are part of it, and takes its listeners away.
    ///
    /// In the parent a fresh document that is not loaded takes its place; the parent's listeners are told of both.
    public func destroy() {
        isDestroyed = true
        for item in nested.items { store.documents[item]?.destroy() }
        if let parent = parentDocument {
            let item = parentItem
            parentDocument = nil
            parentItem = .none
            parent.replace(self, at: item)
        }
        listeners.destroy.send(self)
        listeners = DocumentListeners()
    }

    /// Tells of nested documents that a transaction added, removed or asked for.
    func sendSubdocuments(of transaction: Transaction) {
        let (wanted, replaced) = nested.takeNotes(of: transaction)
        let added = transaction.state.addedDocuments.filter { item in isAdded(item, by: transaction) }
        let removed = transaction.state.removedDocuments
        guard !added.isEmpty || !removed.isEmpty || !wanted.isEmpty else { return }
        for item in added { nested.add(item) }
        for document in added.compactMap({ item in store.documents[item] }) { introduce(document) }
        let places = Set(added)
        for removal in removed where !places.contains(removal.item) && isGone(removal) {
            nested.remove(removal.item)
            store.documents[removal.item] = nil
        }
        let gone = removed.compactMap(\.document)
        if !listeners.subdocuments.isEmpty {
            let came = documents(in: added, replaced: replaced)
            var loaded = came.filter(\.shouldLoad)
            for document in wanted where !loaded.contains(where: { $0 === document }) {
                loaded.append(document)
            }
            listeners.subdocuments.send(SubdocumentsEvent(added: came, removed: gone, loaded: loaded))
        }
        for document in gone { document.destroy() }
    }

    /// The document that an item holds, made when it is first asked for.
    func subdocument(at item: ItemIndex) -> Document {
        if let known = store.documents[item] { return known }
        let document = freshDocument(at: item)
        store.documents[item] = document
        document.parentDocument = self
        document.parentItem = item
        introduce(document)
        return document
    }

    // MARK: Insertion

    /// Whether a document may become a part of this one.
    func canHold(_ document: Document) -> Bool {
        guard document.parentDocument == nil else { return false }
        var ancestor: Document? = self
        while let current = ancestor {
            if current === document { return false }
            ancestor = current.parentDocument
        }
        return true
    }

    /// Notes that a new item holds a document of the application.
    func adopt(_ document: Document, at item: ItemIndex) {
        store.documents[item] = document
        document.parentDocument = self
        document.parentItem = item
    }

    /// An empty document of the same name and options.
    ///
    /// Source: Yjs 13.6, `ContentDoc.copy`.
    func copy() -> Document {
        var options = DocumentOptions()
        options.guid = guid
        options.collectsGarbage = collectsGarbage
        options.autoLoad = autoLoad
        options.metadata = metadata
        options.shouldLoad = autoLoad
        options.limits = limits
        options.nextClientID = nextClientID
        return Document(clientID: clientID, options: options)
    }

    /// The content of the item that holds the document: its name and those options that are not as usual.
    var contentBytes: [UInt8] {
        var options = AnyFields()
        if !collectsGarbage { options["gc"] = .bool(false) }
        if autoLoad { options["autoLoad"] = .bool(true) }
        if metadata != .null { options["meta"] = metadata }
        var bytes: [UInt8] = []
        bytes.appendVarString(guid)
        AnyCodec.append(.object(options), to: &bytes)
        return bytes
    }

    // MARK: Parts

    /// A nested document that was made here writes under its parent's client id and lies in its collection.
    private func introduce(_ document: Document) {
        document.clientID = clientID
        if document.collectionID == nil { document.collectionID = collectionID }
    }

    /// The documents that came with a transaction; one that was replaced at once by another is told of before that one.
    private func documents(
        in added: [ItemIndex], replaced: [(item: ItemIndex, document: Document)]
    ) -> [Document] {
        guard !replaced.isEmpty else { return added.map { item in subdocument(at: item) } }
        var replaced = replaced
        return added.enumerated().map { place, item in
            if added[(place + 1)...].contains(item),
                let number = replaced.firstIndex(where: { $0.item == item })
            {
                return replaced.remove(at: number).document
            }
            return subdocument(at: item)
        }
    }

    /// Whether an item still holds its document, and the transaction did not take it away again.
    private func isAdded(_ index: ItemIndex, by transaction: Transaction) -> Bool {
        let item = store.items[index]
        guard item.kind == .document else { return false }
        return !item.isDeleted || !transaction.deletes(item)
    }

    /// Whether nothing else has taken the place of a removed document.
    private func isGone(_ removal: RemovedDocument) -> Bool {
        guard let current = store.documents[removal.item] else { return true }
        return current === removal.document
    }

    /// Puts a fresh document in the place of one that was destroyed.
    private func replace(_ document: Document, at item: ItemIndex) {
        let isHeld = store.documents[item] === document && !store.items[item].isDeleted
        let fresh = isHeld ? freshDocument(at: item) : nil
        if let fresh {
            fresh.shouldLoad = false
            adopt(fresh, at: item)
        }
        transact { transaction in
            if store.transaction.addedDocuments.contains(item) {
                nested.note(document, replacedAt: item, in: transaction)
            }
            if isHeld { store.transaction.addedDocuments.append(item) }
            store.transaction.removedDocuments.append(RemovedDocument(item: item, document: document))
        }
    }

    /// A new document with the name and the options that an item's content gives.
    private func freshDocument(at index: ItemIndex) -> Document {
        let item = store.items[index]
        let start = Int(item.contentOffset)
        var reader = ByteReader(store.content.bytes, range: start..<start + Int(item.contentByteCount))
        var options = DocumentOptions()
        // The bytes were checked when they came in.
        if let name = try? reader.varBytes() { options.guid = reader.string(name) }
        if case .object(let fields)? = try? AnyCodec.decode(&reader, depthLimit: .max) {
            options.collectsGarbage = fields["gc"].map(\.isTruthy) ?? true
            options.autoLoad = fields["autoLoad"]?.isTruthy ?? false
            options.metadata = fields["meta"] ?? .null
        }
        options.shouldLoad = options.autoLoad
        options.limits = limits
        options.nextClientID = nextClientID
        return Document(clientID: clientID, options: options)
    }
}

/// Which documents are nested in a document, and which of them somebody asked for.
struct NestedDocuments {
    private var numbers: [ItemIndex: Int] = [:]
    private var nextNumber = 0
    private var wanted: [(transaction: ObjectIdentifier, document: Document)] = []
    private var replaced: [(transaction: ObjectIdentifier, item: ItemIndex, document: Document)] = []

    /// The items that hold them, in the order in which they came.
    var items: [ItemIndex] {
        numbers.sorted { left, right in left.value < right.value }.map(\.key)
    }

    mutating func add(_ item: ItemIndex) {
        numbers[item] = nextNumber
        nextNumber += 1
    }

    mutating func remove(_ item: ItemIndex) {
        numbers[item] = nil
    }

    mutating func want(_ document: Document, in transaction: Transaction) {
        wanted.append((ObjectIdentifier(transaction), document))
    }

    /// Notes that a document was replaced in the transaction in which it came.
    mutating func note(_ document: Document, replacedAt item: ItemIndex, in transaction: Transaction) {
        replaced.append((ObjectIdentifier(transaction), item, document))
    }

    mutating func takeNotes(
        of transaction: Transaction
    ) -> (wanted: [Document], replaced: [(item: ItemIndex, document: Document)]) {
        guard !wanted.isEmpty || !replaced.isEmpty else { return ([], []) }
        let number = ObjectIdentifier(transaction)
        defer {
            wanted.removeAll { $0.transaction == number }
            replaced.removeAll { $0.transaction == number }
        }
        return (
            wanted.filter { $0.transaction == number }.map(\.document),
            replaced.filter { $0.transaction == number }.map { ($0.item, $0.document) }
        )
    }
}
