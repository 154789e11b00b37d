extension Document {
    /// The first change of an update that was made by somebody below a floor, or nil when the update may be applied.
    ///
    /// Only what the document does not have yet is looked at. Such a change names a pruned unit, or sets a key as if nobody
    /// had set it before; applied, it would come to another place here than elsewhere. Whoever sent it has to start over
    /// from the whole state (``SyncFloor/Verdict/reset``).
    public func staleChange(
        in update: [UInt8], format: UpdateFormat = .v1, floor: SyncFloor
    ) throws(UpdateError) -> ID? {
        switch format {
        case .v1:
            var reader = try UpdateReaderV1(update, limits: limits)
            return try staleChange(&reader, floor)
        case .v2:
            var reader = try UpdateReaderV2(update, limits: limits)
            return try staleChange(&reader, floor)
        }
    }

    private func staleChange<Reader: UpdateReading>(
        _ reader: inout Reader, _ floor: SyncFloor
    ) throws(UpdateError) -> ID? {
        var wire = WireStruct()
        var found: ID?
        while try reader.next(&wire) {
            guard found == nil, wire.clock >= store.clients.state(of: wire.client) else { continue }
            let namesPruned =
                wire.origin.map(floor.pruned.contains) ?? false
                || wire.rightOrigin.map(floor.pruned.contains) ?? false
            if namesPruned || setsKnownKeyAnew(wire, reader, floor) { found = wire.id }
        }
        try reader.validateRest()
        return found
    }

    /// Whether a struct was written without knowing of a value that everybody above the floor knows.
    private func setsKnownKeyAnew(
        _ wire: WireStruct, _ reader: borrowing some UpdateReading, _ floor: SyncFloor
    ) -> Bool {
        guard wire.origin == nil, wire.rightOrigin == nil, let key = wire.key else { return false }
        let branch: BranchIndex
        switch wire.parent {
        case .inherited: return false
        case .root(let name): branch = store.roots[find(name, reader)] ?? .none
        case .item(let id):
            let holder = store.item(containing: id)
            guard !holder.isNone, store.items[holder].kind == .type else { return false }
            branch = BranchIndex(raw: store.items[holder].contentOffset)
        }
        guard !branch.isNone else { return false }
        var index = store.value(of: find(key, reader), in: branch)
        while !index.isNone {
            let id = store.id(of: index)
            if id.clock < floor.stateVector[id.client] { return true }
            index = store.items[index].left
        }
        return false
    }

    private func find(_ name: WireBytes, _ reader: borrowing some UpdateReading) -> KeyIndex {
        let bytes = name.isScratch ? reader.scratch : reader.input
        return bytes.withUnsafeBytes { store.keys.find(UnsafeRawBufferPointer(rebasing: $0[name.range])) }
    }
}
