extension Store {
    /// Everything that a document of state `since` lacks, with what waits here for other updates.
    mutating func encodeState(_ format: UpdateFormat, since: StateVector) -> [UInt8] {
        let state = encode(format, deletions: deleteSet()) { store in
            store.clients.descending().compactMap { client in
                let known = since[store.clients[client].id]
                return store.clients[client].nextClock > known ? (client, known) : nil
            }
        }
        guard !pending.isEmpty else { return state }
        return mergePending(into: state, format, since: since)
    }

    /// The update of ``transaction`` with what others wrote since, or nil when it did nothing.
    mutating func encodeTransaction(
        _ format: UpdateFormat, with later: [TransactionState.Writer] = []
    ) -> [UInt8]? {
        guard !transaction.isEmpty else { return nil }
        var builder = DeleteSetBuilder()
        for index in transaction.deletions.indices {
            let range = transaction.deletions[index]
            builder.append(
                IDRange(client: clients[range.client].id, clock: range.clock, length: range.length))
        }
        var writers: [(ClientIndex, Clock)] = []
        for index in transaction.writers.indices {
            writers.append((transaction.writers[index].client, transaction.writers[index].clockBefore))
        }
        for writer in later { writers.append((writer.client, writer.clockBefore)) }
        if writers.count > 1 { writers.sort { clients[$0.0].id > clients[$1.0].id } }
        return encode(format, deletions: builder.build()) { _ in writers }
    }

    /// Writes the structs of some clients, each from a clock on.
    private mutating func encode(
        _ format: UpdateFormat, deletions: DeleteSet, _ starts: (borrowing Store) -> [(ClientIndex, Clock)]
    ) -> [UInt8] {
        let starts = starts(self)
        switch format {
        case .v1:
            var writer = writers.v1.take() ?? UpdateWriterV1()
            for (client, clock) in starts {
                write(client, from: clock, tail: tailOffset(of: client, from: clock), into: &writer)
            }
            let update = writer.finish(deletions)
            writers.v1 = writer
            return update
        case .v2:
            var writer = writers.v2.take() ?? UpdateWriterV2()
            for (client, clock) in starts {
                write(client, from: clock, tail: tailOffset(of: client, from: clock), into: &writer)
            }
            let update = writer.finish(deletions)
            writers.v2 = writer
            return update
        }
    }

    /// Where the content of a client's first struct starts when an update leaves out what is before `clock`.
    private mutating func tailOffset(of client: ClientIndex, from clock: Clock) -> Int? {
        let first = clients[client].structs[clients[client].structs.position(of: clock)]
        guard clock > first.clock else { return nil }
        return tailOffset(of: clock - first.clock, in: items[first.item])
    }

    private func write(
        _ client: ClientIndex, from clock: Clock, tail: Int?, into writer: inout some UpdateWriting
    ) {
        let structs = clients[client].structs
        let start = structs.position(of: clock)
        let first = structs[start]
        let id = clients[client].id
        writer.beginClient(id, clock: max(clock, first.clock), structCount: structs.count(from: start))
        var offset = clock > first.clock ? clock - first.clock : 0
        var tail = tail
        let (contents, names) = (content.bytes, keys.bytes)
        structs.forEach(from: start) { entry in
            write(
                items[entry.item], of: id, offset: offset, tail: tail, contents: contents, names: names,
                into: &writer)
            offset = 0
            tail = nil
        }
    }

