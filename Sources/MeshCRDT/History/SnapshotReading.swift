/// Why a document cannot be shown as a snapshot has it.
public enum SnapshotError: Error, Hashable, Sendable {
    /// The document drops the content of what is deleted; ``Document/collectsGarbage`` must be off from the start.
    case collectsGarbage
    /// The snapshot knows more of a client than the document does.
    case missingUnits(client: ClientID, known: Clock, wanted: Clock)
    /// The new document's limits refuse the content.
    case refused(UpdateError)
}

extension SnapshotError: CustomStringConvertible {
    /// A sentence for people.
    public var description: String {
        switch self {
        case .collectsGarbage:
            "a document that collects garbage cannot be shown as it was; turn collection off when it is created"
        case .missingUnits(let client, let known, let wanted):
            "the snapshot knows client \(client) up to clock \(wanted), the document only up to \(known)"
        case .refused(let error):
            "the content of the snapshot is refused: \(error)"
        }
    }
}

extension Document {
    /// Creates a document with the content that `source` had at a snapshot.
    ///
    /// `source` must not collect garbage. Source: Yjs 13.6 `createDocFromSnapshot`.
    public convenience init(
        restoring snapshot: Snapshot, from source: Document, clientID: ClientID,
        options: DocumentOptions = DocumentOptions()
    ) throws(SnapshotError) {
        guard !source.collectsGarbage else { throw .collectsGarbage }
        for entry in snapshot.stateVector.entries {
            let known = source.store.clients.state(of: entry.client)
            guard entry.clock <= known else {
                throw .missingUnits(client: entry.client, known: known, wanted: entry.clock)
            }
        }
        self.init(clientID: clientID, options: options)
        do {
            let update = try source.mutate { store throws(UpdateError) in try store.encode(snapshot) }
            try apply(update, origin: "snapshot")
        } catch {
            throw .refused(error)
        }
    }
}

extension Store {
    /// An update with all that a snapshot knows; splits runs, so call it in a transaction.
    fileprivate mutating func encode(_ snapshot: Snapshot) throws(UpdateError) -> [UInt8] {
        split(at: Snapshot(stateVector: snapshot.stateVector))
        var limits = DocumentLimits()
        limits.updateByteCount = .max
        limits.structCount = .max
        limits.clientCount = .max
        limits.valueDepth = .max
        limits.nameByteCount = .max
        var reader = try UpdateReaderV1(encodeState(.v1, since: StateVector()), limits: limits)
        var output = UpdateTranscoder<UpdateWriterV1>()
        var wire = WireStruct()
        while try reader.next(&wire) {
            guard wire.end <= snapshot.stateVector[wire.client] else { continue }
            output.write(wire, input: reader.input, scratch: reader.scratch)
        }
        return output.finish(snapshot.deleteSet)
    }
}

extension ListType {
    /// The elements that the list had at a snapshot, in time linear in its length with what was deleted.
    ///
    /// What was collected since is left out. Source: Yjs 13.6 `typeListToArraySnapshot`, which does not look into runs.
    public func values(at snapshot: Snapshot) -> [SharedValue] {
        let handle = type.handle
        let document = handle.document
        var values: [SharedValue] = []
        var index = handle.node.start
        while !index.isNone {
            let item = document.store.items[index]
            if item.kind.isCountable { document.appendValues(of: index, at: snapshot, to: &values) }
            index = item.right
        }
        return values
    }
}

extension SharedText {
    /// The text at a snapshot without formatting and embedded values, in time linear in its length with what was deleted.
    ///
    /// What was collected since is left out.
    public func string(at snapshot: Snapshot) -> String {
        var bytes: [UInt8] = []
        var index = node.start
        while !index.isNone {
            let item = document.store.items[index]
            if item.kind == .string { document.store.appendText(of: index, at: snapshot, to: &bytes) }
            index = item.right
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension Store {
    /// Appends the UTF-8 of what a snapshot shows of a run of text.
    fileprivate func appendText(of index: ItemIndex, at snapshot: Snapshot, to bytes: inout [UInt8]) {
        let item = items[index]
        let id = id(of: index)
        let all = Int(item.contentOffset)..<Int(item.contentOffset) + Int(item.contentByteCount)
        for range in snapshot.visible(IDRange(client: id.client, clock: id.clock, length: item.length)) {
            let first = Int(range.clock - id.clock)
            let start = UTF16Text.byteOffset(in: content.bytes, all, ofUTF16: first).offset
            let rest = start..<all.upperBound
            let end =
                range.end == item.end
                ? rest.upperBound
                : UTF16Text.byteOffset(in: content.bytes, rest, ofUTF16: Int(range.length)).offset
            bytes.append(contentsOf: content.bytes[start..<end])
        }
    }
}

extension MapType {
    /// The value that a key had at a snapshot, or nil.
    ///
    /// Source: Yjs 13.6 `typeMapGetSnapshot`.
    public func value(of key: String, at snapshot: Snapshot) -> SharedValue? {
        let handle = type.handle
        let key = handle.document.store.keys.find(key)
        guard !key.isNone else { return nil }
        return handle.document.value(
            of: handle.document.store.value(of: key, in: handle.branch), at: snapshot)
    }

    /// The keys and values that the map had at a snapshot, in the order in which this replica first saw the keys.
    ///
    /// Source: Yjs 13.6 `typeMapGetAllSnapshot`.
    public func entries(at snapshot: Snapshot) -> [(key: String, value: SharedValue)] {
        let handle = type.handle
        let document = handle.document
        var found: [(key: String, value: SharedValue)] = []
        var entry = handle.node.firstEntry
        while !entry.isNone {
            let node = document.store.entries[entry]
            if let value = document.value(of: node.last, at: snapshot) {
                found.append((document.store.keys.string(node.key), value))
            }
            entry = node.next
        }
        return found
    }
}

extension Document {
    /// Appends those values of an item that a snapshot shows.
    fileprivate func appendValues(of index: ItemIndex, at snapshot: Snapshot, to values: inout [SharedValue])
    {
        let item = store.items[index]
        let id = store.id(of: index)
        let shown = snapshot.visible(IDRange(client: id.client, clock: id.clock, length: item.length))
        guard !shown.isEmpty else { return }
        var all: [SharedValue] = []
        appendValues(of: index, to: &all)
        guard all.count == Int(item.length) else { return }
        for range in shown {
            values.append(contentsOf: all[Int(range.clock - id.clock)..<Int(range.end - id.clock)])
        }
    }

    /// The value of a key at a snapshot, where `newest` is its value now.
    fileprivate func value(of newest: ItemIndex, at snapshot: Snapshot) -> SharedValue? {
        var index = newest
        while !index.isNone {
            let id = store.id(of: index)
            // Runs of several values come from updates only; the last one that was there counts.
            let known = min(snapshot.stateVector[id.client], store.items[index].end)
            if known > id.clock {
                guard snapshot.shows(ID(client: id.client, clock: known - 1)) else { return nil }
                return value(of: index, unit: known - 1 - id.clock)
            }
            index = store.items[index].left
        }
        return nil
    }
}
