/// What a pruned or compacted document demands of those who want to sync with it; kept and sent beside the document.
///
/// The rules are in `Specs/crdt-pruning.md`.
public struct SyncFloor: Hashable, Sendable {
    /// How often the document was started anew by ``Document/compacted(as:options:)``.
    public var epoch: UInt64
    /// What a peer has to know to take part, unless it knows nothing.
    public var stateVector: StateVector
    /// The units that were pruned and that no new change may name.
    public var pruned: DeleteSet

    /// Creates the floor of a document that was never pruned.
    public init(epoch: UInt64 = 0, stateVector: StateVector = StateVector(), pruned: DeleteSet = DeleteSet())
    {
        self.epoch = epoch
        self.stateVector = stateVector
        self.pruned = pruned
    }

    /// What a peer can be given.
    public enum Verdict: Hashable, Sendable {
        /// What it lacks, as an update.
        case difference
        /// It is too far behind: it has to drop its copy, take the whole state, and make unsent changes again.
        case reset
    }

    /// What a peer of an epoch and a state can be given.
    public func verdict(epoch: UInt64, stateVector known: StateVector) -> Verdict {
        if known.isEmpty { return .difference }
        guard epoch == self.epoch else { return .reset }
        for entry in stateVector.entries where known[entry.client] < entry.clock { return .reset }
        return .difference
    }

    // MARK: Bytes

    /// The floor as bytes: version 1, epoch, state vector, pruned units.
    public func encoded() -> [UInt8] {
        var out: [UInt8] = [Self.version]
        out.appendVarUint(epoch)
        stateVector.append(to: &out)
        pruned.append(to: &out, format: .v2)
        return out
    }

    /// Decodes a floor.
    public init(decoding bytes: [UInt8], limits: DocumentLimits = DocumentLimits()) throws(UpdateError) {
        try limits.check(.updateByteCount, UInt64(bytes.count), limits.updateByteCount, offset: 0)
        var reader = ByteReader(bytes)
        guard try reader.byte() == Self.version else { throw .malformed(.version, offset: 0) }
        epoch = try reader.varUint()
        stateVector = try StateVector(from: &reader, limits: limits)
        pruned = try DeleteSet(from: &reader, format: .v2, limits: limits)
        guard reader.isAtEnd else { throw .malformed(.trailingBytes, offset: reader.offset) }
    }

    private static var version: UInt8 { 1 }
}