    @inline(__always)
    private func write(
        _ item: Item, of client: ClientID, offset: UInt32, tail: Int?, contents: [UInt8], names: [UInt8],
        into writer: inout some UpdateWriting
    ) {
        var offset = offset
        var wire = WireStruct()
        wire.client = client
        wire.clock = item.clock
        wire.length = item.length
        wire.kind = item.kind
        if item.kind != .gc {
            if !item.originClient.isNone {
                let other = item.originClient == item.client ? client : clients[item.originClient].id
                wire.origin = ID(client: other, clock: item.originClock)
            }
            if !item.rightOriginClient.isNone {
                let other =
                    item.rightOriginClient == item.client ? client : clients[item.rightOriginClient].id
                wire.rightOrigin = ID(client: other, clock: item.rightOriginClock)
            }
            if item.isInMap { wire.key = name(entries[EntryIndex(raw: item.place)].key) }
            if item.originClient.isNone, item.rightOriginClient.isNone {
                wire.parent = wireParent(item.parent)
            }
            let start = Int(item.contentOffset)
            let end = start + Int(item.contentByteCount)
            wire.content = WireBytes((tail ?? start)..<end)
            if tail != nil {
                wire.clock += offset
                wire.length -= offset
                wire.origin = ID(client: client, clock: wire.clock - 1)
                offset = 0
            }
        }
        if item.kind == .type {
            let branch = branches[BranchIndex(raw: item.contentOffset)]
            let name = branch.name.isNone ? WireBytes() : name(branch.name)
            writer.writeType(wire, kind: branch.kind, name: name, input: contents, scratch: names)
        } else {
            writer.write(wire, offset: offset, input: contents, scratch: names)
        }
    }

    private func name(_ key: KeyIndex) -> WireBytes {
        WireBytes(keys.range(of: key), isScratch: true)
    }

    private func wireParent(_ branch: BranchIndex) -> WireParent {
        let holder = branches[branch].item
        return holder.isNone ? .root(name(branches[branch].name)) : .item(id(of: holder))
    }

    // MARK: Deletions

    /// All deleted units.
    func deleteSet() -> DeleteSet {
        var builder = DeleteSetBuilder()
        for client in clients.descending() {
            let structs = clients[client].structs
            let id = clients[client].id
            structs.forEach(from: structs.first) { entry in
                guard items[entry.item].isDeleted else { return }
                builder.append(IDRange(client: id, clock: entry.clock, length: items[entry.item].length))
            }
        }
        return builder.build()
    }

    // MARK: What waits

    /// Staged structs of one client as an update of the first format.
    func encodeFragment(_ structs: ContiguousArray<StagedStruct>.SubSequence) -> [UInt8] {
        var writer = UpdateWriterV1()
        guard let first = structs.first else { return writer.finish(DeleteSet()) }
        writer.beginClient(first.client, clock: first.clock, structCount: structs.count)
        for staged in structs {
            var wire = WireStruct()
            wire.client = staged.client
            wire.clock = staged.clock
            wire.length = staged.length
            wire.kind = staged.kind
            wire.origin = staged.origin
            wire.rightOrigin = staged.rightOrigin
            switch staged.parent {
            case .inherited: break
            case .root(let name): wire.parent = .root(self.name(name))
            case .item(let id): wire.parent = .item(id)
            }
            if !staged.key.isNone { wire.key = name(staged.key) }
            let start = Int(staged.contentOffset)
            wire.content = WireBytes(start..<start + Int(staged.contentByteCount))
            writer.write(wire, input: content.bytes, scratch: keys.bytes)
        }
        return writer.finish(DeleteSet())
    }

    /// Adds the waiting structs and deletions to an update of the state, as Yjs does.
    private func mergePending(into state: [UInt8], _ format: UpdateFormat, since: StateVector) -> [UInt8] {
        var updates = [state]
        var deletions = UpdateWriterV1()
        var waiting = pending.updates
        waiting.append(deletions.finish(pending.deletions))
        do throws(UpdateError) {
            for update in waiting {
                let missing = try Updates.diff(update, since: since)
                updates.append(try Updates.convert(missing, from: .v1, to: format))
            }
            return try Updates.merge(updates, format: format)
        } catch {
            // What waits was written here; should it not be readable, the state is still whole.
            return state
        }
    }
}

/// Writers that keep their memory from update to update.
struct Writers {
    var v1: UpdateWriterV1?
    var v2: UpdateWriterV2?
}
